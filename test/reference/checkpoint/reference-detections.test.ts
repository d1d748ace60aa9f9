/**
 * The shared detectors against their `reference_detections.json`, made by others with the pixels of sharp: embedded
 * colour profiles applied, as our decoder does, `resize(…, {kernel: 'linear'})`, score >= 0.25, class-wise NMS at IoU
 * 0.5 (found by trying:
 * at 0.45 and 0.6 boxes are missing or too many).
 *
 * Images go through our own resize. Only where the input is larger than the image does the test resize with sharp,
 * whose enlarging lies half a pixel off (src/checkpoint/pixels/resize-antialias.ts): there it checks the decoding
 * alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inWords } from '../../../src/core/said.js';
import type { Detector } from '../../../src/checkpoint/detector.js';
import { openModel } from '../../../src/checkpoint/open-model.js';
import type { RgbImage } from '../../../src/core/graph.js';
import { decodeImage } from '../../../src/dataset/pixels/decode-image.js';
import { inferenceNms } from '../../../src/core/boxes/inference-nms.js';
import { measureRois } from '../../../src/core/measure/measure.js';
import { allocateGtTable } from '../../../src/core/tables.js';
import type { Engine } from '../../../src/engine/engine.js';
import { startEngine } from '../../../src/engine/registry.js';

const SHARED = resolve('../shared');
const IMAGES = join(SHARED, 'data/coco-cc-train/images');
const CHECKPOINTS = join(SHARED, 'checkpoints');
const SCORE_FROM = 0.25;
const NMS_IOU = 0.5;
/** A detection this close to the threshold may fall on either side of it. */
const SCORE_TOLERANCE = 1e-3;
const BOX_TOLERANCE_PX = 1;

interface Detection {
  readonly label: string;
  readonly score: number;
  readonly box_xyxy: readonly number[];
}

const CASES = [
  { family: 'yolox', folder: 'yolox-nano-onnx', file: 'yolox_nano.onnx', numImages: 66 },
  // tfjs WASM takes 0.2 to 0.9 s an image; OHEM_ALL_IMAGES=1 checks all 66.
  {
    family: 'nanodet',
    folder: 'nanodet-m-416-tfjs',
    file: 'nanodet-m.json',
    numImages: process.env['OHEM_ALL_IMAGES'] ? 66 : 14,
  },
];

const reason = existsSync(IMAGES) && existsSync(CHECKPOINTS) ? '' : `${SHARED} is not there`;
if (reason !== '') console.log(`skipped: reference detections: ${reason}`);

describe.skipIf(reason !== '').each(CASES)('$family', ({ family, folder, file, numImages }) => {
  let engine: Engine;
  let detector: Detector;
  beforeAll(async () => {
    const files = await openModel(join(CHECKPOINTS, folder, file), 'detection');
    ({ engine } = await startEngine(files.format, null));
    detector = await files.open((path, format) => engine.loadGraph(path, format));
  });
  afterAll(async () => {
    detector.dispose();
    await engine.dispose();
  });

  it('is recognised by its tensors alone', () => {
    expect(detector).toMatchObject({
      family,
      numClasses: 80,
      inputWidth: 416,
      inputHeight: 416,
    });
    expect(detector.notes.map((note) => inWords(note))).toEqual(['classes from classes.txt']);
    expect(detector.classes?.slice(0, 2)).toEqual(['person', 'bicycle']);
  });

  it(
    `finds the reference's detections in ${numImages} images, no more and no fewer`,
    { timeout: 300_000 },
    async () => {
      const references = JSON.parse(
        readFileSync(join(CHECKPOINTS, folder, 'reference_detections.json'), 'utf8'),
      ) as Record<string, Detection[]>;
      const names = Object.keys(references).filter((name) => existsSync(join(IMAGES, name)));
      const differences: string[] = [];
      let numMatched = 0;
      for (const name of spread(names, numImages)) {
        const found = await detect(detector, await decodeImage(join(IMAGES, name)));
        const { matched, unmatched } = match(references[name], found);
        numMatched += matched;
        differences.push(...unmatched.map((line) => `${name}: ${line}`));
      }
      expect(differences).toEqual([]);
      expect(numMatched).toBeGreaterThan(numImages);
    },
  );
});

/** Every n-th, so that the small images of the data set are among them. */
function spread<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: Math.min(count, items.length) }, (_, i) => items[Math.floor((i * items.length) / count)]);
}

async function detect(detector: Detector, image: RgbImage): Promise<Detection[]> {
  const enlarges =
    detector.family === 'nanodet' && (image.width < detector.inputWidth || image.height < detector.inputHeight);
  const seen = enlarges ? await resizeWithSharp(image, detector.inputWidth, detector.inputHeight) : image;
  const output = await detector.detect(seen);
  const rois = measureRois(output, allocateGtTable(0), detector.measureDefaults, seen);
  const scale = [image.width / seen.width, image.height / seen.height];
  return [...inferenceNms(rois, { scoreThreshold: SCORE_FROM, iouThreshold: NMS_IOU })].map((row) => ({
    label: detector.classes?.[rois.predClass[row]] ?? '',
    score: rois.score[row],
    box_xyxy: [rois.predX1, rois.predY1, rois.predX2, rois.predY2].map((column, side) => column[row] * scale[side % 2]),
  }));
}

async function resizeWithSharp(image: RgbImage, width: number, height: number): Promise<RgbImage> {
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  const data = await sharp(image.data, { raw })
    .resize(width, height, { fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(data) };
}

function match(expected: readonly Detection[], found: readonly Detection[]): { matched: number; unmatched: string[] } {
  const left = new Set(found);
  const missing: Detection[] = [];
  for (const reference of expected) {
    const same = [...left].find((each) => isSame(reference, each));
    if (same === undefined) missing.push(reference);
    else left.delete(same);
  }
  const describeAll = (word: string, list: Iterable<Detection>) =>
    [...list]
      .filter((each) => each.score > SCORE_FROM + SCORE_TOLERANCE)
      .map((each) => `${word} ${JSON.stringify(each)}`);
  return {
    matched: expected.length - missing.length,
    unmatched: [...describeAll('missing', missing), ...describeAll('extra', left)],
  };
}

function isSame(a: Detection, b: Detection): boolean {
  return (
    a.label === b.label &&
    Math.abs(a.score - b.score) <= SCORE_TOLERANCE &&
    a.box_xyxy.every((side, i) => Math.abs(side - b.box_xyxy[i]) <= BOX_TOLERANCE_PX)
  );
}
