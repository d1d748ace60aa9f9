import { expect, test } from 'vitest';
import { allocateGtTable, allocateRoiTable } from '../../../../src/core/tables.js';
import { averagePrecision, meanAp } from '../../../../src/train/evaluate/average-precision.js';

/** Detections and ground truths as [x, score] and [x]: boxes of 10 x 10 at (x, 0), class 0. */
function imageOf(found: number[][], truth: number[]) {
  const rois = allocateRoiTable(found.length, 2, 'float64');
  found.forEach(([x, score], row) => {
    [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] = [x, 0, x + 10, 10];
    rois.score[row] = score;
    rois.predClass[row] = 0;
  });
  const gts = allocateGtTable(truth.length);
  truth.forEach((x, g) => ([gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]] = [x, 0, x + 10, 10]));
  return { rois, rows: Int32Array.from(found.keys()), gts };
}

test('by hand: hit, miss, duplicate, hit over two images', () => {
  // In order of score: hit (1/1), miss, duplicate of the first, hit (2/4); three objects, one never found.
  const images = [
    imageOf(
      [
        [0, 0.9],
        [300, 0.8],
        [1, 0.7],
      ],
      [0, 100],
    ),
    imageOf([[51, 0.6]], [50]),
  ];
  const [ap, none] = averagePrecision(images, 2, 0.5);
  expect(ap).toBeCloseTo(1 / 3 + 0.5 / 3, 10);
  expect(none).toBeNaN();
  expect(meanAp(Float64Array.of(0.5, NaN, 1))).toBe(0.75);
});

test('difficult ground truth neither counts nor costs', () => {
  const image = imageOf(
    [
      [0, 0.9],
      [100, 0.8],
    ],
    [0, 100],
  );
  image.gts.isDifficult[0] = 1;
  expect(averagePrecision([image], 1, 0.5)[0]).toBe(1);
});

test('no detections: 0', () => {
  expect(averagePrecision([imageOf([], [0])], 1, 0.5)[0]).toBe(0);
});
