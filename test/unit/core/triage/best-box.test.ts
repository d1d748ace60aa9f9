import { describe, expect, it } from 'vitest';
import { allocateGtTable, allocateRoiTable, IGNORE, NONE, NUM_TOP } from '../../../../src/core/tables.js';
import { bestBox, missedObjects } from '../../../../src/core/triage/best-box.js';

type Row = readonly [x: number, score: number, says: number];

/** Boxes of 10 × 10 px at x, and an object of class 0 at each of `objects`. */
function image(rows: readonly Row[], objects: readonly number[]) {
  const rois = allocateRoiTable(rows.length, 2, 'float32', 'regressed');
  rows.forEach(([x, score, says], row) => {
    [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] = [x, 0, x + 10, 10];
    rois.score[row] = score;
    rois.predClass[row] = rois.topClass[row * NUM_TOP] = says;
  });
  const gts = allocateGtTable(objects.length);
  objects.forEach((x, gt) => ([gts.x1[gt], gts.y1[gt], gts.x2[gt], gts.y2[gt]] = [x, 0, x + 10, 10]));
  return { rois, gts };
}

describe('the best box on an object', () => {
  it('is the surest of those that find it, else the nearest, else none', () => {
    const { rois, gts } = image(
      [
        [0, 0.2, 0],
        [1, 0.9, 1],
        [6, 0.99, 0],
      ],
      [0, 9, 50],
    );
    expect([0, 1, 2].map((gt) => bestBox(rois, gts, gt).row)).toEqual([1, 2, NONE]);
  });
});

describe('a missed object', () => {
  const missed = ({ rois, gts }: ReturnType<typeof image>) => [...missedObjects(rois, gts, 0.05)];

  it('is one of which the network says background, or nothing', () => {
    expect(
      missed(
        image(
          [
            [0, 0.9, 0],
            [100, 0.01, 0],
            [200, 0.9, 2],
          ],
          [0, 100, 200, 300],
        ),
      ),
    ).toEqual([0, 1, 1, 1]);
  });

  it('is not one that is taken for another class, whose answer is unknown, or that does not count', () => {
    const made = image(
      [
        [0, 0.9, 1],
        [100, NaN, NONE],
      ],
      [0, 100, 300, 300, 300],
    );
    made.gts.isCrowd[2] = made.gts.isDifficult[3] = 1;
    made.gts.gtClass[4] = IGNORE;
    expect(missed(made)).toEqual([0, 0, 0, 0, 0]);
  });
});
