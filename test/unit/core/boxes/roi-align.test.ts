import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { roiAlign, roiAlignTaps } from '../../../../src/core/boxes/roi-align.js';

const OPTIONS = { pooledSize: 3, samplingRatio: 2, spatialScale: 1 / 8 };
const boxesOf = (rows: number[][]) => {
  const column = (i: number) => Float32Array.from(rows, (row) => row[i]);
  return { x1: column(0), y1: column(1), x2: column(2), y2: column(3) };
};
const box = fc
  .tuple(
    fc.float({ min: -60, max: 120, noNaN: true }),
    fc.float({ min: -60, max: 120, noNaN: true }),
    fc.float({ min: 1, max: 90, noNaN: true }),
    fc.float({ min: 1, max: 90, noNaN: true }),
  )
  .map(([x, y, w, h]) => [x, y, x + w, y + h]);

describe('roiAlign', () => {
  test('no rows give no values', () => {
    expect(roiAlign(new Float32Array(24), 2, 3, 4, boxesOf([]), OPTIONS)).toHaveLength(0);
  });

  test('a map of the wrong size is refused with both sizes', () => {
    expect(() => roiAlign(new Float32Array(23), 2, 3, 4, boxesOf([]), OPTIONS)).toThrow(
      /features: expected 2 \* 3 \* 4 numbers, received 23/,
    );
  });

  test('a constant map pools to the constant inside the map', () => {
    const features = new Float32Array(10 * 10).fill(2.5);
    const pooled = roiAlign(features, 10, 10, 1, boxesOf([[8, 8, 60, 44]]), OPTIONS);
    for (const value of pooled) expect(value).toBeCloseTo(2.5, 6);
  });

  test('a ramp pools to the ramp at the bin centres', () => {
    const features = Float32Array.from({ length: 100 }, (_, i) => i % 10);
    const pooled = roiAlign(features, 10, 10, 1, boxesOf([[16, 16, 64, 64]]), OPTIONS);
    // Cells are 8 px: px 16 is place 1.5 between cells; bins of 2 cells have centres 2.5, 4.5, 6.5.
    expect([...pooled.subarray(0, 3)].map((value) => Math.round(value * 1e5) / 1e5)).toEqual([2.5, 4.5, 6.5]);
  });

  test('degenerate and non-finite boxes pool to zeros', () => {
    const features = new Float32Array(16).fill(1);
    const rows = [
      [5, 5, 5, 9],
      [9, 5, 5, 9],
      [NaN, 0, 8, 8],
      [0, 0, Infinity, 8],
    ];
    expect(roiAlign(features, 4, 4, 1, boxesOf(rows), OPTIONS).every((value) => value === 0)).toBe(true);
  });

  test('property: the taps are the same sum', () => {
    fc.assert(
      fc.property(
        fc.array(box, { maxLength: 4 }),
        fc.infiniteStream(fc.float({ min: -4, max: 4, noNaN: true })),
        (rows, values) => {
          const [height, width, channels] = [7, 9, 2];
          const features = Float32Array.from({ length: height * width * channels }, () => values.next().value ?? 0);
          const boxes = boxesOf(rows);
          const pooled = roiAlign(features, height, width, channels, boxes, OPTIONS);
          const { cell, weight, tapsPerBin } = roiAlignTaps(height, width, boxes, OPTIONS);
          expect(cell.length).toBe(rows.length * 9 * tapsPerBin);
          for (let at = 0; at < pooled.length; at++) {
            const bin = Math.floor(at / channels);
            let sum = 0;
            for (let t = bin * tapsPerBin; t < (bin + 1) * tapsPerBin; t++)
              sum += weight[t] * features[cell[t] * channels + (at % channels)];
            expect(Math.abs(sum - pooled[at])).toBeLessThan(1e-5);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
