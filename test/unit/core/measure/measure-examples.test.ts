import { describe, expect, it } from 'vitest';
import { measureExamples } from '../../../../src/core/measure/measure-examples.js';
import { selectHardExamples, resolveConfig } from '../../../../src/core/mining/select.js';
import { IGNORE, NUM_TOP } from '../../../../src/core/tables.js';

function measure(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  given: 'logits' | 'probabilities' = 'logits',
) {
  const numClasses = rows[0]?.length ?? 3;
  const sizes = { width: labels.map(() => 4), height: labels.map(() => 2) };
  return measureExamples(
    { numExamples: rows.length, numClasses, given, scores: Float32Array.from(rows.flat()) },
    { labels: Int32Array.from(labels), ...sizes },
  );
}

describe('measureExamples', () => {
  it('has one row an image: whole image, label, prediction, no box loss', () => {
    const rois = measure(
      [
        [0, 2, 1],
        [5, 0, 0],
      ],
      [1, 2],
    );
    expect(rois).toMatchObject({ numRois: 2, numClasses: 3, roiBox: 'region' });
    expect([rois.x1[0], rois.y1[0], rois.x2[0], rois.y2[0], rois.predX2[1], rois.predY2[1]]).toEqual([
      0, 0, 4, 2, 4, 2,
    ]);
    expect([...rois.gtClass]).toEqual([1, 2]);
    expect([...rois.predClass]).toEqual([1, 0]);
    expect([...rois.gtIndex, ...rois.iou, ...rois.lossLoc]).toEqual([0, 0, 1, 1, 0, 0]);
    expect([...rois.imageIndex]).toEqual([0, 1]);
    expect([...rois.topClass.subarray(0, NUM_TOP)]).toEqual([1, 2, 0, -1, -1]);
    expect(rois.topScore[0] + rois.topScore[1] + rois.topScore[2]).toBeCloseTo(1, 6);
  });

  it('keeps the loss of a certain answer at 0 and of huge logits exact', () => {
    const rois = measure(
      [
        [1000, 0],
        [1000, 0],
      ],
      [0, 1],
    );
    expect([...rois.lossCls]).toEqual([0, 1000]);
    expect([...rois.entropy]).toEqual([0, 0]);
  });

  it('floors probabilities at 1e-12', () => {
    const rois = measure(
      [
        [1, 0],
        [1, 0],
      ],
      [0, 1],
      'probabilities',
    );
    expect(rois.lossCls[0]).toBe(0);
    expect(rois.lossCls[1]).toBeCloseTo(-Math.log(1e-12), 5);
  });

  it('makes NaN scores, infinite logits and wrong probabilities invalid, never selected', () => {
    const rois = measure(
      [
        [Number.NaN, 1],
        [Infinity, 1],
        [0, 1],
      ],
      [0, 0, 0],
    );
    expect([...rois.lossCls].map(Number.isNaN)).toEqual([true, true, false]);
    expect([...rois.predClass]).toEqual([-1, -1, 1]);
    expect([...selectHardExamples(rois, resolveConfig('top-rate', { keepRate: 1 })).counts]).toEqual([1, 0, 0, 0, 2]);
    expect(measure([[0.5, 1.6]], [0], 'probabilities').lossCls[0]).toBeNaN();
  });

  it('leaves ignored examples out', () => {
    const rois = measure(
      [
        [0, 2, 1],
        [Number.NaN, 0, 0],
      ],
      [IGNORE, IGNORE],
    );
    expect([...rois.lossCls]).toEqual([0, 0]);
    expect(rois.entropy[0]).toBeGreaterThan(0);
    expect(rois.el2n[0]).toBeNaN();
    expect([...selectHardExamples(rois, resolveConfig('paper')).counts]).toEqual([0, 0, 0, 2, 0]);
  });

  it('takes one class and no examples', () => {
    const rois = measure([[3]], [0]);
    expect([rois.lossCls[0], rois.entropy[0], rois.el2n[0], rois.score[0]]).toEqual([0, 0, 0, 1]);
    expect(measure([], []).numRois).toBe(0);
  });

  it.each([
    [[3], 'labels: expected an integer in [-1, 3), received 3'],
    [[-2], 'labels: expected an integer in [-1, 3), received -2'],
    [[0, 1], 'labels: expected 1 values, received 2'],
  ])('refuses labels %j', (labels, expected) => {
    expect(() => measure([[0, 1, 2]], labels)).toThrow(expected);
  });
});
