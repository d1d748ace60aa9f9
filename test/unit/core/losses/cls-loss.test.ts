import { expect, test } from 'vitest';
import { logSumExp } from '../../../../src/core/losses/cls-loss.js';

test('the logarithm of a sum of nothing but zeros is unknown', () => {
  expect(logSumExp(Float32Array.of(-Infinity, -Infinity), 0, 2)).toBeNaN();
});
