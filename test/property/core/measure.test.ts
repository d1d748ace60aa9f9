import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDeltas, encodeDelta, FAST_RCNN_WEIGHTS } from '../../../src/core/boxes/box-coding.js';
import { giouLoss } from '../../../src/core/losses/box/giou.js';
import { softplus } from '../../../src/core/losses/cls-loss.js';
import { focalLossFromLogits } from '../../../src/core/losses/class/focal.js';
import { sigmoidLossFromLogits } from '../../../src/core/losses/class/bce.js';
import { softmaxLossFromLogits } from '../../../src/core/losses/class/cross-entropy.js';
import { reportGts } from '../../../src/core/reports/gt-report.js';
import { inferenceNms } from '../../../src/core/boxes/inference-nms.js';
import { allocateRoiTable, NUM_TOP } from '../../../src/core/tables.js';
import { sigmoid, softmaxNorms, writeClassScores } from '../../../src/core/losses/class-scores.js';
import { boxIou } from '../../../src/core/boxes/iou.js';
import { measureRois } from '../../../src/core/measure/measure.js';
import { type AnchorGrid, type DetectorOutput } from '../../../src/core/losses/detector-output.js';
import { FAST_RCNN_MEASURE, type MeasureConfig } from '../../../src/core/measure/measure-config.js';
import type { RoiTable } from '../../../src/core/tables.js';
import { columnsOf, IMAGE, makeGts } from '../../unit/core/make-output.js';
import type { GtSpec } from '../../unit/core/make-output.js';

const K = 3;
const coordinate = fc.integer({ min: 0, max: 90 });
const side = fc.integer({ min: 1, max: 40 });
const box = fc.tuple(coordinate, coordinate, side, side).map(([x, y, w, h]) => [x, y, x + w, y + h]);
const logit = fc.float({ min: -30, max: 30, noNaN: true });
const wildNumber = fc.oneof(fc.float(), fc.constantFrom(NaN, Infinity, -Infinity, 0, 1e4, -1e4));
const gt: fc.Arbitrary<GtSpec> = fc.record({
  box,
  gtClass: fc.integer({ min: -1, max: K - 1 }),
  crowd: fc.boolean(),
  difficult: fc.boolean(),
});
const gtSpecs = fc.array(gt, { maxLength: 5 });

interface Row {
  region: number[];
  pred: number[];
  scores: number[];
  objectness: number;
}
const row: fc.Arbitrary<Row> = fc.record({
  region: box,
  pred: box,
  scores: fc.array(logit, { minLength: K + 1, maxLength: K + 1 }),
  objectness: logit,
});
const wildBox = fc.array(wildNumber, { minLength: 4, maxLength: 4 });
const wildRow: fc.Arbitrary<Row> = fc.record({
  region: fc.oneof(box, wildBox),
  pred: fc.oneof(box, wildBox),
  scores: fc.array(wildNumber, { minLength: K + 1, maxLength: K + 1 }),
  objectness: wildNumber,
});

function gridOf(regions: number[][]): AnchorGrid {
  return {
    centreX: Float32Array.from(regions, ([x1, , x2]) => (x1 + x2) / 2),
    centreY: Float32Array.from(regions, ([, y1, , y2]) => (y1 + y2) / 2),
    strideX: new Float32Array(regions.length).fill(8),
    strideY: new Float32Array(regions.length).fill(8),
    levelStart: Int32Array.of(0, regions.length),
  };
}

function outputOf(
  rows: Row[],
  activation: 'softmax' | 'sigmoid',
  given: 'logits' | 'probabilities' = 'logits',
): DetectorOutput {
  const columns = activation === 'softmax' ? K + 1 : K;
  const regions = rows.map(({ region }) => region);
  return {
    numRois: rows.length,
    numClasses: K,
    regions: columnsOf(regions),
    preds: columnsOf(rows.map(({ pred }) => pred)),
    scoreForm: { activation, given },
    scores: Float32Array.from(rows.flatMap(({ scores }) => scores.slice(0, columns))),
    objectness: activation === 'softmax' ? null : Float32Array.from(rows, ({ objectness }) => objectness),
    deltas: null,
    deltaWeights: null,
    grid: gridOf(regions),
  };
}
const SIMOTA: MeasureConfig = {
  ...FAST_RCNN_MEASURE,
  assigner: 'simota',
  clsLoss: 'bce',
  locLoss: 'giou',
  roiBox: 'regressed',
};
const ATSS: MeasureConfig = { ...SIMOTA, assigner: 'atss', clsLoss: 'focal' };
const TAL: MeasureConfig = { ...SIMOTA, assigner: 'tal', clsLoss: 'qfl', clsTarget: 'soft', locLoss: 'ciou' };
const SOFT: MeasureConfig = { ...SIMOTA, clsTarget: 'soft', locLoss: 'l1-giou' };

