import { describe, expect, test } from 'vitest';
import { logSumExp, objectnessLoss, softplus } from '../../../../src/core/losses/cls-loss.js';
import { clsLossOf } from '../../../../src/core/losses/class/index.js';
import { focalLossFromLogits, focalLossFromProbabilities } from '../../../../src/core/losses/class/focal.js';
import { sigmoidLossFromLogits, sigmoidLossFromProbabilities } from '../../../../src/core/losses/class/bce.js';
import {
  softmaxLossFromLogits,
  softmaxLossFromProbabilities,
} from '../../../../src/core/losses/class/cross-entropy.js';
import type { ScoreForm } from '../../../../src/core/losses/detector-output.js';
import type { ClsLossId } from '../../../../src/core/losses/class/index.js';

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
    expect(logSumExp(row(-Infinity, -Infinity), 0, 2)).toBeNaN();
  });

  test('probabilities are floored at 1e-12', () => {
    expect(softmaxLossFromProbabilities(row(0.25, 0.75), 0, 1, 0)).toBeCloseTo(Math.log(4), 14);
    expect(softmaxLossFromProbabilities(row(0, 1), 0, 1, 0)).toBeCloseTo(12 * Math.LN10, 12);
    expect(Object.is(softmaxLossFromProbabilities(row(0, 1), 0, 1, 1), 0)).toBe(true);
    expect(softmaxLossFromProbabilities(row(NaN, 1), 0, 1, 0)).toBeNaN();
  });
});

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
    expect(focalLossFromLogits(row(1e4, -1e4), 0, 2, 1)).toBe(1e4);
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
    for (const lossOf of [
      sigmoidLossFromLogits,
      sigmoidLossFromProbabilities,
      focalLossFromLogits,
      focalLossFromProbabilities,
    ]) {
      expect(lossOf(row(0.5, NaN), 0, 2, 0)).toBeNaN();
      expect(lossOf(row(0.5, NaN), 0, 2, 1)).toBeNaN();
    }
  });
});

describe('focal loss', () => {
  test('p = 1/2: a quarter of the cross-entropy, times alpha', () => {
    expect(focalLossFromLogits(row(0), 0, 1, 0)).toBeCloseTo(0.25 * 0.25 * Math.LN2, 14);
    expect(focalLossFromLogits(row(0), 0, 1, 1)).toBeCloseTo(0.75 * 0.25 * Math.LN2, 14);
    expect(focalLossFromProbabilities(row(0.5), 0, 1, 1)).toBeCloseTo(0.75 * 0.25 * Math.LN2, 14);
  });
});

describe('objectness', () => {
  test.each([
    [0, true, 'logits', Math.LN2],
    [1e4, false, 'logits', 1e4],
    [1e4, true, 'logits', 0],
    [0.25, true, 'probabilities', Math.log(4)],
    [0.75, false, 'probabilities', Math.log(4)],
    [1, false, 'probabilities', 12 * Math.LN10],
  ] as const)('%d, object %s, %s', (value, isObject, given, expected) => {
    expect(objectnessLoss(value, isObject, given)).toBeCloseTo(expected, 12);
  });
});

describe('clsLossOf', () => {
  const form = (activation: ScoreForm['activation'], given: ScoreForm['given'] = 'logits') => ({ activation, given });

  test('a loss that does not fit the head is refused', () => {
    const refuse = (id: ClsLossId, activation: ScoreForm['activation']) => () => clsLossOf(id, form(activation));
    expect(refuse('bce', 'softmax')).toThrow(
      'options: cls-loss: expected cross-entropy (a softmax head), received bce',
    );
    expect(refuse('focal', 'softmax')).toThrow('expected cross-entropy');
    expect(refuse('cross-entropy', 'sigmoid')).toThrow(
      'expected bce or focal or qfl or vfl or mal or ia-bce (a sigmoid head), received cross-entropy',
    );
    expect(() => clsLossOf('focal', form('sigmoid'), 'soft')).toThrow(
      'options: cls-target: expected one (focal takes no soft target), received soft',
    );
  });

  test('each form has its own', () => {
    expect(clsLossOf('cross-entropy', form('softmax'))).toBe(softmaxLossFromLogits);
    expect(clsLossOf('cross-entropy', form('softmax', 'probabilities'))).toBe(softmaxLossFromProbabilities);
    expect(clsLossOf('bce', form('sigmoid'))).toBe(sigmoidLossFromLogits);
    expect(clsLossOf('bce', form('sigmoid', 'probabilities'))).toBe(sigmoidLossFromProbabilities);
    expect(clsLossOf('focal', form('sigmoid'))).toBe(focalLossFromLogits);
    expect(clsLossOf('focal', form('sigmoid', 'probabilities'))).toBe(focalLossFromProbabilities);
  });
});
