import { describe, expect, test } from 'vitest';
import { decodeDeltas, encodeDelta, FAST_RCNN_WEIGHTS, MAX_SIZE_DELTA } from '../../../../src/core/boxes/box-coding.js';
import { columnsOf } from '../make-output.js';

const encode = (region: number[], target: number[], weights = FAST_RCNN_WEIGHTS) => {
  const out = new Float64Array(4);
  encodeDelta(out, columnsOf([region]), 0, columnsOf([target]), 0, weights);
  return [...out];
};

describe('encodeDelta', () => {
  test('a box relative to itself has no deltas', () => {
    expect(encode([10, 20, 30, 60], [10, 20, 30, 60])).toEqual([0, 0, 0, 0]);
  });

  test('shift in units of the region, growth in logarithms, times the weights', () => {
    // Region 20 x 40 at centre (20, 40); target 40 x 20 at centre (30, 60).
    const [dx, dy, dw, dh] = encode([10, 20, 30, 60], [10, 50, 50, 70]);
    expect([dx, dy]).toEqual([5, 5]);
    expect(dw).toBeCloseTo(5 * Math.LN2, 12);
    expect(dh).toBeCloseTo(-5 * Math.LN2, 12);
  });

  test.each([
    ['zero-width region', [10, 10, 10, 20], [0, 0, 5, 5]],
    ['inverted region', [20, 10, 10, 20], [0, 0, 5, 5]],
    ['zero-area target', [0, 0, 5, 5], [1, 1, 1, 1]],
    ['NaN region', [NaN, 0, 5, 5], [0, 0, 5, 5]],
    ['infinite region', [0, 0, Infinity, 5], [0, 0, 5, 5]],
    ['infinite target', [0, 0, 5, 5], [-Infinity, 0, 5, 5]],
  ])('%s: NaN', (_what, region, target) => {
    expect(encode(region, target)).toEqual([NaN, NaN, NaN, NaN]);
  });
});

describe('decodeDeltas', () => {
  const region = columnsOf([[10, 20, 30, 60]]);

  test('no deltas give the region', () => {
    const box = decodeDeltas(region, new Float32Array(4), FAST_RCNN_WEIGHTS);
    expect([box.x1[0], box.y1[0], box.x2[0], box.y2[0]]).toEqual([10, 20, 30, 60]);
  });

  test('growth is clamped at 1000 / 16', () => {
    const box = decodeDeltas(region, Float32Array.of(0, 0, 1e4, 5 * MAX_SIZE_DELTA), FAST_RCNN_WEIGHTS);
    expect(box.x2[0] - box.x1[0]).toBeCloseTo(20 * 62.5, 9);
    expect(box.y2[0] - box.y1[0]).toBeCloseTo(40 * 62.5, 2);
  });

  test('class-specific deltas: the class of each row decodes it', () => {
    const twice = columnsOf([
      [0, 0, 10, 10],
      [0, 0, 10, 10],
    ]);
    const deltas = Float32Array.of(...[1, 0, 0, 0], ...[2, 0, 0, 0], ...[3, 0, 0, 0], ...[4, 0, 0, 0]);
    const box = decodeDeltas(twice, deltas, [1, 1, 1, 1], Int32Array.of(1, 0));
    expect([...box.x1]).toEqual([20, 30]);
  });

  test('zero rows', () => {
    expect(decodeDeltas(columnsOf([]), new Float32Array(0), FAST_RCNN_WEIGHTS).x1).toHaveLength(0);
  });

  test.each([
    [new Float32Array(5), null, 'deltas: expected 1 * 4 numbers, received 5 numbers'],
    [new Float32Array(8), null, 'deltas: expected 1 * 4 numbers, received 8 numbers'],
    [new Float32Array(8), new Int32Array(2), 'deltas: expected 1 * 4K numbers and 1 classes, received 8 numbers'],
  ])('columns that do not fit are refused', (deltas, classes, message) => {
    expect(() => decodeDeltas(region, deltas, FAST_RCNN_WEIGHTS, classes)).toThrow(message);
  });
});
