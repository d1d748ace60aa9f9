import { describe, expect, it } from 'vitest';
import { rankRows } from '../../../src/core/rank.js';

/** Few rows are sorted otherwise than many: both ways give the same order. */
function order(loss: number[], rows = loss.map((_, row) => row)): number[] {
  const few = [...rankRows(Float64Array.from(loss), Int32Array.from(rows))];
  const more = Array.from({ length: 300 }, (_, i) => loss.length + i);
  const among = Float64Array.from([...loss, ...more.map(() => -Number.MAX_VALUE)]);
  expect([...rankRows(among, Int32Array.from([...rows, ...more]))]).toEqual([...few, ...more]);
  return few;
}

describe('rankRows', () => {
  it('puts the greatest loss first and equal losses by row', () => {
    expect(order([1, 3, 2, 3, -1, 0])).toEqual([1, 3, 2, 0, 5, 4]);
  });

  it('orders the rows it is given and no others', () => {
    expect(order([9, 1, 9, 4, 7], [1, 3, 4])).toEqual([4, 3, 1]);
  });

  it('takes 0 and -0 as equal', () => {
    expect(order([-0, 0, -0, 1, -1])).toEqual([3, 0, 1, 2, 4]);
  });

  it('separates losses that are equal as float32', () => {
    const ulp = 2 ** -52;
    expect(order([1, 1 + ulp, 1 + 2 * ulp, 1 + ulp, 1 - ulp])).toEqual([2, 1, 3, 0, 4]);
    expect(order([-1, -1 - ulp * 2, -1 + ulp])).toEqual([2, 0, 1]);
  });

  it('orders doubles beyond and below the range of float32', () => {
    expect(order([1e308, -1e308, 1.5e308, 1e-320, 0, -1e-320, 5e-324, Number.MAX_VALUE])).toEqual([
      7, 2, 0, 3, 6, 4, 5, 1,
    ]);
  });

  it('gives nothing for nothing', () => {
    expect(order([])).toEqual([]);
  });

  it('keeps row order where 200,000 losses are equal, and sorts 200,000 that differ', () => {
    const numRows = 200_000;
    const rows = Int32Array.from({ length: numRows }, (_, i) => i);
    expect(rankRows(new Float64Array(numRows).fill(0.25), rows)).toEqual(rows);
    const loss = Float64Array.from(rows, (row) => 1 + ((row * 7919) % numRows) * 2 ** -52);
    const ranked = rankRows(loss, rows);
    expect(ranked.every((row, i) => i === 0 || loss[ranked[i - 1]] > loss[row])).toBe(true);
  });
});
