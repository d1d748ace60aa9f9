/**
 * Exports as their frameworks' own exporters write them, held to the frameworks' own decoding of the same weights:
 * OHEM_EXPORTS names a folder with NAME/{NAME.onnx,about.json,reference.json} for each. Of the reference's 100
 * candidates of an image 99 must be among ours: box within 1 px, every score within 1e-3. Weights are random, so that a
 * wrong column, scale or place shows at once. OHEM_EXPORTS_ONLY picks names by a regular expression.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Detector } from '../../../src/checkpoint/detector.js';
import { openModel } from '../../../src/checkpoint/open-model.js';
import type { DetectorOutput, ScoreForm } from '../../../src/core/losses/detector-output.js';
import { inWords } from '../../../src/core/said.js';
import { decodeDeltas } from '../../../src/core/boxes/box-coding.js';
import type { Graph, RgbImage } from '../../../src/core/graph.js';
import type { Boxes } from '../../../src/core/tables.js';
import { decodeImage } from '../../../src/dataset/pixels/decode-image.js';
import type { Engine } from '../../../src/engine/engine.js';
import { startEngine } from '../../../src/engine/registry.js';

const IMAGES = resolve('../shared/data/coco-cc-train/images');
const FOLDER = process.env['OHEM_EXPORTS'] ?? '';
const ONLY = new RegExp(process.env['OHEM_EXPORTS_ONLY'] ?? '');
const BOX_TOLERANCE_PX = 1;
const SCORE_TOLERANCE = 1e-3;
const LEAST_MATCHED = 0.99;
/**
 * Exports that ONNX Runtime computes otherwise than their framework by more than the criterion allows: the shares that
 * Python's onnxruntime 1.32 meets with decoding in NumPy, which ours must meet as well.
 * Half precision: the rounding of the weights alone leaves .32, .06 and 1 (the same graph in float32). RT-DETR: with
 * random weights its queries are chosen by scores that lie close together.
 */
const SHARES_OF_PYTHON: Readonly<Record<string, readonly number[]>> = {
  'ultralytics-yolov8n-half': [0.24, 0.04, 0.99],
  'ultralytics-rtdetr-l-classic': [0, 0.23, 0.29],
  'ultralytics-rtdetr-l': [0, 0.23, 0.29],
};
/** What another processor's rounding may change. */
const SHARE_TOLERANCE = 0.05;

