import { expect, it } from 'vitest';
import { allocateGtTable } from '../../../../src/core/tables.js';
import { foundObjects } from '../../../../src/train/evaluate/found-objects.js';
import { makeRois } from '../../core/make-rois.js';

it('a sure detection of the class takes the object that it overlaps most, each object once', () => {
  const gts = allocateGtTable(4);
  [
    [0, 0, 10, 10, 1],
    [0, 2, 10, 12, 1],
    [50, 50, 60, 60, 0],
    [80, 80, 90, 90, 0],
  ].forEach(([x1, y1, x2, y2, label], g) => {
    [gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g], gts.gtClass[g]] = [x1, y1, x2, y2, label];
  });
  const boxes: [number, number, number, number][] = [
    [0, 0, 10, 10],
    [0, 0, 10, 10],
    [50, 50, 60, 60],
    [80, 80, 90, 90],
  ];
  const rois = makeRois(boxes.map((box) => ({ image: 0, box, cls: 1 })));
  rois.predX1.set(boxes.map(([x]) => x));
  rois.predY1.set(boxes.map(([, y]) => y));
  rois.predX2.set(boxes.map(([, , x]) => x));
  rois.predY2.set(boxes.map(([, , , y]) => y));
  rois.score.set([0.9, 0.8, 0.7, 0.49]);
  // The third is of another class, the fourth not sure enough.
  rois.predClass.set([1, 1, 1, 0]);
  expect([...foundObjects({ rois, rows: Int32Array.of(0, 1, 2, 3), gts })]).toEqual([1, 1, 0, 0]);
  expect([...foundObjects({ rois, rows: new Int32Array(0), gts })]).toEqual([0, 0, 0, 0]);
});
