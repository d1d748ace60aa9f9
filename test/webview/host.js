// Stands in for the extension host: answers the panel from the server that `serve.mjs` runs, which bundles this file.
import { MiningError } from '../../src/core/mining-error.ts';
import { FAST_RCNN_MEASURE } from '../../src/core/measure/measure-config.ts';
import { acquireFor, wanted } from './stand-in.js';

const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const imageOf = async (imageIndex) => {
  const response = await fetch(`/bytes/${imageIndex}`);
  return { bytes: new Uint8Array(await response.arrayBuffer()), row: Number(response.headers.get('x-row')) };
};
const settings = {
  dim: Number(wanted.get('dim') ?? 0.35),
  colourMap: wanted.get('map') ?? 'inferno',
  backgroundBelow: Number(wanted.get('background') ?? 0.05),
};
let [run, schema, order, shown] = [null, null, [], -1];

async function showImage(imageIndex) {
  shown = imageIndex;
  const summary = run.images[imageIndex];
  const batch = await imageOf(imageIndex);
  const imageUri = wanted.has('noimage') ? null : `/image/${imageIndex}`;
  panel.tell('image', {
    imageIndex,
    position: order.indexOf(imageIndex),
    numImages: order.length,
    summary,
    imageUri,
    imageNote: imageUri === null ? 'The picture was not found.' : '',
    isElsewhere: imageUri === null,
    ...batch,
  });
}

async function askGallery(asked) {
  const ask = JSON.stringify({ ...asked, decisions: told().decisions });
  return (await fetch(`/gallery?ask=${encodeURIComponent(ask)}`)).json();
}

/** Changes that were made, and those that were taken back, each a list as the panel told it. */
let [done, undone] = [[], []];
/** What they come to. Of this person alone, so that a target has one decision. */
function told() {
  const byTarget = new Map();
  const at = '2026-11-27T10:00:00.000Z';
  for (const { target, decision } of done.flat())
    if (decision === null) byTarget.delete(JSON.stringify(target));
    else byTarget.set(JSON.stringify(target), { ...target, ...decision, at, by: 'Ada' });
  const decisions = [...byTarget.values()];
  return { decisions, author: 'Ada', canUndo: done.length > 0, canRedo: undone.length > 0 };
}
const tellDecisions = () => panel.tell('decisions', told());

const answers = {
  async ready({ imageIndex }) {
    run = await (await fetch('/run')).json();
    schema = await bytesOf('/schema');
    order = run.images.map((_, index) => index).sort((a, b) => run.images[b].lossSum - run.images[a].lossSum || a - b);
    const manifest = wanted.has('measured') ? { ...run.manifest, ...MINED } : run.manifest;
    panel.tell('run', { manifest, schema, settings });
    tellDecisions();
    const damaged = wanted.getAll('damaged');
    const gaps = { numImages: run.images.length, numInDataset: run.images.length, cut: false, resumable: true };
    const cut = wanted.has('cut') ? { cut: true, numInDataset: 66 } : {};
    const changed = wanted.getAll('changed').map(Number);
    panel.tell('gaps', { ...gaps, damaged, changed, ...cut, deleted: wanted.has('deleted') });
    if (wanted.has('progress'))
      panel.tell('progress', {
        progress: {
          state: wanted.get('progress'),
          ...(wanted.has('shards') && { shards: { count: 8, numWhole: 3, notBegun: [5, 7] } }),
          numDone: 12,
          numTotal: 66,
          numFailed: 1,
          imagesPerSecond: 3.2,
          etaSeconds: 17,
          backend: 'onnxruntime-node 1.30.0 · CPU',
          message: '',
        },
      });
    if (wanted.has('notice')) panel.tell('notice', { level: 'error', text: wanted.get('notice') });
    await showImage(imageIndex ?? order[Number(wanted.get('position') ?? 0)]);
  },
  showImage: ({ imageIndex }) => showImage(imageIndex),
  stepImage: ({ delta }) => showImage(order[Math.min(Math.max(order.indexOf(shown) + delta, 0), order.length - 1)]),
  async readExamples({ first }) {
    const response = await fetch(`/batches/${first}/${wanted.get('chunk') ?? 2000}`);
    const places = JSON.parse(response.headers.get('x-places'));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const uris = places.map((_, i) => (wanted.has('noimage') ? null : `/image/${first + i}`));
    return { first, places, bytes, uris, numImages: run.images.length };
  },
  compareRun({ a, b }) {
    if (wanted.has('comparefails')) throw new MiningError('run-file', 'the run', 'a file', 'none');
    const side = (lossCovered) => ({
      numSelected: 320,
      foregroundShare: 0.4,
      meanClsLoss: 5,
      meanLocLoss: 0.5,
      meanLoss: 5.5,
      lossCovered,
    });
    const total = { both: 40, onlyA: 280, onlyB: 280, neither: 9000, overlap: 40 / 600, a: side(0.16), b: side(0.03) };
    const differing = run.images
      .map(({ id }, imageIndex) => ({ imageIndex, id, overlap: imageIndex / 20 }))
      .slice(0, 4);
    return { a, b, total, numImages: run.images.length, differing, error: '' };
  },
  advise: ({ mining }) => ({
    mining,
    numImages: run.images.length,
    numRois: 800,
    numForeground: 217,
    own: { preset: mining.preset, numSelected: 128, foregroundShare: 0.7, lossCovered: 0.5 },
    others: [{ preset: 'ssd', numSelected: 749, foregroundShare: 0.29, lossCovered: 0.98 }],
    lossShares: [0.1, 0.22, 0.46],
    isLeastShare: [false, false, true],
    background: { numSelected: 818, aloneShare: 0.29, sureAloneShare: 0.12 },
    byClass: [1],
  }),
  measureChoices: () => ({
    recipes: [
      { family: 'yolov8', title: 'YOLOv8', measure: TAL },
      { family: 'yolox', title: 'YOLOX', measure: SIMOTA },
    ],
    numImages: run.images.length,
    seconds: 41,
  }),
  galleryQuery: (asked) => askGallery(asked),
  async galleryPage(asked) {
    const items = await askGallery(asked);
    return items.map((item) => {
      const { id, width, height } = run.images[item.imageIndex];
      return { ...item, id, width, height, uri: wanted.has('noimage') ? null : `/image/${item.imageIndex}` };
    });
  },
  decide({ changes }) {
    [done, undone] = [[...done, changes], []];
    tellDecisions();
  },
  undoDecision() {
    [done, undone] = [done.slice(0, -1), [...undone, ...done.slice(-1)]];
    tellDecisions();
  },
  redoDecision() {
    [done, undone] = [[...done, ...undone.slice(-1)], undone.slice(0, -1)];
    tellDecisions();
  },
  readRois: ({ imageIndex }) => imageOf(imageIndex),
};

const SIMOTA = { ...FAST_RCNN_MEASURE, assigner: 'simota', clsLoss: 'bce', clsTarget: 'soft', locLoss: 'iou-squared' };
const TAL = { ...SIMOTA, assigner: 'tal', talAlpha: 0.5, talTopK: 10, locLoss: 'ciou' };
/** A run that a YOLOv8 was mined into. */
const MINED = {
  checkpoint: { path: '/models/yolov8n.onnx', family: 'yolov8', sha256: '', inputWidth: 640, inputHeight: 640 },
  measure: { ...TAL, scoreForm: { activation: 'sigmoid', given: 'probabilities' } },
};

const panel = acquireFor(answers);
/** What a host tells without being asked, such as the progress of a run. */
window.tellPanel = panel.tell;
