/**
 * Exports as their frameworks' own exporters write them, held to the frameworks' own decoding of the same weights:
 * OHEM_EXPORTS names a folder with NAME/{NAME.onnx,about.json,reference.json} for each. Of the reference's 100
 * candidates of an image 99 must be among ours: box within 1 px, every score within 1e-3. Weights are random, so that a
 * wrong column, scale or place shows at once. OHEM_EXPORTS_ONLY picks names by a regular expression.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Detector } from '../../../src/checkpoint/detector.js';
import { openModel } from '../../../src/checkpoint/open-model.js';
import type { DetectorOutput } from '../../../src/core/losses/detector-output.js';
import type { RgbImage } from '../../../src/core/graph.js';
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
 * Exports that do not meet the criterion, expected to fail until they do. The maker of both finds that ONNX Runtime's
 * outputs differ from the framework's by more than the criterion allows; whether that is all of it is not known.
 */
const MISSES = ['ultralytics-yolov8n-half', 'ultralytics-rtdetr-l-classic', 'ultralytics-rtdetr-l'];

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
];

/** The only one of its kind. */
const STRETCHED = 'hf-detr-optimum-axes';

interface About {
  readonly preprocess: string;
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
    const files = await openModel(name === STRETCHED ? await withStretch(path) : path, 'detection');
    const opening = files.open((path, format, outputs) => engine.loadGraph(path, format, outputs));
    if (expected instanceof RegExp) return expect(opening).rejects.toThrow(expected);
    const detector = await opening;
    expect(detector.family).toBe(expected);
    const about = JSON.parse(readFileSync(join(FOLDER, name, 'about.json'), 'utf8')) as About;
    const reference = JSON.parse(readFileSync(join(FOLDER, name, 'reference.json'), 'utf8')) as Reference;
    const shares = await sharesMatched(detector, reference, about);
    detector.dispose();
    console.log(`${name}: ${shares.map((share) => share.toFixed(2)).join(' ')} | ${detector.notes.join('; ')}`);
    const least = Math.min(...shares);
    if (MISSES.includes(name))
      expect(least, 'it meets the criterion now: take it off MISSES').toBeLessThan(LEAST_MATCHED);
    else expect(least).toBeGreaterThanOrEqual(LEAST_MATCHED);
  });
});

/**
 * A copy with a contract: this one's size is open, so that by itself it follows the image as its processor does,
 * whereas
 * the reference was stretched.
 */
async function withStretch(path: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-exports-'));
  await Promise.all(
    ['model.onnx', 'config.json'].map((name, i) =>
      copyFile(i === 0 ? path : join(dirname(path), name), join(folder, name)),
    ),
  );
  const contract = { family: 'detr', input: { width: 640, height: 640 }, preprocess: { resize: 'stretch' } };
  await writeFile(join(folder, 'model.ohem.json'), JSON.stringify(contract));
  return join(folder, 'model.onnx');
}

/** Of each image, the share of the reference's candidates that are among ours. */
async function sharesMatched(detector: Detector, { images }: Reference, { preprocess }: About): Promise<number[]> {
  const clips = preprocess.includes('clipped');
  const shares: number[] = [];
  for (const [file, candidates] of Object.entries(images)) {
    const image = await decodeImage(join(IMAGES, file));
    const output = await detector.detect(image);
    const scores = probabilities(output);
    const boxes = cornersOf(output, clips ? image : null);
    const matched = candidates.filter(({ box, ...candidate }) => {
      const wanted = wantedScores(candidate);
      for (let row = 0; row < output.numRois; row++) {
        if (box.some((value, side) => !(Math.abs(value - boxes[row * 4 + side]) <= BOX_TOLERANCE_PX))) continue;
        const at = row * output.numClasses;
        if (wanted.every(([k, score]) => Math.abs(score - scores[at + k]) <= SCORE_TOLERANCE)) return true;
      }
      return false;
    });
    shares.push(matched.length / candidates.length);
  }
  return shares;
}

/** Pairs of class and score. */
function wantedScores({ scores, score = NaN, class: k = -1 }: Omit<Candidate, 'box'>): (readonly [number, number])[] {
  return scores === undefined ? [[k, score]] : scores.map((value, index) => [index, value] as const);
}

/** R * 4 in image px, clipped to `image` where it is given. */
function cornersOf({ preds, numRois }: DetectorOutput, image: RgbImage | null): Float32Array {
  const clip = (value: number, most: number) => (image === null ? value : Math.min(Math.max(value, 0), most));
  const [width, height] = [image?.width ?? 0, image?.height ?? 0];
  return Float32Array.from({ length: numRois * 4 }, (_, i) => {
    const row = i >> 2;
    const column = [preds.x1, preds.y1, preds.x2, preds.y2][i % 4];
    return clip(column[row], i % 2 === 0 ? width : height);
  });
}

/** R * K, the activation applied. */
function probabilities({ numRois, numClasses, scores, objectness, scoreForm }: DetectorOutput): Float32Array {
  const columns = scores.length / numRois;
  return Float32Array.from({ length: numRois * numClasses }, (_, i) => {
    const row = Math.floor(i / numClasses);
    const value = scores[row * columns + (i % numClasses)];
    if (scoreForm.given === 'probabilities') return value * (objectness?.[row] ?? 1);
    if (scoreForm.activation === 'sigmoid') return 1 / (1 + Math.exp(-value));
    const all = scores.subarray(row * columns, (row + 1) * columns);
    return Math.exp(value) / all.reduce((sum, logit) => sum + Math.exp(logit), 0);
  });
}
