import { describe, expect, test } from 'vitest';
import { voidFlatLosses } from '../../../../src/core/measure/flat-losses.js';
import { allocateRoiTable } from '../../../../src/core/tables.js';

/** Two foreground rows, then background with these losses. */
function table(losses: readonly number[]) {
  const rois = allocateRoiTable(losses.length + 2, 3, 'float32');
  rois.gtClass.fill(3);
  rois.gtClass.fill(0, 0, 2);
  rois.lossCls.set([1, 2, ...losses]);
  return rois;
}

describe('voidFlatLosses', () => {
  test('background of one loss is no measurement; foreground stays', () => {
    const rois = table(Array(10).fill(27.5));
    expect(voidFlatLosses(rois)).toBe(27.5);
    expect([...rois.lossCls]).toEqual([1, 2, ...Array(10).fill(NaN)]);
  });

  test('one that differs, too few, or NaN alone: as they are', () => {
    for (const losses of [[...Array(10).fill(0), 0.5], Array(9).fill(0), Array(12).fill(NaN)]) {
      const rois = table(losses);
      expect(voidFlatLosses(rois)).toBeNull();
      expect([...rois.lossCls]).toEqual([1, 2, ...losses]);
    }
  });
});
