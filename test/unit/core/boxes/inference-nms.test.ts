import { describe, expect, test } from 'vitest';
import { inferenceNms } from '../../../../src/core/boxes/inference-nms.js';
import { allocateRoiTable } from '../../../../src/core/tables.js';

interface Row {
  box: number[];
  score: number;
  predClass?: number;
  image?: number;
}

function nms(rows: Row[], iouThreshold = 0.5, scoreThreshold = 0.25): number[] {
  const rois = allocateRoiTable(rows.length, 3, 'float64');
  rows.forEach(({ box, score, predClass = 0, image = 0 }, row) => {
    [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] = box;
    rois.score[row] = score;
    rois.predClass[row] = predClass;
    rois.imageIndex[row] = image;
  });
  return [...inferenceNms(rois, { scoreThreshold, iouThreshold })];
}
const BOX = [0, 0, 10, 10];

describe('inferenceNms', () => {
  test('highest score first; a worse overlapping one of the class goes', () => {
    expect(
      nms([
        { box: BOX, score: 0.5 },
        { box: BOX, score: 0.9 },
        { box: [50, 50, 60, 60], score: 0.7 },
      ]),
    ).toEqual([1, 2]);
  });

  test('other classes and other images stay', () => {
    expect(
      nms([
        { box: BOX, score: 0.9 },
        { box: BOX, score: 0.8, predClass: 1 },
        { box: BOX, score: 0.7, image: 1 },
      ]),
    ).toEqual([0, 1, 2]);
  });

  test('strictly above the IoU threshold, at or above the score threshold', () => {
    const half = [0, 0, 10, 5];
    expect(
      nms(
        [
          { box: BOX, score: 0.9 },
          { box: half, score: 0.8 },
        ],
        0.5,
      ),
    ).toEqual([0, 1]);
    expect(
      nms(
        [
          { box: BOX, score: 0.9 },
          { box: half, score: 0.8 },
        ],
        0.49,
      ),
    ).toEqual([0]);
    expect(
      nms([
        { box: BOX, score: 0.25 },
        { box: BOX, score: 0.2, predClass: 1 },
      ]),
    ).toEqual([0]);
  });

  test('a dropped one drops nothing', () => {
    const chain = [0, 3, 6].map((x, i) => ({ box: [x, 0, x + 10, 10], score: 0.9 - i / 10 }));
    expect(nms(chain, 0.5)).toEqual([0, 2]);
  });

  test('ties go to the lower row; NaN is no detection; zero rows', () => {
    expect(
      nms([
        { box: BOX, score: 0.5 },
        { box: BOX, score: 0.5 },
      ]),
    ).toEqual([0]);
    expect(nms([{ box: BOX, score: NaN }])).toEqual([]);
    expect(nms([])).toEqual([]);
  });
});