/** By the beginning of a name: the family, or what the refusal says. Longer beginnings first. */
const EXPECTED: readonly (readonly [prefix: string, family: string | RegExp])[] = [
  ['hf-conditional-detr', 'rt-detr'],
  ['hf-detr', 'detr'],
  ['hf-dfine', 'rt-detr'],
  ['hf-rtdetr', 'rt-detr'],
  ['hf-yolos', 'detr'],
  ['ultralytics-rtdetr-l-classic', 'ultralytics-rtdetr'],
  ['ultralytics-rtdetr', 'ultralytics-rtdetr'],
  ['ultralytics-yolov8n-cls', /task .*: expected a detector, received "?classify/],
  ['ultralytics-yolo', 'yolov8'],
  ['torchvision-fasterrcnn', 'torchvision-rcnn'],
  ['torchvision-fcos', 'torchvision-fcos'],
  ['torchvision-retinanet', 'torchvision-retinanet'],
  ['torchvision-ssd', 'torchvision-ssd'],
];

/** What references were made with and files do not tell. */
const CONTRACTS: Readonly<Record<string, object>> = {
  // Its size is open, so that by itself it follows the image as its processor does.
  'hf-detr-optimum-axes': {
    family: 'detr',
    input: { width: 640, height: 640 },
    preprocess: { resize: 'stretch' },
  },
  // Their labels begin with 0.
  'torchvision-fcos': { family: 'torchvision-fcos', background: 'none' },
  'torchvision-retinanet': { family: 'torchvision-retinanet', background: 'none' },
};

interface About {
  readonly preprocess: string;
  readonly kind: string;
}

/** All scores of a box, or of a detection the one that it was chosen by. */
interface Candidate {
  readonly box: readonly number[];
  readonly scores?: readonly number[];
  readonly score?: number;
  readonly class?: number;
}

interface Reference {
  readonly images: Readonly<Record<string, readonly Candidate[]>>;
}

const there = FOLDER !== '' && existsSync(FOLDER) && existsSync(IMAGES);
if (!there) console.log('skipped: exports: OHEM_EXPORTS names no folder of exports, or there are no shared images');

const cases = (there ? readdirSync(FOLDER) : [])
  .filter((name) => ONLY.test(name) && existsSync(join(FOLDER, name, 'reference.json')))
  .flatMap((name) => {
    const found = EXPECTED.find(([prefix]) => name.startsWith(prefix));
    return found === undefined ? [] : [{ name, expected: found[1] }];
  });

describe.skipIf(cases.length === 0)('exports', () => {
  let engine: Engine;
  beforeAll(async () => {
    ({ engine } = await startEngine('onnx', null));
  });
  afterAll(() => engine.dispose());

  it.each(cases)('$name', { timeout: 300_000 }, async ({ name, expected }) => {
    const path = join(FOLDER, name, `${name}.onnx`);
    const files = await openModel(
      CONTRACTS[name] === undefined ? path : await withContract(path, CONTRACTS[name]),
      'detection',
    );
    const opening = files.open((path, format, outputs) => engine.loadGraph(path, format, outputs));
    if (expected instanceof RegExp) return expect(opening).rejects.toThrow(expected);
    const detector = await opening;
    expect(detector.family).toBe(expected);
    const about = JSON.parse(readFileSync(join(FOLDER, name, 'about.json'), 'utf8')) as About;
    const reference = JSON.parse(readFileSync(join(FOLDER, name, 'reference.json'), 'utf8')) as Reference;
    const own = /^torchvision/.test(name) ? await engine.loadGraph(path, 'onnx') : null;
    const shares = await sharesMatched(detector, reference, about, own);
    own?.dispose();
    detector.dispose();
    const notes = detector.notes.map((note) => inWords(note)).join('; ');
    console.log(`${name}: ${shares.map((share) => share.toFixed(2)).join(' ')} | ${notes}`);
    const wanted = SHARES_OF_PYTHON[name];
    if (wanted === undefined) return expect(Math.min(...shares)).toBeGreaterThanOrEqual(LEAST_MATCHED);
    const differences = shares.map((share, i) => Math.abs(share - (wanted[i] ?? NaN)));
    expect(Math.max(...differences), `${shares.join(' ')} of ${wanted.join(' ')}`).toBeLessThan(SHARE_TOLERANCE);
  });
});

/** A folder with the model, what lies beside it and a contract. */
async function withContract(path: string, contract: object): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-exports-'));
  const beside = ['config.json'].map((name) => join(dirname(path), name)).filter((file) => existsSync(file));
  await Promise.all([path, ...beside].map((file) => symlink(file, join(folder, basename(file)))));
  await writeFile(join(folder, `${basename(path, '.onnx')}.ohem.json`), JSON.stringify(contract));
  return join(folder, basename(path));
}

/**
 * Of each image, the share of the reference's candidates that are among ours.
 * @param own the export as it comes, whose detections must be among ours as well. Where they are not the framework's
 * (a size that the export rounds otherwise), only they must.
 */
async function sharesMatched(
  detector: Detector,
  { images }: Reference,
  { preprocess, kind }: About,
  own: Graph | null,
): Promise<number[]> {
  const clips = preprocess.includes('clipped') || kind === 'after-nms';
  const shares: number[] = [];
  for (const [file, candidates] of Object.entries(images)) {
    const image = await decodeImage(join(IMAGES, file));
    const output = await detector.detect(image);
    const isAmongOurs = finder(output, clips ? image : null);
    const ofExport = own === null ? [] : await detectionsOf(own, image);
    const isSame =
      own === null || share(candidates, (each) => ofExport.some((other) => isNear(each, other))) >= LEAST_MATCHED;
    const wanted = isSame ? [candidates, ofExport] : [ofExport];
    if (!isSame) console.log(`${file}: the export differs from its framework`);
    shares.push(...wanted.filter(({ length }) => length > 0).map((each) => share(each, isAmongOurs)));
  }
  return shares;
}

function share<T>(all: readonly T[], holds: (one: T) => boolean): number {
  return all.filter(holds).length / all.length;
}

