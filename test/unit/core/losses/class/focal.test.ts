import { describe, expect, test } from 'vitest';
import { focalLossFromLogits, focalLossFromProbabilities } from '../../../../../src/core/losses/class/focal.js';

const row = (...scores: number[]) => Float32Array.from(scores);

describe('focal loss', () => {
  test('p = 1/2: a quarter of the cross-entropy, times alpha', () => {
    expect(focalLossFromLogits(row(0), 0, 1, 0)).toBeCloseTo(0.25 * 0.25 * Math.LN2, 14);
    expect(focalLossFromLogits(row(0), 0, 1, 1)).toBeCloseTo(0.75 * 0.25 * Math.LN2, 14);
    expect(focalLossFromProbabilities(row(0.5), 0, 1, 1)).toBeCloseTo(0.75 * 0.25 * Math.LN2, 14);
  });

  test('logits of 1e4 give finite answers', () => {
    expect(focalLossFromLogits(row(1e4, -1e4), 0, 2, 1)).toBe(1e4);
  });

  test('NaN in any column gives NaN', () => {
    for (const lossOf of [focalLossFromLogits, focalLossFromProbabilities]) {
      expect(lossOf(row(0.5, NaN), 0, 2, 0)).toBeNaN();
      expect(lossOf(row(0.5, NaN), 0, 2, 1)).toBeNaN();
    }
  });
});
