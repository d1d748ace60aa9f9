import { describe, expect, test } from 'vitest';
import { type DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { FAST_RCNN_MEASURE, type MeasureConfig } from '../../../../src/core/measure/measure-config.js';
import { measureRois } from '../../../../src/core/measure/measure.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';
import type { GtSpec } from '../make-output.js';

const OBJECT: GtSpec = { box: [0, 0, 10, 10], gtClass: 1 };
const FAR = [50, 50, 60, 60];

function measure(
  regions: number[][],
  gts: GtSpec[],
  output: Partial<DetectorOutput> = {},
  config: Partial<MeasureConfig> = {},
) {
  return measureRois(makeOutput(regions, 2, output), makeGts(gts), { ...FAST_RCNN_MEASURE, ...config }, IMAGE);
}
const YOLOX_FORM = { scoreForm: { activation: 'sigmoid', given: 'logits' } } as const;
const YOLOX_CONFIG = { clsLoss: 'bce', locLoss: 'giou', roiBox: 'regressed' } as const;

describe('measureRois', () => {
  test('labels, IoU and matched row; losses of foreground and background', () => {
    const gts = [{ box: [80, 80, 90, 90], crowd: true }, OBJECT];
    const scores = Float32Array.of(0, 1, 2, 0, 1, 2);
    const rois = measure([[0, 0, 10, 8], FAR], gts, { scores });
    expect([...rois.gtIndex]).toEqual([1, -1]);
    expect([...rois.gtClass]).toEqual([1, 2]);
    expect(rois.iou[0]).toBe(Math.fround(0.8));
    const logSum = Math.log(1 + Math.E + Math.E ** 2);
    expect(rois.lossCls[0]).toBeCloseTo(logSum - 1, 6);
    expect(rois.lossCls[1]).toBeCloseTo(logSum - 2, 6);
    // Encoded: dy = 10 * 1 / 8, dh = 5 ln(10 / 8).
    const expected = 1.25 - 0.5 + (5 * Math.log(1.25) - 0.5);
    expect(rois.lossLoc[0]).toBeCloseTo(expected, 6);
    expect(rois.lossLoc[1]).toBe(0);
  });

  test('the table is float32, of one image, with both boxes and the configured roiBox', () => {
    const rois = measure([FAR], [], { preds: columnsOf([[1, 2, 3, 4]]) }, { roiBox: 'regressed' });
    expect(rois.lossCls).toBeInstanceOf(Float32Array);
    expect(rois.roiBox).toBe('regressed');
    expect([rois.x1[0], rois.y2[0], rois.predX1[0], rois.predY2[0], rois.imageIndex[0]]).toEqual([50, 60, 1, 4, 0]);
  });

  test('zero RoIs; zero ground truths; one class', () => {
    expect(measure([], [OBJECT]).numRois).toBe(0);
    const rois = measure([FAR, FAR], []);
    expect([...rois.gtClass]).toEqual([2, 2]);
    expect([...rois.iou]).toEqual([0, 0]);
    const single = measureRois(
      makeOutput([[0, 0, 10, 10]], 1),
      makeGts([{ box: [0, 0, 10, 10] }]),
      FAST_RCNN_MEASURE,
      IMAGE,
    );
    expect(single.lossCls[0]).toBeCloseTo(Math.LN2, 6);
    expect(single.gtClass[0]).toBe(0);
  });

  describe('ignore', () => {
    const crowd: GtSpec = { box: [0, 0, 10, 10], crowd: true };

    test.each([
      ['crowd', { crowd: true }],
      ['difficult', { difficult: true }],
      ['unknown class', { gtClass: -1 }],
    ])('a RoI on a %s object is ignored and costs nothing', (_what, changes) => {
      const rois = measure([[0, 0, 10, 10], FAR], [{ ...OBJECT, ...changes }]);
      expect([...rois.gtClass]).toEqual([-1, 2]);
      expect([...rois.gtIndex]).toEqual([-1, -1]);
      expect([rois.lossCls[0], rois.lossLoc[0], rois.iou[0]]).toEqual([0, 0, 0]);
    });

    test('a match outweighs a crowd under it', () => {
      expect([...measure([[0, 0, 10, 10]], [crowd, OBJECT]).gtClass]).toEqual([1]);
    });

    test('the gap between the thresholds is ignored and keeps its IoU', () => {
      const rois = measure([[0, 0, 10, 4.5]], [OBJECT], {}, { bgThreshold: 0.4 });
      expect(rois.gtClass[0]).toBe(-1);
      expect(rois.iou[0]).toBe(Math.fround(0.45));
    });

    test('the overlap is of the box that stands for the RoI', () => {
      const preds = columnsOf([FAR]);
      expect(measure([[0, 0, 10, 10]], [crowd], { preds }, { roiBox: 'region' }).gtClass[0]).toBe(-1);
      expect(measure([[0, 0, 10, 10]], [crowd], { preds }, { roiBox: 'regressed' }).gtClass[0]).toBe(2);
    });
  });

  test('max-iou compares the regressed box where that stands for the RoI', () => {
    const preds = columnsOf([[0, 0, 10, 10]]);
    expect(measure([FAR], [OBJECT], { preds }, { roiBox: 'regressed' }).gtIndex[0]).toBe(0);
    expect(measure([FAR], [OBJECT], { preds }, { roiBox: 'region' }).gtIndex[0]).toBe(-1);
  });

  describe('objectness', () => {
    const output = { ...YOLOX_FORM, scores: Float32Array.of(3, 1, 3, 1), objectness: Float32Array.of(2, 2) };
    const softplus = (z: number) => Math.log1p(Math.exp(z));

    test('foreground pays for class and objectness, background for objectness alone', () => {
      const rois = measure([[0, 0, 10, 10], FAR], [OBJECT], output, YOLOX_CONFIG);
      expect(rois.lossCls[0]).toBeCloseTo(softplus(3) + softplus(-1) + softplus(-2), 6);
      expect(rois.lossCls[1]).toBeCloseTo(softplus(2), 6);
    });

    test('without objectness background pays for every class', () => {
      const rois = measure([FAR], [], { ...YOLOX_FORM, scores: Float32Array.of(3, 1) }, YOLOX_CONFIG);
      expect(rois.lossCls[0]).toBeCloseTo(softplus(3) + softplus(1), 6);
    });
  });

  describe('box loss', () => {
    test('class-specific deltas: those of the label', () => {
      const region = [0, 0, 10, 10];
      const wrong = [9, 9, 9, 9];
      const perClass = Float32Array.of(...wrong, 0, 0, 0, 0);
      const deltaWeights = [10, 10, 5, 5] as const;
      expect(measure([region], [OBJECT], { deltas: perClass, deltaWeights }).lossLoc[0]).toBe(0);
      const agnostic = Float32Array.of(0, 0, 0, 3);
      expect(measure([region], [OBJECT], { deltas: agnostic, deltaWeights }).lossLoc[0]).toBe(2.5);
    });

    test('the weights of the checkpoint scale the target', () => {
      const deltas = Float32Array.of(0, 0, 0, 0);
      const one = measure([[0, 0, 10, 8]], [OBJECT], { deltas, deltaWeights: [1, 1, 1, 1] });
      expect(one.lossLoc[0]).toBeCloseTo(0.5 * 0.125 ** 2 + 0.5 * Math.log(1.25) ** 2, 7);
    });

    test('sigma sharpens smooth L1', () => {
      const deltas = Float32Array.of(0.5, 0, 0, 0);
      const output = { deltas, deltaWeights: [10, 10, 5, 5] } as const;
      expect(measure([[0, 0, 10, 10]], [OBJECT], output).lossLoc[0]).toBe(0.125);
      expect(measure([[0, 0, 10, 10]], [OBJECT], output, { sigma: 2 }).lossLoc[0]).toBe(0.375);
    });

    test('without deltas smooth L1 encodes the regressed box', () => {
      const preds = columnsOf([[1, 0, 11, 10]]);
      const rois = measure([[0, 0, 10, 10]], [OBJECT], { preds });
      expect(rois.lossLoc[0]).toBeCloseTo(0.5, 6); // dx = 10 * 1 / 10
    });

    test('GIoU of the regressed box', () => {
      const preds = columnsOf([[0, 0, 10, 5]]);
      expect(measure([[0, 0, 10, 10]], [OBJECT], { preds }, { locLoss: 'giou' }).lossLoc[0]).toBe(0.5);
    });

    test('a collapsed regressed box has a finite GIoU loss', () => {
      const preds = columnsOf([[5, 5, 5, 5]]);
      expect(measure([[0, 0, 10, 10]], [OBJECT], { preds }, { locLoss: 'giou' }).lossLoc[0]).toBe(1);
    });
  });

  describe('bad numbers', () => {
    test('a degenerate region under a match has a NaN box loss', () => {
      const rois = measure([[5, 5, 5, 5]], [OBJECT], { preds: columnsOf([[0, 0, 10, 10]]) }, { roiBox: 'regressed' });
      expect(rois.gtIndex[0]).toBe(0);
      expect(rois.lossLoc[0]).toBeNaN();
    });

    test('a NaN score spoils its own row only', () => {
      const scores = Float32Array.of(0, NaN, 0, 0, 0, 0);
      const rois = measure([FAR, FAR], [], { scores });
      expect(rois.lossCls[0]).toBeNaN();
      expect(rois.score[0]).toBeNaN();
      expect(rois.lossCls[1]).toBeCloseTo(Math.log(3), 6);
    });

    test('a NaN class under objectness spoils a background row too', () => {
      const output = { ...YOLOX_FORM, scores: Float32Array.of(NaN, 0), objectness: Float32Array.of(0) };
      expect(measure([FAR], [], output, YOLOX_CONFIG).lossCls[0]).toBeNaN();
    });

    test('probabilities that are none spoil their row', () => {
      const scoreForm = { activation: 'softmax', given: 'probabilities' } as const;
      const rois = measure([FAR, FAR], [], { scoreForm, scores: Float32Array.of(7, -3, 1, 0, 0, 1) });
      expect(rois.lossCls[0]).toBeNaN();
      expect(rois.lossCls[1]).toBe(0);
    });

    test.each([1e4, -1e4])('logits of %d cost a finite number', (logit) => {
      const rois = measure([FAR, [0, 0, 10, 10]], [OBJECT], { scores: Float32Array.of(logit, 0, 0, logit, 0, 0) });
      expect([...rois.lossCls].every(Number.isFinite)).toBe(true);
    });

    test('NaN and infinite boxes are background with IoU 0', () => {
      const rois = measure(
        [
          [NaN, 0, 10, 10],
          [-Infinity, 0, Infinity, 10],
          [0, 0, 10, NaN],
        ],
        [OBJECT],
      );
      expect([...rois.gtClass]).toEqual([2, 2, 2]);
      expect([...rois.iou]).toEqual([0, 0, 0]);
      expect([...rois.lossCls].every(Number.isFinite)).toBe(true);
    });

    test('objects without area match nothing', () => {
      expect(measure([[5, 5, 5, 5]], [{ box: [5, 5, 5, 5] }]).gtClass[0]).toBe(2);
    });
  });

  describe('refuses', () => {
    const refused = (output: Partial<DetectorOutput>, config: Partial<MeasureConfig> = {}) => {
      try {
        measure([FAR], [OBJECT], output, config);
      } catch (error) {
        if (error instanceof MiningError) return error.message;
        throw error;
      }
      return 'nothing';
    };

    test.each<[string, Partial<DetectorOutput>]>([
      ['mining: scores: expected 3 values, received 2', { scores: new Float32Array(2) }],
      ['mining: regions.x1: expected 1 values, received 0', { regions: columnsOf([]) }],
      ['mining: preds.x1: expected 1 values, received 2', { preds: columnsOf([FAR, FAR]) }],
      ['mining: objectness: expected 1 values, received 2', { objectness: new Float32Array(2) }],
      ['mining: deltas: expected 8 values, received 5', { deltas: new Float32Array(5) }],
      [
        'mining: deltaWeights: expected the weights that the deltas were encoded with, received none',
        { deltas: new Float32Array(4) },
      ],
      ['mining: numClasses: expected an integer in [1, 32766], received 0', { numClasses: 0 }],
    ])('%s', (message, output) => {
      expect(refused(output)).toBe(message);
    });

    test.each<[string, Partial<MeasureConfig>]>([
      ['options: fg-threshold: expected a number in [0, 1], received 1.5', { fgThreshold: 1.5 }],
      ['options: bg-threshold: expected a number in [0, 0.5], received 0.6', { bgThreshold: 0.6 }],
      ['options: ignore-threshold: expected a number in [0, 1], received NaN', { ignoreThreshold: NaN }],
      ['options: sigma: expected a number in [0.001, 1000], received 0', { sigma: 0 }],
      [
        'options: assigner: expected max-iou or hungarian (this family has no anchor grid), received simota',
        { assigner: 'simota' },
      ],
      [
        'options: assigner: expected max-iou or hungarian (this family has no anchor grid), received atss',
        { assigner: 'atss' },
      ],
      ['options: cls-loss: expected cross-entropy (a softmax head), received focal', { clsLoss: 'focal' }],
    ])('%s', (message, config) => {
      expect(refused({}, config)).toBe(message);
    });

    test('a grid that does not cover the rows', () => {
      const one = new Float32Array(1);
      const grid = { centreX: one, centreY: one, strideX: one, strideY: one, levelStart: Int32Array.of(0, 2) };
      expect(refused({ grid })).toBe('mining: grid.levelStart: expected levels of 1 rows, received 2');
      expect(refused({ grid: { ...grid, strideY: new Float32Array(0) } })).toBe(
        'mining: grid.strideY: expected 1 values, received 0',
      );
    });
  });

  test('the inputs stay as they were', () => {
    const output = makeOutput([[0, 0, 10, 10], FAR], 2);
    const gts = makeGts([OBJECT]);
    const before = JSON.stringify([output, gts]);
    measureRois(output, gts, FAST_RCNN_MEASURE, IMAGE);
    expect(JSON.stringify([output, gts])).toBe(before);
  });
});
