import { describe, expect, test } from 'vitest';
import {
  softmaxLossFromLogits,
  softmaxLossFromProbabilities,
} from '../../../../../src/core/losses/class/cross-entropy.js';

const row = (...scores: number[]) => Float32Array.from(scores);

describe('softmax cross-entropy', () => {
  test('equal logits cost the logarithm of the number of columns', () => {
    expect(softmaxLossFromLogits(row(0, 0, 0, 0), 0, 3, 3)).toBeCloseTo(Math.log(4), 14);
  });

  test('reads its own row and the given label', () => {
    const scores = row(9, 9, 9, 0, 1, 2);
    expect(softmaxLossFromLogits(scores, 3, 2, 0)).toBeCloseTo(Math.log(1 + Math.E + Math.E ** 2), 6);
  });

  test('logits of 1e4 cost their difference, unclamped', () => {
    expect(softmaxLossFromLogits(row(1e4, -1e4), 0, 1, 1)).toBe(2e4);
    expect(softmaxLossFromLogits(row(1e4, -1e4), 0, 1, 0)).toBe(0);
  });

  test('the very hardest do not tie', () => {
    expect(softmaxLossFromLogits(row(60, 0), 0, 1, 1)).toBeGreaterThan(softmaxLossFromLogits(row(50, 0), 0, 1, 1));
  });

  test('-Infinity elsewhere is a class that cannot be; NaN and +Infinity give NaN', () => {
    expect(softmaxLossFromLogits(row(-Infinity, 0), 0, 1, 1)).toBe(0);
    expect(softmaxLossFromLogits(row(-Infinity, 0), 0, 1, 0)).toBe(Infinity);
    expect(softmaxLossFromLogits(row(NaN, 0), 0, 1, 1)).toBeNaN();
    expect(softmaxLossFromLogits(row(Infinity, 0), 0, 1, 1)).toBeNaN();
  });

  test('probabilities are floored at 1e-12', () => {
    expect(softmaxLossFromProbabilities(row(0.25, 0.75), 0, 1, 0)).toBeCloseTo(Math.log(4), 14);
    expect(softmaxLossFromProbabilities(row(0, 1), 0, 1, 0)).toBeCloseTo(12 * Math.LN10, 12);
    expect(Object.is(softmaxLossFromProbabilities(row(0, 1), 0, 1, 1), 0)).toBe(true);
    expect(softmaxLossFromProbabilities(row(NaN, 1), 0, 1, 0)).toBeNaN();
  });
});
