import { describe, expect, it } from 'vitest';
import { NONE } from '../../../../src/core/tables.js';
import { pickRow, rowsAt } from '../../../../webview/geometry/picking.js';

const boxesOf = (...rows: [number, number, number, number][]) => ({
  x1: Float32Array.from(rows, (row) => row[0]),
  y1: Float32Array.from(rows, (row) => row[1]),
  x2: Float32Array.from(rows, (row) => row[2]),
  y2: Float32Array.from(rows, (row) => row[3]),
});
const plain = { scale: 1, x: 0, y: 0 };

describe('rowsAt', () => {
  const boxes = boxesOf([0, 0, 200, 200], [50, 50, 150, 150], [80, 80, 120, 120], [300, 300, 400, 400]);
  const rows = [0, 1, 2, 3];

  it('takes the smallest box first where several contain the point', () => {
    expect(rowsAt(boxes, rows, plain, 100, 100)).toEqual([2, 1, 0]);
  });

  it('prefers the outline that the pointer is on', () => {
    expect(rowsAt(boxes, rows, plain, 51, 100)).toEqual([1, 0]);
    expect(rowsAt(boxes, rows, plain, 100, 1)[0]).toBe(0);
    expect(rowsAt(boxesOf([0, 0, 200, 200], [150, 50, 250, 150]), [0, 1], plain, 199, 100)[0]).toBe(0);
  });

  it('reaches a little beyond the outline, by the same distance on the screen at every zoom', () => {
    expect(rowsAt(boxes, rows, plain, 403, 350)).toEqual([3]);
    expect(rowsAt(boxes, rows, plain, 405, 350)).toEqual([]);
    const zoomed = { scale: 10, x: -2000, y: -2000 };
    expect(rowsAt(boxes, rows, zoomed, 400 * 10 - 2000 + 3, 350 * 10 - 2000)).toEqual([3]);
    expect(rowsAt(boxes, rows, zoomed, 400 * 10 - 2000 + 5, 350 * 10 - 2000)).toEqual([]);
  });

  it('keeps the given order for boxes of one size', () => {
    expect(rowsAt(boxesOf([0, 0, 50, 50], [0, 0, 50, 50]), [1, 0], plain, 25, 25)).toEqual([1, 0]);
  });

  it('looks at the given rows only', () => {
    expect(rowsAt(boxes, [0, 1], plain, 100, 100)).toEqual([1, 0]);
    expect(rowsAt(boxes, [], plain, 100, 100)).toEqual([]);
  });

  it('never hits a box whose corners are not finite', () => {
    expect(rowsAt(boxesOf([NaN, 0, 10, 10]), [0], plain, 5, 5)).toEqual([]);
  });
});

describe('pickRow', () => {
  it('takes the next one below at the same place, and the first again after the last', () => {
    const hits = [4, 2, 7];
    expect(pickRow(hits, NONE, false)).toBe(4);
    expect(pickRow(hits, 4, true)).toBe(2);
    expect(pickRow(hits, 2, true)).toBe(7);
    expect(pickRow(hits, 7, true)).toBe(4);
  });

  it('takes the first at another place, also where the focused one is hit', () => {
    expect(pickRow([4, 2], 4, false)).toBe(4);
  });

  it('takes the first where the focused one is not hit', () => {
    expect(pickRow([4, 2], 9, true)).toBe(4);
  });

  it('takes none where nothing is', () => {
    expect(pickRow([], 3, true)).toBe(NONE);
  });
});
