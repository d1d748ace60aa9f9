import { describe, expect, test } from 'vitest';
import { sigmoidLossFromLogits, sigmoidLossFromProbabilities } from '../../../../../src/core/losses/class/bce.js';
import { softplus } from '../../../../../src/core/losses/cls-loss.js';

const row = (...scores: number[]) => Float32Array.from(scores);

describe('sigmoid binary cross-entropy', () => {
  test('K = 1, logit 0: ln 2 either way', () => {
    expect(sigmoidLossFromLogits(row(0), 0, 1, 0)).toBeCloseTo(Math.LN2, 14);
    expect(sigmoidLossFromLogits(row(0), 0, 1, 1)).toBeCloseTo(Math.LN2, 14);
  });

  test('sums over classes; background has no positive class', () => {
    const scores = row(1, -2, 3);
    const expected = softplus(-1) + softplus(-2) + softplus(3);
    expect(sigmoidLossFromLogits(scores, 0, 3, 0)).toBeCloseTo(expected, 13);
    expect(sigmoidLossFromLogits(scores, 0, 3, 3)).toBeCloseTo(softplus(1) + softplus(-2) + softplus(3), 13);
  });

  test('logits of 1e4 give finite answers', () => {
    expect(sigmoidLossFromLogits(row(1e4, -1e4), 0, 2, 1)).toBe(2e4);
    expect(sigmoidLossFromLogits(row(1e4, -1e4), 0, 2, 0)).toBe(0);
  });

  test('tiny losses keep their digits', () => {
    expect(sigmoidLossFromLogits(row(-50, -60), 0, 2, 2)).toBeCloseTo(Math.exp(-50) + Math.exp(-60), 30);
    const p = Math.fround(3e-14);
    expect(sigmoidLossFromProbabilities(row(p), 0, 1, 1) / p).toBeCloseTo(1, 8);
  });

  test('2,000 classes neither overflow nor underflow', () => {
    const zeros = new Float32Array(2000);
    expect(sigmoidLossFromLogits(zeros, 0, 2000, 2000)).toBeCloseTo(2000 * Math.LN2, 9);
    const certain = new Float32Array(2000).fill(1);
    expect(sigmoidLossFromProbabilities(certain, 0, 2000, 2000)).toBeCloseTo(2000 * 12 * Math.LN10, 6);
  });

  test('probabilities and 1 - probabilities are floored at 1e-12', () => {
    expect(sigmoidLossFromProbabilities(row(0, 1), 0, 2, 0)).toBeCloseTo(24 * Math.LN10, 12);
    expect(sigmoidLossFromProbabilities(row(1, 0), 0, 2, 0)).toBe(0);
  });

  test('NaN in any column gives NaN', () => {
    for (const lossOf of [sigmoidLossFromLogits, sigmoidLossFromProbabilities]) {
      expect(lossOf(row(0.5, NaN), 0, 2, 0)).toBeNaN();
      expect(lossOf(row(0.5, NaN), 0, 2, 1)).toBeNaN();
    }
  });
});
