import { describe, expect, test } from 'vitest';
import { logSumExp, objectnessLoss } from '../../../../src/core/losses/cls-loss.js';

test('the logarithm of a sum of nothing but zeros is unknown', () => {
  expect(logSumExp(Float32Array.of(-Infinity, -Infinity), 0, 2)).toBeNaN();
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
