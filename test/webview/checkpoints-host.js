// Stands in for the extension host of the comparison of checkpoints: made-up looks, asked of the server.
import { MiningError } from '../../src/core/mining-error.ts';
import { acquireFor, wanted } from './stand-in.js';

const PATHS = ['/runs/epoch-1.ohem', '/runs/epoch-2.ohem', '/runs/epoch-3.ohem'];
const SIZE = { width: 640, height: 480 };
const NUM_IMAGES = 250;
let numRead = 0;

async function ask(question) {
  const answer = await (await fetch(`/ask-checkpoints?ask=${encodeURIComponent(JSON.stringify(question))}`)).json();
  if (answer.error) throw new MiningError('options', 'query', 'another', answer.error);
  return answer;
}

/** Reads in steps, as slowly as `?slow` says. */
async function read({ again }, signal) {
  if (wanted.has('broken')) throw new MiningError('run-file', 'dynamics: classes', '"bolt" as in a.ohem', '"nut"');
  if (again) numRead = 0;
  while (numRead < NUM_IMAGES) {
    numRead = Math.min(numRead + (wanted.has('slow') ? 10 : NUM_IMAGES), NUM_IMAGES);
    await new Promise((resolve) => setTimeout(resolve, wanted.has('slow') ? 120 : 0));
    if (signal.aborted) throw new Error('stopped');
    page.tell('progress', progress());
  }
  if (again) page.tell('news', { news: [] });
}

const progress = () => ({ numDone: 3 * numRead, numTotal: 3 * NUM_IMAGES });

async function query({ query: asked }) {
  const answer = await ask({ numImages: numRead, query: asked });
  const runs = PATHS.map((path, i) => ({
    path,
    source: `/models/epoch-${i + 1}.onnx`,
    numImages: NUM_IMAGES,
    complete: !wanted.has('unfinished') || i < 2,
  }));
  return { runs, notes: [], read: progress(), ...answer };
}

function objectAt(image, gt) {
  const number = Number(/\d+/.exec(image)?.[0] ?? 0);
  const [x, y] = [40 + (gt % 4) * 145 + (number % 5) * 4, 60 + Math.floor(gt / 4) * 190 + (number % 7) * 5];
  return [x, y, x + 90, y + 70];
}

async function example({ key: { image, gt, a, b } }) {
  const { row } = await ask({ numImages: numRead, example: { image, gt } });
  const uri = wanted.has('nopictures') ? null : await pictureOf(image);
  const side = (look) => {
    const loss = row.losses[look];
    const by = 4 + 3 * (loss ?? 0);
    const [x1, y1, x2, y2] = objectAt(image, gt);
    const known = (loss ?? 9) < 0.75;
    return {
      ...{ look, run: look, imageIndex: 3, path: `/data/${image}`, imageRoot: '/data', ...SIZE, uri },
      note: uri === null ? 'The image file is not there.' : '',
      gtBox: [x1, y1, x2, y2],
      roi:
        loss === null
          ? null
          : {
              ...{ row: 7, box: [x1 + by, y1 - by, x2 + by, y2 + by / 2], known },
              scores: known
                ? [
                    [row.label, 0.91],
                    ['background', 0.06],
                  ]
                : [
                    ['background', 0.7],
                    [row.label, 0.2],
                  ],
              ...{ loss, lossCls: loss * 0.8, lossLoc: loss * 0.2, iou: 0.72, margin: known ? 1.7 : -1.2 },
            },
    };
  };
  return { sides: [side(a), side(b)] };
}

async function pictureOf(image) {
  const canvas = Object.assign(document.createElement('canvas'), SIZE);
  const context = canvas.getContext('2d');
  context.fillStyle = '#8a9199';
  context.fillRect(0, 0, SIZE.width, SIZE.height);
  context.fillStyle = '#4f5b66';
  for (let gt = 0; gt < 8; gt++) {
    const [x1, y1, x2, y2] = objectAt(image, gt);
    context.beginPath();
    context.ellipse((x1 + x2) / 2, (y1 + y2) / 2, (x2 - x1) / 2, (y2 - y1) / 2, 0, 0, 2 * Math.PI);
    context.fill();
  }
  return URL.createObjectURL(await new Promise((resolve) => canvas.toBlob(resolve)));
}

const page = acquireFor({
  ready() {
    page.tell('runs', { paths: PATHS, names: ['epoch-1', 'epoch-2', 'epoch-3'] });
    if (wanted.has('news'))
      page.tell('news', {
        news: [
          { path: PATHS[0], state: 'gone' },
          { path: PATHS[2], state: 'changed' },
        ],
      });
    if (wanted.has('changed')) page.tell('news', { news: [{ path: PATHS[2], state: 'changed' }] });
  },
  read,
  query,
  page: async ({ page: asked }) => ask({ numImages: numRead, page: asked }),
  example,
  openImage: () => undefined,
});
