import { describe, expect, test } from 'vitest';
import { FAST_RCNN_MEASURE, type MeasureConfig } from '../../../../src/core/measure/measure-config.js';
import { measureRois } from '../../../../src/core/measure/measure.js';
import { centreNess, objectnessLoss } from '../../../../src/core/measure/objectness.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';

const LN2 = Math.LN2;

describe('objectnessLoss', () => {
  test.each([
    [0, 1, 'logits', LN2],
    [1e4, 0, 'logits', 1e4],
    [1e4, 1, 'logits', 0],
    [1e4, 0.75, 'logits', 2500],
    [0.25, 1, 'probabilities', Math.log(4)],
    [0.75, 0, 'probabilities', Math.log(4)],
    [0.5, 0.3, 'probabilities', LN2],
    [1, 0, 'probabilities', 12 * Math.LN10],
  ] as const)('%d towards %d, %s', (value, target, given, expected) => {
    expect(objectnessLoss(value, target, given)).toBeCloseTo(expected, 12);
  });
});

test.each([
  ['the middle', 5, 10, 1],
  ['a quarter across', 2.5, 10, Math.sqrt(1 / 3)],
  ['a quarter along both', 2.5, 5, 1 / 3],
  ['the edge', 0, 10, 0],
  ['outside', 11, 10, 0],
])('centre-ness of %s', (_where, x, y, expected) => {
  expect(centreNess(x, y, 0, 0, 10, 20)).toBeCloseTo(expected, 12);
});

describe('in a table', () => {
  const REGIONS = [
    [0, 0, 10, 10],
    [50, 50, 60, 60],
  ];
  const DENSE = { ...FAST_RCNN_MEASURE, clsLoss: 'bce', locLoss: 'giou' } as const;
  /** An object that is the lower half of the first region; logits of 0: each BCE is ln 2, whatever the target. */
  const measure = (config: Partial<MeasureConfig>, objectness = Float32Array.of(0, 0), levels = [2]) =>
    measureRois(
      makeOutput(REGIONS, 2, {
        scoreForm: { activation: 'sigmoid', given: 'logits' },
        objectness,
        preds: columnsOf(REGIONS),
        grid: {
          centreX: Float32Array.of(5, 55),
          centreY: Float32Array.of(5, 55),
          strideX: Float32Array.of(10, 10),
          strideY: Float32Array.of(10, 10),
          levelStart: Int32Array.of(0, ...levels),
        },
      }),
      makeGts([{ box: [0, 0, 10, 8] }]),
      { ...DENSE, ...config },
      IMAGE,
    ).lossCls;

  test('each term has its weight, and background both', () => {
    const [foreground, background] = measure({ clsLossWeight: 3, objLossWeight: 5, backgroundWeight: 2 });
    expect(foreground).toBeCloseTo(11 * LN2, 5);
    expect(background).toBeCloseTo(10 * LN2, 5);
  });

  test('foreground is asked for the overlap of its regressed box', () => {
    // Logit z towards y costs softplus(z) - y z: IoU .8; CIoU less 1 / 200 for the centre, and for the shape.
    const z = Float32Array.of(20, 0);
    const plain = measure({ objTarget: 'one' }, z)[0];
    expect(measure({ objTarget: 'iou' }, z)[0] - plain).toBeCloseTo(0.2 * 20, 5);
    const ciou = 1 - (measure({ objTarget: 'ciou' }, z)[0] - plain) / 20;
    expect(ciou).toBeGreaterThan(0.79);
    expect(ciou).toBeLessThan(0.8 - 1 / 200);
  });

  test('of centre-ness background pays for its classes instead', () => {
    const [foreground, background] = measure({ objTarget: 'centre-ness', objLossWeight: 4 });
    expect(foreground).toBeCloseTo((2 + 4) * LN2, 5);
    expect(background).toBeCloseTo(2 * LN2, 5);
  });

  test('levels weighed by their means are named where the head has others', () => {
    const balanced = () => measure({ objLevels: 'yolov5' });
    expect(balanced).toThrow(MiningError);
    expect(balanced).toThrow(/obj-levels: expected rows .* received 1 levels/);
  });
});
