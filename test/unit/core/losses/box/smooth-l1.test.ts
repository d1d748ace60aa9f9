import { describe, expect, test } from 'vitest';
import { smoothL1Loss } from '../../../../../src/core/losses/box/smooth-l1.js';

describe('smoothL1Loss', () => {
  test('parabola below beta, line above, summed over four', () => {
    expect(smoothL1Loss([0.5, 0, 0, 0], 0, [0, 0, 0, 0], 1)).toBe(0.125);
    expect(smoothL1Loss([3, -3, 0, 0], 0, [0, 0, 0, 0], 1)).toBe(5);
    expect(smoothL1Loss([1, 1, 1, 1], 0, [0, 0, 0, 0], 1)).toBe(2);
    expect(smoothL1Loss([0, 0, 0, 2], 0, [0, 0, 0, 0], 1 / 9)).toBeCloseTo(2 - 1 / 18, 14);
  });

  test('reads its own row', () => {
    expect(smoothL1Loss([9, 9, 9, 9, 1, 2, 3, 4], 4, [1, 2, 3, 4], 1)).toBe(0);
  });

  test('NaN stays NaN, infinity stays infinite', () => {
    expect(smoothL1Loss([NaN, 0, 0, 0], 0, [0, 0, 0, 0], 1)).toBeNaN();
    expect(smoothL1Loss([Infinity, 0, 0, 0], 0, [0, 0, 0, 0], 1)).toBe(Infinity);
  });
});
