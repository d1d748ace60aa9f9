import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { allocateGtTable } from '../../../src/core/tables.js';
import { flipped } from '../../../src/train/minibatch.js';
import { sampleTargets, takeBoxes, withGroundTruth } from '../../../src/train/targets.js';

const RULE = { count: 6, fgFraction: 0.5, fgThreshold: 0.5, bgThreshold: 0.3, lowQualityMatches: false };
const boxesOf = (rows: number[][]) => ({
  x1: Float32Array.from(rows, (r) => r[0]),
  y1: Float32Array.from(rows, (r) => r[1]),
  x2: Float32Array.from(rows, (r) => r[2]),
  y2: Float32Array.from(rows, (r) => r[3]),
});
function oneGt(box: number[], gtClass: number) {
  const gts = allocateGtTable(1);
  [gts.x1[0], gts.y1[0], gts.x2[0], gts.y2[0]] = box;
  gts.gtClass[0] = gtClass;
  return gts;
}

test('foreground first, then background; the gap takes no part; deltas point at the ground truth', () => {
  const boxes = boxesOf([
    [0, 0, 10, 10],
    [50, 50, 60, 60],
    [1, 0, 11, 10],
    [0, 5, 10, 15],
    [80, 80, 90, 95],
  ]);
  const { row, numForeground, label, delta } = sampleTargets(
    boxes,
    oneGt([0, 0, 10, 10], 2),
    3,
    [10, 10, 5, 5],
    RULE,
    seededRandom(1),
  );
  expect(numForeground).toBe(2);
  expect([...row.subarray(0, 2)].sort()).toEqual([0, 2]);
  // Row 3 has IoU 1/3: in the gap.
  expect([...row.subarray(2)].sort()).toEqual([1, 4]);
  expect([...label]).toEqual([2, 2, 3, 3]);
  const shifted = row.indexOf(2);
  expect(delta[shifted * 4]).toBeCloseTo(-1, 5);
});

test('an image without ground truth gives background only', () => {
  const boxes = boxesOf([
    [0, 0, 10, 10],
    [50, 50, 60, 60],
  ]);
  const { numForeground, label } = sampleTargets(boxes, allocateGtTable(0), 3, [1, 1, 1, 1], RULE, seededRandom(1));
  expect(numForeground).toBe(0);
  expect([...label]).toEqual([3, 3]);
});

test('ground truth joins the proposals at their end; rows are taken in order', () => {
  const joined = withGroundTruth(boxesOf([[0, 0, 10, 10]]), oneGt([5, 6, 7, 8], 0));
  expect([...joined.y2]).toEqual([10, 8]);
  expect([...takeBoxes(joined, Int32Array.of(1, 0)).x1]).toEqual([5, 0]);
});

test('a flip mirrors pixels and boxes, twice is the identity', () => {
  const once = flipped({
    image: { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) },
    gts: oneGt([0, 0, 0.5, 1], 1),
  });
  expect([...once.image.data]).toEqual([4, 5, 6, 1, 2, 3]);
  expect([once.gts.x1[0], once.gts.x2[0]]).toEqual([1.5, 2]);
  const twice = flipped(once);
  expect([...twice.image.data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(twice.gts.x2[0]).toBe(0.5);
});
