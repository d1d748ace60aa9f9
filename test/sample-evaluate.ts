/** How good the sample's detector is: AP at IoU 0.5 on scenes that training never saw, through the WASM backend. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fastRcnn } from '../src/checkpoint/families/fast-rcnn/fast-rcnn.js';
import { inferenceNms } from '../src/core/boxes/inference-nms.js';
import type { RgbImage } from '../src/core/graph.js';
import { measureRois } from '../src/core/measure/measure.js';
import type { GtTable } from '../src/core/tables.js';
import { tfjsWasm } from '../src/engine/tfjs/tfjs-wasm.js';
import { gtTableOf } from './sample/annotate.js';
import { SAMPLE_CLASSES } from './sample/parts/catalogue.js';
import { storedScene } from './sample/scene-store.js';
import { averagePrecision, meanAp, type ImageDetections } from '../src/train/evaluate/average-precision.js';

export interface Evaluation {
  readonly map50: number;
  readonly ap50: Readonly<Record<string, number>>;
  readonly msPerImage: number;
}

/** Evaluates `folder`/checkpoint on the first `count` validation scenes. */
export async function evaluateSample(folder: string, seed: number, count: number, scenes: string): Promise<Evaluation> {
  const path = join(folder, 'checkpoint', 'ohem.json');
  const files = await fastRcnn.locate(path, JSON.parse(await readFile(path, 'utf8')));
  const engine = await tfjsWasm.start();
  const detector = await files.open((file, format) => engine.loadGraph(file, format));
  const images: ImageDetections[] = [];
  let elapsedMs = 0;
  for (let i = 0; i < count; i++) {
    const { image, objects } = await storedScene(scenes, seed, 'validation', i);
    const started = performance.now();
    images.push(await detectIn(detector, image, gtTableOf(objects)));
    if (i > 0) elapsedMs += performance.now() - started;
  }
  detector.dispose();
  await engine.dispose();
  const aps = averagePrecision(images, SAMPLE_CLASSES.length, 0.5);
  return {
    map50: meanAp(aps),
    ap50: Object.fromEntries(SAMPLE_CLASSES.map((name, k) => [name, aps[k] ?? NaN])),
    msPerImage: elapsedMs / (count - 1),
  };
}

async function detectIn(
  detector: Awaited<ReturnType<Awaited<ReturnType<typeof fastRcnn.locate>>['open']>>,
  image: RgbImage,
  gts: GtTable,
): Promise<ImageDetections> {
  const rois = measureRois(await detector.detect(image), gts, detector.measureDefaults, image);
  return { rois, rows: inferenceNms(rois, { scoreThreshold: 0.05, iouThreshold: 0.5 }), gts };
}
