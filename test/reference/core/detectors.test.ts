/**
 * Assignments and losses of whole detectors against scipy, torchvision and transformers: detectors.py wrote
 * detectors.json, which names their versions.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { detr } from '../../../src/checkpoint/families/detr/detr.js';
import { rtDetr } from '../../../src/checkpoint/families/detr/rt-detr.js';
import { ssd } from '../../../src/checkpoint/families/ssd.js';
import { yolov5 } from '../../../src/checkpoint/families/yolov5.js';
import { yolox } from '../../../src/checkpoint/families/yolox.js';
import { assignFcos } from '../../../src/core/assign/fcos-assigner.js';
import { minCostAssignment } from '../../../src/core/assign/min-cost-assignment.js';
import { FAST_RCNN_MEASURE } from '../../../src/core/measure/measure-config.js';
import type { MeasureConfig } from '../../../src/core/measure/measure-config.js';
import { measureRois } from '../../../src/core/measure/measure.js';
import { resolveConfig, selectHardExamples } from '../../../src/core/mining/select.js';
import { Status } from '../../../src/core/tables.js';
import { columnsOf, makeGts, makeOutput } from '../../unit/core/make-output.js';
import { expectClose, sceneInputs, UNSIZED } from './scene.js';
import type { Rows, Scene } from './scene.js';

interface Rectangular {
  rows: number;
  columns: number;
  costs: number[];
  rowIndices: number[];
  columnIndices: number[];
  total: number;
  isUnique: boolean;
}
interface Objects {
  numClasses: number;
  logits: Rows;
  gts: Rows;
  gtClass: number[];
}
interface Queries extends Objects {
  image: { width: number; height: number };
  preds: Rows;
  expected: Record<string, { gt: number[]; loss: Record<string, number> }>;
}
interface Anchors extends Objects {
  anchors: Rows;
  deltas: Rows;
  matched: Record<'retinanet' | 'ssd', number[]>;
  retinanet: { cls: number; box: number };
}
interface Ssd extends Objects {
  anchors: Rows;
  deltas: Rows;
  numFg: number;
  cls: number;
  box: number;
}
interface Points extends Scene {
  logits: Rows;
  objectness: number[];
  numFg: number;
  fcos: Record<'classification' | 'bbox_regression' | 'bbox_ctrness', number>;
  yolov5: number;
  yolox: { cls: number; obj: number; box: number };
}
const reference = JSON.parse(readFileSync(new URL('detectors.json', import.meta.url), 'utf8')) as {
  rectangular: Rectangular[];
  queries: Queries;
  scenes: (Scene & { fcos: number[] })[];
  anchors: Anchors;
  ssd: Ssd;
  points: Points;
};
const SIGMOID_LOGITS = { activation: 'sigmoid', given: 'logits' } as const;

describe('rectangular assignment agrees with scipy', () => {
  test.each(reference.rectangular)('$rows × $columns', ({ rows, columns, costs, isUnique, ...expected }) => {
    const columnOfRow = minCostAssignment(Float64Array.from(costs), rows, columns);
    const pairs = [...columnOfRow].flatMap((column, row) => (column < 0 ? [] : [{ row, column }]));
    expect(new Set(pairs.map(({ column }) => column)).size).toBe(Math.min(rows, columns));
    const total = pairs.reduce((sum, { row, column }) => sum + costs[row * columns + column], 0);
    expectClose(total, expected.total, 'total cost');
    if (!isUnique) return;
    expect(pairs.map(({ row }) => row)).toEqual(expected.rowIndices);
    expect(pairs.map(({ column }) => column)).toEqual(expected.columnIndices);
  });
});

describe('bipartite matching and its losses agree with transformers', () => {
  const { image, numClasses, preds, logits, expected, ...objects } = reference.queries;
  const gts = gtsOf(objects);

  test('DETR', () => {
    const output = makeOutput(preds, numClasses, { scores: Float32Array.from(logits.flat()) });
    const rois = measureRois(output, gts, detr.measureDefaults, image);
    expect([...rois.gtIndex]).toEqual(expected['detr'].gt);
    const weights = [...rois.gtIndex].map((g) => (g < 0 ? 0.1 : 1));
    const { loss } = expected['detr'];
    expectNear(sum(rois.lossCls) / sum(weights), loss['loss_ce']);
    expectNear(sum(rois.lossLoc) / gts.numGts, 5 * loss['loss_bbox'] + 2 * loss['loss_giou']);
  });

  const scores = Float32Array.from(logits.flatMap((row) => row.slice(0, numClasses)));
  const output = makeOutput(preds, numClasses, { scores, scoreForm: SIGMOID_LOGITS });

  test('Conditional and Deformable DETR', () => {
    const focal = { ...rtDetr.measureDefaults, clsLoss: 'focal', clsTarget: 'one' } as const;
    const rois = measureRois(output, gts, focal, image);
    const { gt, loss } = expected['conditional-detr'];
    expect([...rois.gtIndex]).toEqual(gt);
    expectNear(sum(rois.lossCls) / gts.numGts, loss['loss_ce']);
    expectNear(sum(rois.lossLoc) / gts.numGts, 5 * loss['loss_bbox'] + 2 * loss['loss_giou']);
  });

  test.each(['rt-detr', 'd-fine'])('%s', (name) => {
    const rois = measureRois(output, gts, rtDetr.measureDefaults, image);
    // These come weighted.
    const { gt, loss } = expected[name];
    expect([...rois.gtIndex]).toEqual(gt);
    expectNear(sum(rois.lossCls) / gts.numGts, loss['loss_vfl']);
    expectNear(sum(rois.lossLoc) / gts.numGts, loss['loss_bbox'] + loss['loss_giou']);
  });
});

test.each(reference.scenes)('FCOS matches as torchvision does: %#', ({ fcos, ...scene }) => {
  const { output, grid, subset } = sceneInputs(scene);
  expect([...assignFcos(output.preds, output.numRois, grid, subset).gt]).toEqual(fcos);
});

describe('anchors as torchvision matches them', () => {
  const { anchors, numClasses, logits, deltas, matched, retinanet, ...objects } = reference.anchors;
  const gts = gtsOf(objects);
  const output = makeOutput(anchors, numClasses, {
    scores: Float32Array.from(logits.flat()),
    scoreForm: SIGMOID_LOGITS,
    deltas: Float32Array.from(deltas.flat()),
    deltaWeights: [1, 1, 1, 1],
    preds: columnsOf(anchors),
  });
  const config = { ...FAST_RCNN_MEASURE, clsLoss: 'focal', lowQualityMatches: true } as const;

  test('RetinaNet: matches, gap, focal loss, L1', () => {
    // Smooth L1 whose parabola has no room is L1.
    const rois = measureRois(output, gts, { ...config, bgThreshold: 0.4, sigma: 1000 }, UNSIZED);
    expect([...rois.gtIndex].map((g, row) => (g < 0 && rois.gtClass[row] < 0 ? -2 : g))).toEqual(matched.retinanet);
    const numFg = matched.retinanet.filter((g) => g >= 0).length;
    expectNear(sum(rois.lossCls) / numFg, retinanet.cls);
    expectNear(sum(rois.lossLoc) / numFg, retinanet.box);
  });

  test('SSD: IoU .5, and each object its best prior', () => {
    expect([
      ...measureRois(output, gts, { ...config, lowQualityMatches: false, ownBest: true }, UNSIZED).gtIndex,
    ]).toEqual(matched.ssd);
  });
});

test("SSD's whole loss, as torchvision mines and sums it", () => {
  const { anchors, numClasses, logits, deltas, numFg, cls, box, ...objects } = reference.ssd;
  const output = makeOutput(anchors, numClasses, {
    scores: Float32Array.from(logits.flat()),
    deltas: Float32Array.from(deltas.flat()),
    deltaWeights: [10, 10, 5, 5],
  });
  const config = { ...ssd.measureDefaults, locLoss: 'smooth-l1', roiBox: 'region' } as const;
  const rois = measureRois(output, gtsOf(objects), config, UNSIZED);
  const { status, keepNum } = selectHardExamples(rois, resolveConfig('ssd'));
  expect(keepNum).toBe(4 * numFg);
  expectNear(sum(rois.lossCls.filter((_, row) => status[row] === Status.selected)) / numFg, cls);
  expectNear(sum(rois.lossLoc) / numFg, box);
});

describe('points with a column beside their classes', () => {
  const { points } = reference;
  const { output: given, gts } = sceneInputs(points);
  const output = {
    ...given,
    scoreForm: SIGMOID_LOGITS,
    scores: Float32Array.from(points.logits.flat()),
    objectness: Float32Array.from(points.objectness),
  };
  const measure = (config: MeasureConfig) =>
    measureRois({ ...output, regions: cells(points) }, gts, { ...config, assigner: 'fcos' }, UNSIZED);
  const { numFg } = points;

  test('FCOS of torchvision: focal loss of all, centre-ness and GIoU of foreground', () => {
    const fcos = { ...yolox.measureDefaults, clsLoss: 'focal', clsTarget: 'one', objTarget: 'centre-ness' } as const;
    const box = { locLoss: 'giou', locLossWeight: 1 } as const;
    const classes = measure({ ...fcos, ...box, objLossWeight: 0 });
    expectNear(sum(classes.lossCls) / numFg, points.fcos.classification);
    expectNear(sum(classes.lossLoc) / numFg, points.fcos.bbox_regression);
    const centres = measure({ ...fcos, clsLossWeight: 0 });
    expectNear(sum(centres.lossCls) / numFg, points.fcos.bbox_ctrness);
  });

  test('YOLOv5: objectness towards CIoU, each level by its mean', () => {
    const { lossCls } = measure({ ...yolov5.measureDefaults, clsLossWeight: 0 });
    expectNear(sum(lossCls) / (points.levelStart[2] - points.levelStart[1]), points.yolov5);
  });

  test('YOLOX: objectness of all; classes towards the IoU, and 1 − IoU², of foreground', () => {
    const rois = measure(yolox.measureDefaults);
    expectNear(sum(rois.lossCls), points.yolox.cls + points.yolox.obj);
    expectNear(sum(rois.lossLoc), 5 * points.yolox.box);
  });
});

/** The cells that the points are the middles of. */
function cells({ centres, strides }: Points) {
  return columnsOf(
    centres.map(([x, y], i) => {
      const [wide, high] = strides[i];
      return [x - wide / 2, y - high / 2, x + wide / 2, y + high / 2];
    }),
  );
}

function gtsOf({ gts, gtClass }: Pick<Objects, 'gts' | 'gtClass'>) {
  return makeGts(gts.map((box, i) => ({ box: box.map(Math.fround), gtClass: gtClass[i] })));
}

function sum(values: Iterable<number>): number {
  return Array.from(values).reduce((total, value) => total + value, 0);
}

/** The table keeps losses as float32. */
function expectNear(received: number, expected: number): void {
  expect(Math.abs(received - expected) / Math.max(1, expected)).toBeLessThan(1e-5);
}
