import { expect, test } from 'vitest';
import { markIgnored } from '../../../../src/core/assign/ignore-rule.js';
import { ignoreRegions } from '../../../../src/core/assign/matchable-gts.js';
import { columnsOf, makeGts } from '../make-output.js';

function ignored(boxes: number[][], crowd: number[][], threshold = 0.5): number[] {
  const isIgnored = new Uint8Array(boxes.length);
  const regions = ignoreRegions(makeGts(crowd.map((box) => ({ box, crowd: true }))));
  markIgnored(isIgnored, columnsOf(boxes), regions, threshold);
  return [...isIgnored];
}
const CROWD = [0, 0, 100, 10];

test('the overlap is a share of the RoI, not of the crowd, and the threshold belongs to it', () => {
  expect(
    ignored(
      [
        [0, 0, 1, 1],
        [0, 5, 10, 15],
        [0, 6, 10, 16],
      ],
      [CROWD],
    ),
  ).toEqual([1, 1, 0]);
});

test('regions are not added up; any one is enough', () => {
  expect(
    ignored(
      [[0, 0, 10, 10]],
      [
        [0, 0, 4, 10],
        [6, 0, 10, 10],
      ],
    ),
  ).toEqual([0]);
  expect(
    ignored(
      [[0, 0, 10, 10]],
      [
        [50, 50, 60, 60],
        [0, 0, 10, 10],
      ],
    ),
  ).toEqual([1]);
});

test('threshold 0 still asks for an overlap', () => {
  expect(
    ignored(
      [
        [50, 50, 60, 60],
        [0, 0, 60, 60],
        [100, 0, 110, 10],
      ],
      [CROWD],
      0,
    ),
  ).toEqual([0, 1, 0]);
});

test('boxes without area and non-finite boxes are not ignored', () => {
  expect(
    ignored(
      [
        [5, 5, 5, 5],
        [NaN, 0, 5, 5],
        [0, 0, Infinity, 5],
        [5, 5, 0, 0],
      ],
      [CROWD],
    ),
  ).toEqual([0, 0, 0, 0]);
});

test('zero rows, zero regions', () => {
  expect(ignored([], [CROWD])).toEqual([]);
  expect(ignored([[0, 0, 1, 1]], [])).toEqual([0]);
});
