import { describe, expect, test } from 'vitest';
import { Shortlist } from '../../../../src/core/assign/shortlist.js';

const offerAll = (list: Shortlist, keys: number[]) => keys.forEach((key, row) => list.offer(key, row));
const rowsOf = (list: Shortlist) => [...list.rows.subarray(0, list.count)];

describe('Shortlist', () => {
  test('keeps the smallest keys in order', () => {
    const list = new Shortlist(3);
    offerAll(list, [5, 1, 4, 2, 3]);
    expect(rowsOf(list)).toEqual([1, 3, 4]);
    expect(list.bar).toBe(3);
  });

  test('equal keys take lower rows, whatever the order of arrival', () => {
    const list = new Shortlist(2);
    for (const row of [7, 3, 9, 1]) list.offer(0, row);
    expect(rowsOf(list)).toEqual([1, 3]);
  });

  test('NaN and Infinity are never taken; with room the bar is Infinity', () => {
    const list = new Shortlist(2);
    offerAll(list, [NaN, Infinity, 1]);
    expect(rowsOf(list)).toEqual([2]);
    expect(list.bar).toBe(Infinity);
  });

  test('reset empties it and may shorten it', () => {
    const list = new Shortlist(3);
    offerAll(list, [3, 2, 1]);
    list.reset(1);
    offerAll(list, [3, 2, 1]);
    expect(rowsOf(list)).toEqual([2]);
    list.reset();
    offerAll(list, [3, 2, 1, 0]);
    expect(rowsOf(list)).toEqual([3, 2, 1]);
  });
});