/** A row of the table as plain values, apart from which row it is. */
const rowOf = (rois: RoiTable, i: number) => [
  rois.score[i],
  rois.predClass[i],
  rois.gtIndex[i],
  rois.gtClass[i],
  rois.iou[i],
  rois.lossCls[i],
  rois.lossLoc[i],
];

describe('box coding', () => {
  test('decoding what was encoded gives the target', () => {
    fc.assert(
      fc.property(box, box, (region, target) => {
        const deltas = new Float64Array(4);
        encodeDelta(deltas, columnsOf([region]), 0, columnsOf([target]), 0, FAST_RCNN_WEIGHTS);
        const back = decodeDeltas(columnsOf([region]), deltas, FAST_RCNN_WEIGHTS);
        [back.x1[0], back.y1[0], back.x2[0], back.y2[0]].forEach((value, i) => expect(value).toBeCloseTo(target[i], 9));
      }),
    );
  });
});

describe('losses', () => {
  const logits = fc.array(logit, { minLength: K + 1, maxLength: K + 1 });
  const label = fc.integer({ min: 0, max: K });

  test('cross-entropy is not negative and the labels add up to certainty', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const scores = Float32Array.from(values);
        const losses = values.map((_, i) => softmaxLossFromLogits(scores, 0, K, i));
        expect(Math.min(...losses)).toBeGreaterThanOrEqual(0);
        expect(losses.reduce((sum, loss) => sum + Math.exp(-loss), 0)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('the shared logarithm of sigmoid BCE equals the plain sum', () => {
    fc.assert(
      fc.property(logits, label, (values, target) => {
        const scores = Float32Array.from(values);
        let plain = 0;
        for (let k = 0; k < K; k++) plain += softplus(k === target ? -scores[k] : scores[k]);
        const loss = sigmoidLossFromLogits(scores, 0, K, target);
        expect(Math.abs(loss - plain)).toBeLessThan(1e-9 * plain + 1e-14);
        expect(focalLossFromLogits(scores, 0, K, target)).toBeLessThanOrEqual(0.75 * plain + 1e-12);
      }),
    );
  });

  test('1 - GIoU is symmetric, in [0, 2], and at least 1 - IoU', () => {
    fc.assert(
      fc.property(box, box, ([a, b, c, d], [e, f, g, h]) => {
        const loss = giouLoss(a, b, c, d, e, f, g, h);
        expect(loss).toBe(giouLoss(e, f, g, h, a, b, c, d));
        expect(loss).toBeLessThanOrEqual(2);
        expect(loss).toBeGreaterThanOrEqual(1 - boxIou(a, b, c, d, e, f, g, h) - 1e-12);
      }),
    );
  });
});

test('the top list of every row is the head of a stable descending sort', () => {
  const value = fc.oneof(
    fc.integer({ min: 0, max: 20 }).map((n) => n / 32),
    fc.constantFrom(-0.00005, -0, 1, 1.00005),
    { weight: 1, arbitrary: fc.constantFrom(NaN, -0.5, 1.5) },
  );
  const table = fc
    .integer({ min: 1, max: 40 })
    .chain((columns) => fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1 }));
  const given = fc.constantFrom('probabilities' as const, 'logits' as const);
  fc.assert(
    fc.property(table, given, (rows, form) => {
      const numClasses = rows[0].length;
      const output: DetectorOutput = {
        ...outputOf([], 'sigmoid'),
        numRois: rows.length,
        numClasses,
        scoreForm: { activation: 'sigmoid', given: form },
        scores: Float32Array.from(rows.flat()),
        objectness: null,
      };
      const rois = allocateRoiTable(rows.length, numClasses, 'float32');
      writeClassScores(output, softmaxNorms(output), rois);
      const least = form === 'logits' ? -Infinity : -1e-4;
      const most = form === 'logits' ? Infinity : 1 + 1e-4;
      rows.forEach((values, row) => {
        const isUsable = values.every((each) => each >= least && each <= most);
        const sorted = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, NUM_TOP);
        const expected = [...(isUsable ? sorted : []), -1, -1, -1, -1, -1].slice(0, NUM_TOP);
        expect([...rois.topClass.subarray(row * NUM_TOP, (row + 1) * NUM_TOP)]).toEqual(expected);
        if (!isUsable) return expect(rois.score[row]).toBeNaN();
        const best = values[sorted[0]];
        const p = form === 'logits' ? sigmoid(best) : Math.min(Math.max(best, 0), 1);
        expect(rois.score[row]).toBeCloseTo(p, 6);
      });
    }),
  );
});

