import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxDensity } from '../../../../webview/geometry/density.js';

const image = { width: 96, height: 48 };
const boxesOf = (...rows: readonly (readonly number[])[]) => ({
  x1: Float64Array.from(rows, (row) => row[0]),
  y1: Float64Array.from(rows, (row) => row[1]),
  x2: Float64Array.from(rows, (row) => row[2]),
  y2: Float64Array.from(rows, (row) => row[3]),
});

describe('boxDensity', () => {
  it('has cells along the longer side of the image', () => {
    const { numColumns, numRows, value } = boxDensity(boxesOf(), [], image);
    expect([numColumns, numRows, value.length]).toEqual([96, 48, 96 * 48]);
    expect(value.every((cell) => cell === 0)).toBe(true);
  });

  it('is 1 on the only box and 0 around it', () => {
    const { value } = boxDensity(boxesOf([10, 5, 20, 9]), [0], image);
    expect(value[5 * 96 + 10]).toBeCloseTo(1, 5);
    expect(value[8 * 96 + 19]).toBeCloseTo(1, 5);
    expect([value[4 * 96 + 10], value[9 * 96 + 10], value[5 * 96 + 9], value[5 * 96 + 20]]).toEqual([0, 0, 0, 0]);
  });

  it('lets a crowd of small boxes stand out over a large one', () => {
    const { value } = boxDensity(boxesOf([0, 0, 96, 48], [10, 10, 12, 12], [10, 10, 12, 12]), [0, 1, 2], image);
    expect(value[10 * 96 + 10]).toBeCloseTo(1, 5);
    expect(value[40 * 96 + 90]).toBeLessThan(0.05);
  });

  it('stays in [0, 1] for any box', () => {
    const number = fc.oneof(fc.double(), fc.double({ min: -50, max: 150, noNaN: true }));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number, number, number), { maxLength: 20 }), (rows) => {
        const { value } = boxDensity(
          boxesOf(...rows),
          rows.map((_, i) => i),
          image,
        );
        expect(value.every((cell) => cell >= 0 && cell <= 1)).toBe(true);
      }),
    );
  });
});
