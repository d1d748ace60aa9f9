/** Small runs for tests. */
import { FAST_RCNN_MEASURE } from '../../../src/core/measure/measure-config.js';
import type { RunImage } from '../../../src/arrow/encode-run.js';
import { DEFAULT_CONFIG } from '../../../src/core/mining/mining-options.js';
import { presetConfig } from '../../../src/core/mining/select.js';
import type { RunManifest } from '../../../src/core/facts/run-manifest.js';
import { allocateGtTable, allocateRoiTable } from '../../../src/core/tables.js';
import type { Precision } from '../../../src/core/tables.js';

export function sampleManifest(changes: Partial<RunManifest> = {}): RunManifest {
  return {
    ohemRun: 1,
    task: 'detection',
    createdAt: '2026-11-22T00:00:00.000Z',
    writtenBy: 'ohem-lens 0.1.0',
    precision: 'float32',
    classes: ['cat', 'dog', 'a "quoted" <b>🦓</b>'],
    lossSource: 'proxy',
    checkpoint: { path: '/m/net.onnx', family: 'yolox', sha256: 'ab', inputWidth: 416, inputHeight: 416 },
    backend: { id: 'onnxruntime-node', version: '1.30.0', device: 'CPU', refused: [] },
    dataset: { kind: 'coco', path: '/d/a.json', imageRoot: '/d', split: null, numImages: 3, sha256: 'cd' },
    measure: {
      ...FAST_RCNN_MEASURE,
      assigner: 'simota',
      clsLoss: 'bce',
      locLoss: 'giou',
      roiBox: 'regressed',
      scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    },
    mining: DEFAULT_CONFIG,
    notes: ['from probabilities'],
    ...changes,
  } as RunManifest;
}

/** An image of `numRois` RoIs with a value of its own in every cell. */
export function sampleImage(id: string, numRois: number, numGts: number, precision: Precision = 'float32'): RunImage {
  const rois = allocateRoiTable(numRois, 3, precision, 'regressed');
  const gts = allocateGtTable(numGts);
  const reals = [
    rois.x1,
    rois.y1,
    rois.x2,
    rois.y2,
    rois.predX1,
    rois.predY1,
    rois.predX2,
    rois.predY2,
    rois.lossCls,
    rois.lossLoc,
  ];
  for (let i = 0; i < numRois; i++) {
    reals.forEach((column, c) => (column[i] = i * 100 + c + 0.1));
    rois.score[i] = i / (numRois + 1);
    rois.predClass[i] = i % 3;
    rois.gtClass[i] = (i % 5) - 1;
    rois.gtIndex[i] = numGts > 0 && i % 2 === 0 ? i % numGts : -1;
    rois.iou[i] = 1 / (i + 1);
    rois.entropy[i] = i === 0 ? Number.NaN : i / 7;
    rois.el2n[i] = i / 11;
    for (let t = 0; t < 5; t++) {
      rois.topClass[i * 5 + t] = t < 3 ? t : -1;
      rois.topScore[i * 5 + t] = i + t / 10;
    }
  }
  for (let g = 0; g < numGts; g++) {
    [gts.x1, gts.y1, gts.x2, gts.y2].forEach((column, c) => (column[g] = g * 10 + c + 0.3));
    gts.gtClass[g] = g % 3;
    gts.isCrowd[g] = g % 2;
    gts.isDifficult[g] = 1 - (g % 2);
    gts.annotation[g] = g + 7;
  }
  return { summary: sampleSummary(id, numRois, numGts), rois, gts };
}

export function sampleSummary(id: string, numRois: number, numGts: number, error = ''): RunImage['summary'] {
  return {
    id,
    path: `/images/${id}`,
    annotationPath: '/d/a.json',
    width: 640,
    height: 480,
    numRois,
    numGts,
    numForeground: Math.min(1, numRois),
    numSelected: Math.min(2, numRois),
    numIgnored: 0,
    numInvalid: 0,
    lossSum: numRois * 1.5,
    lossMean: 1.5,
    lossMax: 2.25,
    entropy: 0.5,
    mistakenness: -1,
    error,
  };
}

/** A run of examples. */
export function exampleManifest(changes: Partial<RunManifest> = {}): RunManifest {
  return sampleManifest({
    ohemRun: 3,
    task: 'classification',
    measure: null,
    mining: presetConfig('classification', 'top-rate', { imagesPerBatch: 4 }),
    ...changes,
  } as Partial<RunManifest>);
}

/** Example i with a value of its own in every cell; every seventh failed. */
export function sampleExample(i: number, precision: Precision = 'float32'): RunImage {
  const numRois = i % 7 === 6 ? 0 : 1;
  const rois = allocateRoiTable(numRois, 3, precision);
  const gts = allocateGtTable(numRois);
  const [width, height] = [20 + i, 30 + i];
  for (const column of [rois.x2, rois.predX2, gts.x2]) column.fill(width);
  for (const column of [rois.y2, rois.predY2, gts.y2]) column.fill(height);
  rois.gtIndex.fill(0);
  rois.iou.fill(1);
  rois.gtClass.fill(i % 3);
  gts.gtClass.fill(i % 3);
  gts.annotation.fill(i);
  rois.predClass.fill((i * 2) % 3);
  rois.score.fill(i / 1000);
  rois.lossCls.fill(i + 0.25);
  rois.entropy.fill(i / 7);
  rois.el2n.fill(i / 11);
  rois.topClass.set([0, 2, 1, -1, -1].slice(0, numRois * 5));
  rois.topScore.set([0.7, 0.2, 0.1, 0, 0].slice(0, numRois * 5));
  const loss = numRois * (i + 0.25);
  const summary = {
    ...sampleSummary(`${i}.png`, numRois, numRois, numRois === 0 ? 'no image' : ''),
    ...{ width, height, numForeground: numRois, numSelected: numRois },
    ...{ lossSum: loss, lossMean: loss, lossMax: loss },
  };
  const stamp = i % 2 === 0 ? { stamp: { size: i, mtimeMs: i + 0.5 } } : {};
  return { summary, rois, gts, ...stamp };
}