/** What torchvision's exports give as they come: boxes, scores, labels. */
async function detectionsOf(graph: Graph, { width, height, data }: RgbImage): Promise<Candidate[]> {
  const plane = width * height;
  const pixels = Float32Array.from(
    { length: 3 * plane },
    (_, i) => data[(i % plane) * 3 + Math.floor(i / plane)] / 255,
  );
  const { boxes, scores, labels } = await graph.run({ image: { shape: [3, height, width], data: pixels } });
  return Array.from(scores?.data ?? [], (score, row) => ({
    box: Array.from(boxes?.data.subarray(row * 4, row * 4 + 4) ?? []),
    score,
    class: labels?.data[row] ?? -1,
  }));
}

function isNear(a: Candidate, b: Candidate): boolean {
  const areClose = a.box.every((value, side) => Math.abs(value - (b.box[side] ?? NaN)) <= BOX_TOLERANCE_PX);
  return areClose && a.class === b.class && Math.abs((a.score ?? NaN) - (b.score ?? NaN)) <= SCORE_TOLERANCE;
}

/** Is a candidate among the rows of an output? */
function finder(output: DetectorOutput, bounds: RgbImage | null): (wanted: Candidate) => boolean {
  const { numRois, numClasses, scoreForm } = output;
  const scores = probabilities(output);
  const boxes = cornersOf(output.preds, bounds);
  return ({ box, ...candidate }) => {
    const wanted = wantedScores(candidate, scoreForm);
    const own = boxesOfClass(output, wanted[0]?.[0] ?? 0, bounds) ?? boxes;
    for (let row = 0; row < numRois; row++) {
      if (box.some((value, side) => !(Math.abs(value - own[row * 4 + side]) <= BOX_TOLERANCE_PX))) continue;
      const at = row * numClasses;
      if (wanted.every(([k, score]) => Math.abs(scores[at + k] - score) <= SCORE_TOLERANCE)) return true;
    }
    return false;
  };
}

/** Pairs of class and score. Where a softmax has background, detections count classes from 1. */
function wantedScores(
  { scores, score = NaN, class: label = -1 }: Omit<Candidate, 'box'>,
  { activation }: ScoreForm,
): (readonly [number, number])[] {
  if (scores === undefined) return [[activation === 'softmax' ? label - 1 : label, score]];
  return scores.map((value, index) => [index, value] as const);
}

/** The boxes of one class; null where boxes do not go by class. */
function boxesOfClass(output: DetectorOutput, label: number, bounds: RgbImage | null): Float32Array | null {
  const { deltas, deltaWeights, numRois, regions } = output;
  if (deltas === null || deltaWeights === null || deltas.length === numRois * 4) return null;
  return cornersOf(decodeDeltas(regions, deltas, deltaWeights, new Int32Array(numRois).fill(label)), bounds);
}

/** R * 4 in image px, clipped to `image` where it is given. */
function cornersOf(boxes: Boxes, image: RgbImage | null): Float32Array {
  const clip = (value: number, most: number) => (image === null ? value : Math.min(Math.max(value, 0), most));
  const [width, height] = [image?.width ?? 0, image?.height ?? 0];
  return Float32Array.from({ length: boxes.x1.length * 4 }, (_, i) => {
    const column = [boxes.x1, boxes.y1, boxes.x2, boxes.y2][i % 4];
    return clip(column[i >> 2], i % 2 === 0 ? width : height);
  });
}

/** R * K, the activation applied. */
function probabilities({ numRois, numClasses, scores, objectness, scoreForm }: DetectorOutput): Float32Array {
  const columns = scores.length / numRois;
  return Float32Array.from({ length: numRois * numClasses }, (_, i) => {
    const row = Math.floor(i / numClasses);
    const value = scores[row * columns + (i % numClasses)];
    if (scoreForm.given === 'probabilities') return value * (objectness?.[row] ?? 1);
    if (scoreForm.activation === 'sigmoid' && objectness === null) return sigmoid(value);
    // FCOS's score.
    if (objectness !== null) return Math.sqrt(sigmoid(value) * sigmoid(objectness[row]));
    const all = scores.subarray(row * columns, (row + 1) * columns);
    return Math.exp(value) / all.reduce((sum, logit) => sum + Math.exp(logit), 0);
  });
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