describe('measureRois', () => {
  test('permuting RoIs permutes the table (max-iou)', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), gtSpecs, fc.boolean(), (rows, specs, lowQualityMatches) => {
        const config = { ...FAST_RCNN_MEASURE, bgThreshold: 0.4, lowQualityMatches };
        const gts = makeGts(specs);
        const forward = measureRois(outputOf(rows, 'softmax'), gts, config, IMAGE);
        const backward = measureRois(outputOf([...rows].reverse(), 'softmax'), gts, config, IMAGE);
        rows.forEach((_, i) => expect(rowOf(backward, rows.length - 1 - i)).toEqual(rowOf(forward, i)));
      }),
    );
  });

  test('labels, matches and losses agree with one another, for every assigner', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 30 }),
        gtSpecs,
        fc.constantFrom(FAST_RCNN_MEASURE, SIMOTA, ATSS, TAL, SOFT),
        (rows, specs, config) => {
          const rois = measureRois(
            outputOf(rows, config === FAST_RCNN_MEASURE ? 'softmax' : 'sigmoid'),
            makeGts(specs),
            config,
            IMAGE,
          );
          rows.forEach((_, i) => {
            const matched = rois.gtIndex[i];
            if (matched >= 0) {
              const { gtClass, crowd, difficult } = specs[matched];
              expect(rois.gtClass[i]).toBe(gtClass);
              expect(crowd || difficult).toBe(false);
            } else {
              expect([K, -1]).toContain(rois.gtClass[i]);
              expect(rois.lossLoc[i]).toBe(0);
            }
            expect(rois.lossCls[i]).toBeGreaterThanOrEqual(0);
            expect(rois.iou[i]).toBeGreaterThanOrEqual(0);
            expect(rois.iou[i]).toBeLessThanOrEqual(1);
          });
        },
      ),
    );
  });

  test('without crowd, difficult or unknown objects and without a gap nothing is ignored', () => {
    const plain = fc.array(fc.record({ box, gtClass: fc.integer({ min: 0, max: K - 1 }) }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        plain,
        fc.constantFrom(SIMOTA, ATSS, TAL),
        (rows, specs, config) => {
          const rois = measureRois(outputOf(rows, 'sigmoid'), makeGts(specs), config, IMAGE);
          expect([...rois.gtClass]).not.toContain(-1);
        },
      ),
    );
  });

  test('any numbers are measured; wild rows leave the others as they were (max-iou)', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        fc.array(wildRow, { maxLength: 6 }),
        gtSpecs,
        (rows, wild, specs) => {
          const gts = makeGts(specs);
          const alone = measureRois(outputOf(rows, 'softmax'), gts, FAST_RCNN_MEASURE, IMAGE);
          const beside = measureRois(outputOf([...rows, ...wild], 'softmax'), gts, FAST_RCNN_MEASURE, IMAGE);
          rows.forEach((_, i) => expect(rowOf(beside, i)).toEqual(rowOf(alone, i)));
          wild.forEach(({ scores }, i) => {
            const at = rows.length + i;
            if (scores.some(Number.isNaN) && beside.gtClass[at] !== -1) expect(beside.lossCls[at]).toBeNaN();
          });
        },
      ),
    );
  });

  test('any numbers are measured by every assigner and loss, from logits or probabilities', () => {
    const wildGt = fc.record({ box: fc.oneof(box, wildBox), gtClass: fc.integer({ min: -1, max: K - 1 }) });
    fc.assert(
      fc.property(
        fc.array(fc.oneof(row, wildRow), { maxLength: 20 }),
        fc.array(wildGt, { maxLength: 4 }),
        fc.constantFrom(SIMOTA, ATSS, TAL, SOFT, { ...ATSS, locLoss: 'smooth-l1' } as const),
        fc.constantFrom('logits', 'probabilities'),
        (rows, specs, config, given) => {
          const gts = makeGts(specs);
          const rois = measureRois(outputOf(rows, 'sigmoid', given), gts, config, IMAGE);
          expect(rois.numRois).toBe(rows.length);
          expect([...rois.iou].every((iou) => iou >= 0 && iou <= 1)).toBe(true);
          expect(reportGts(rois, gts).bestRoi).toHaveLength(specs.length);
        },
      ),
    );
  });
});

test('inference NMS: what is kept does not overlap within a class, what is dropped has a better kept neighbour', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 25 }), (rows) => {
      const rois = measureRois(outputOf(rows, 'sigmoid'), makeGts([]), SIMOTA, IMAGE);
      const kept = [...inferenceNms(rois, { scoreThreshold: 0.01, iouThreshold: 0.4 })];
      const iou = (i: number, j: number) => {
        const [a, b] = [rows[i].pred, rows[j].pred];
        return boxIou(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]);
      };
      const overlaps = (i: number, j: number) => rois.predClass[i] === rois.predClass[j] && iou(i, j) > 0.4;
      for (const i of kept) for (const j of kept) if (i !== j) expect(overlaps(i, j)).toBe(false);
      rows.forEach((_, i) => {
        if (kept.includes(i) || rois.score[i] < 0.01) return;
        expect(kept.some((j) => overlaps(i, j) && rois.score[j] >= rois.score[i])).toBe(true);
      });
    }),
  );
});
