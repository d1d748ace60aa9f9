import { describe, expect, test } from 'vitest';
import type { AnchorGrid } from '../../../../src/core/losses/detector-output.js';
import { matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { assignSimota } from '../../../../src/core/assign/simota-assigner.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';

/** One level of 10 x 10 anchors, stride 10, over the 100 x 100 image. */
const centres = Array.from({ length: 100 }, (_, i) => [(i % 10) * 10 + 5, Math.floor(i / 10) * 10 + 5]);
const gridOf = (strideX: number, strideY: number, points = centres): AnchorGrid => ({
  centreX: Float32Array.from(points, ([x]) => x),
  centreY: Float32Array.from(points, ([, y]) => y),
  strideX: new Float32Array(points.length).fill(strideX),
  strideY: new Float32Array(points.length).fill(strideY),
  levelStart: Int32Array.of(0, points.length),
});
/** Every anchor's box is its cell unless given. */
const cells = centres.map(([x, y]) => [x - 5, y - 5, x + 5, y + 5]);

function assign(
  gtBoxes: number[][],
  changes: {
    preds?: Record<number, number[]>;
    scores?: Float32Array;
    objectness?: Float32Array;
    grid?: AnchorGrid;
    classForm?: 'bce' | 'qfl';
  } = {},
) {
  const preds = cells.map((cell, row) => changes.preds?.[row] ?? cell);
  const output = makeOutput(cells, 1, {
    preds: columnsOf(preds),
    scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    scores: changes.scores ?? new Float32Array(100).fill(0.5),
    objectness: changes.objectness ?? new Float32Array(100).fill(0.5),
  });
  const gts = matchableGts(makeGts(gtBoxes.map((box) => ({ box }))), 1, IMAGE);
  const { gt, iou } = assignSimota(output, null, changes.grid ?? gridOf(10, 10), gts, changes.classForm);
  const foreground = [...gt.keys()].filter((row) => gt[row] >= 0);
  return { foreground, gt, iou };
}

describe('assignSimota', () => {
  const box = [30, 30, 70, 70];

  test('k is the sum of the ten highest IoUs, cut to an integer, at least one', () => {
    // Sixteen cells overlap the box by 1/16 each: ten of them sum to .625, so k = 1; equal costs take the lower row.
    expect(assign([box]).foreground).toEqual([33]);
    const preds = Object.fromEntries([44, 45, 54].map((row) => [row, box]));
    const { foreground, iou } = assign([box], { preds });
    expect(foreground).toEqual([44, 45, 54]);
    expect(iou[44]).toBe(1);
  });

  test('a sure class makes an anchor cheaper', () => {
    const scores = new Float32Array(100).fill(0.1);
    scores[56] = 0.9;
    expect(assign([box], { scores }).foreground).toEqual([56]);
  });

  test('by QFL a class is cheap that is as sure as the box is good', () => {
    // Of 1/16 each: the sure class pays (1/16 - .9)² BCE, the one of 1/16 next to nothing.
    const scores = new Float32Array(100).fill(0.9);
    const objectness = new Float32Array(100).fill(1);
    scores[56] = 1 / 16;
    expect(assign([box], { scores, objectness }).foreground).toEqual([33]);
    expect(assign([box], { scores, objectness, classForm: 'qfl' }).foreground).toEqual([56]);
  });

  test('outside of the box and its centre no box is good enough', () => {
    const preds = { 0: box };
    expect(assign([box], { preds }).gt[0]).toBe(-1);
  });

  test('an anchor outside the small box but near its centre can still be taken', () => {
    // The box lies between the centres: no anchor is inside.
    const { foreground } = assign([[46, 46, 54, 54]]);
    expect(foreground).toHaveLength(1);
    expect([44, 45, 54, 55]).toContain(foreground[0]);
  });

  test('inside and central wins over a better box that is not central', () => {
    const wide = [0, 0, 100, 100];
    const preds = { 0: wide };
    const { foreground, gt } = assign([wide], { preds });
    expect(gt[0]).toBe(-1);
    expect(foreground.every((row) => Math.abs(centres[row][0] - 50) < 25 && Math.abs(centres[row][1] - 50) < 25)).toBe(
      true,
    );
  });

  test('an anchor that two ground truths take goes to the cheaper', () => {
    const preds = { 44: [30, 30, 70, 70] };
    const { gt } = assign([[28, 28, 72, 72], box], { preds });
    expect(gt[44]).toBe(1);
  });

  test('of two equal ground truths the first takes the anchor', () => {
    expect(assign([box, box], { preds: { 44: box } }).gt[44]).toBe(0);
  });

  test('the radius follows the stride of each axis', () => {
    // No anchor is inside so small a box: candidates come from within 2.5 strides of its centre.
    const sliver = [[49.5, 49.5, 50.5, 50.5]];
    const at = (strideX: number, strideY: number, point: number[]) => {
      const points = centres.map((_, row) => (row === 7 ? point : [-900, -900]));
      return assign(sliver, { grid: gridOf(strideX, strideY, points) }).foreground;
    };
    expect(at(10, 10, [74, 50])).toEqual([7]);
    expect(at(10, 10, [76, 50])).toEqual([]);
    expect(at(20, 10, [76, 50])).toEqual([7]);
    expect(at(20, 10, [50, 76])).toEqual([]);
  });

  test('background keeps the IoU with its best ground truth', () => {
    const { gt, iou } = assign([box]);
    expect(gt[34]).toBe(-1);
    expect(iou[34]).toBeCloseTo(1 / 16, 12);
    expect(iou[0]).toBe(0);
  });

  test('anchors with NaN scores take no part', () => {
    const scores = new Float32Array(100).fill(0.5);
    scores[33] = NaN;
    expect(assign([box], { scores }).foreground).toEqual([34]);
    expect(assign([box], { scores: new Float32Array(100).fill(NaN) }).foreground).toEqual([]);
    expect(assign([box], { objectness: new Float32Array(100).fill(NaN) }).foreground).toEqual([]);
  });

  test('scores of exactly 0 and 1 have finite costs', () => {
    expect(assign([box], { scores: new Float32Array(100), objectness: new Float32Array(100) }).foreground).toEqual([
      33,
    ]);
    expect(
      assign([box], { scores: new Float32Array(100).fill(1), objectness: new Float32Array(100).fill(1) }).foreground,
    ).toEqual([33]);
  });

  test('no ground truth, no candidates', () => {
    expect(assign([]).foreground).toEqual([]);
    expect(
      assign([box], {
        grid: gridOf(
          10,
          10,
          centres.map(() => [-900, -900]),
        ),
      }).foreground,
    ).toEqual([]);
  });

  test('zero anchors', () => {
    const output = makeOutput([], 1);
    const gts = matchableGts(makeGts([{ box }]), 1, IMAGE);
    expect(assignSimota(output, null, gridOf(1, 1, []), gts).gt).toHaveLength(0);
  });
});
