import { describe, expect, test } from 'vitest';
import { giouLoss } from '../../../../../src/core/losses/box/giou.js';

const giou = (a: number[], b: number[]) => giouLoss(a[0], a[1], a[2], a[3], b[0], b[1], b[2], b[3]);

describe('giouLoss', () => {
  test('equal boxes 0, touching boxes 1, far boxes towards 2', () => {
    expect(giou([0, 0, 10, 10], [0, 0, 10, 10])).toBe(0);
    expect(giou([0, 0, 10, 10], [10, 0, 20, 10])).toBe(1);
    expect(giou([0, 0, 1, 1], [999, 999, 1000, 1000])).toBeCloseTo(2, 5);
  });

  test('half overlap: IoU 1/3, no waste', () => {
    expect(giou([0, 0, 2, 1], [1, 0, 3, 1])).toBeCloseTo(2 / 3, 14);
  });

  test('a degenerate box has a finite loss that falls as it comes nearer', () => {
    const target = [0, 0, 10, 10];
    const inside = giou([5, 5, 5, 5], target);
    const near = giou([12, 5, 12, 5], target);
    const far = giou([90, 5, 90, 5], target);
    expect(inside).toBe(1);
    expect(near).toBeGreaterThan(inside);
    expect(far).toBeGreaterThan(near);
    expect(far).toBeLessThan(2);
    expect(giou([8, 8, 2, 2], target)).toBe(1);
    expect(giou([5, 5, 5, 5], [5, 5, 5, 5])).toBe(1);
  });

  test.each([[NaN], [Infinity], [-Infinity]])('%d in a box gives NaN', (value) => {
    for (let side = 0; side < 4; side++) {
      const box = [0, 0, 5, 5];
      box[side] = value;
      expect(giou(box, [1, 1, 4, 4])).toBeNaN();
    }
  });
});
