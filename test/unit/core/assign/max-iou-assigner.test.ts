import { describe, expect, test } from 'vitest';
import { matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { assignMaxIou } from '../../../../src/core/assign/max-iou-assigner.js';
import { columnsOf, IMAGE, makeGts } from '../make-output.js';

const THRESHOLDS = { fgThreshold: 0.5, bgThreshold: 0.5, lowQualityMatches: false };

function assign(boxes: number[][], gtBoxes: number[][], changes: Partial<typeof THRESHOLDS> = {}) {
  const gts = matchableGts(makeGts(gtBoxes.map((box) => ({ box }))), 1, IMAGE);
  const { gt, iou, isGap } = assignMaxIou(columnsOf(boxes), boxes.length, gts, { ...THRESHOLDS, ...changes });
  return { gt: [...gt], iou: [...iou], isGap: [...isGap] };
}

describe('assignMaxIou', () => {
  test('the threshold belongs to the foreground', () => {
    // IoU exactly 1/2, just below, none.
    const boxes = [
      [0, 0, 10, 5],
      [0, 0, 10, 4.9],
      [50, 50, 60, 60],
    ];
    const { gt, iou } = assign(boxes, [[0, 0, 10, 10]]);
    expect(gt).toEqual([0, -1, -1]);
    expect(iou[0]).toBe(0.5);
    expect(iou[1]).toBeCloseTo(0.49, 6);
    expect(iou[2]).toBe(0);
  });

  test('the highest IoU wins, the lowest index on a tie', () => {
    const same = [0, 0, 10, 10];
    expect(assign([same], [[0, 0, 10, 9], same, same]).gt).toEqual([1]);
  });

  test('between the thresholds lies the gap', () => {
    const boxes = [
      [0, 0, 10, 4.5],
      [0, 0, 10, 3.9],
    ];
    const { gt, isGap } = assign(boxes, [[0, 0, 10, 10]], { bgThreshold: 0.4 });
    expect(gt).toEqual([-1, -1]);
    expect(isGap).toEqual([1, 0]);
  });

  test('without overlap a RoI is background even at threshold 0', () => {
    const { gt, isGap } = assign([[50, 50, 60, 60]], [[0, 0, 10, 10]], { fgThreshold: 0, bgThreshold: 0 });
    expect(gt).toEqual([-1]);
    expect(isGap).toEqual([0]);
    expect(assign([[50, 50, 60, 60]], [[0, 0, 10, 10]], { bgThreshold: 0 }).isGap).toEqual([0]);
  });

  describe('low-quality matches', () => {
    const low = { lowQualityMatches: true, bgThreshold: 0.4 };

    test('every ground truth takes its best RoIs, all of them on a tie', () => {
      const boxes = [
        [0, 0, 10, 2],
        [0, 8, 10, 10],
        [0, 0, 10, 1],
      ];
      const { gt, isGap } = assign(boxes, [[0, 0, 10, 10]], low);
      expect(gt).toEqual([0, 0, -1]);
      expect(isGap).toEqual([0, 0, 0]);
    });

    test('lifts a RoI out of the gap', () => {
      expect(assign([[0, 0, 10, 4.5]], [[0, 0, 10, 10]], low)).toMatchObject({ gt: [0], isGap: [0] });
    });

    test('a promoted RoI keeps its own best ground truth', () => {
      // Ground truth 1 overlaps nothing else, but the RoI overlaps ground truth 0 more.
      const { gt } = assign(
        [[0, 0, 10, 10]],
        [
          [0, 0, 10, 4],
          [0, 4, 10, 7],
        ],
        low,
      );
      expect(gt).toEqual([0]);
    });

    test('a ground truth without any overlap takes none', () => {
      expect(assign([[50, 50, 60, 60]], [[0, 0, 10, 10]], low).gt).toEqual([-1]);
      // Row 1 overlaps only ground truth 0, whose best row is 0; ground truth 1 overlaps neither.
      const rows = [
        [0, 0, 10, 9],
        [0, 0, 10, 3],
      ];
      expect(
        assign(
          rows,
          [
            [0, 0, 10, 10],
            [50, 50, 60, 60],
          ],
          low,
        ).gt,
      ).toEqual([0, -1]);
    });
  });

  test('zero RoIs, zero ground truths', () => {
    expect(assign([], [[0, 0, 10, 10]], { lowQualityMatches: true }).gt).toEqual([]);
    expect(assign([[0, 0, 10, 10]], [], { lowQualityMatches: true })).toEqual({ gt: [-1], iou: [0], isGap: [0] });
  });

  test('degenerate and non-finite RoIs overlap nothing', () => {
    const boxes = [
      [5, 5, 5, 5],
      [NaN, 0, 10, 10],
      [-Infinity, 0, Infinity, 10],
      [10, 10, 0, 0],
    ];
    expect(assign(boxes, [[0, 0, 10, 10]], { lowQualityMatches: true }).iou).toEqual([0, 0, 0, 0]);
  });
});
