import { describe, expect, test } from 'vitest';
import { assignAtss } from '../../../../src/core/assign/atss-assigner.js';
import type { AnchorGrid } from '../../../../src/core/losses/detector-output.js';
import { matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { columnsOf, IMAGE, makeGts } from '../make-output.js';

/** Square anchors of side 5 strides round the centres of each level, over the 100 x 100 image. */
function pyramid(strides: number[]) {
  const centres: number[][] = [];
  const levelStart = [0];
  for (const stride of strides) {
    for (let y = stride / 2; y < 100; y += stride)
      for (let x = stride / 2; x < 100; x += stride) centres.push([x, y, stride]);
    levelStart.push(centres.length);
  }
  return gridOf(centres, levelStart);
}

function gridOf(centres: number[][], levelStart: number[]) {
  const grid: AnchorGrid = {
    centreX: Float32Array.from(centres, ([x]) => x),
    centreY: Float32Array.from(centres, ([, y]) => y),
    strideX: Float32Array.from(centres, ([, , stride]) => stride),
    strideY: Float32Array.from(centres, ([, , stride]) => stride),
    levelStart: Int32Array.from(levelStart),
  };
  const anchors = centres.map(([x, y, s]) => [x - 2.5 * s, y - 2.5 * s, x + 2.5 * s, y + 2.5 * s]);
  return { grid, anchors, centres };
}

function assign({ grid, anchors }: ReturnType<typeof gridOf>, gtBoxes: number[][]) {
  const gts = matchableGts(makeGts(gtBoxes.map((box) => ({ box }))), 1, IMAGE);
  const { gt, iou } = assignAtss(columnsOf(anchors), anchors.length, grid, gts);
  return { gt: [...gt], iou: [...iou], foreground: [...gt.keys()].filter((row) => gt[row] >= 0) };
}

describe('assignAtss', () => {
  test('a box the size of one level is matched on that level', () => {
    const levels = pyramid([4, 8, 16]);
    const box = [31, 31, 71, 71]; // 40 px: five strides of 8.
    const { foreground } = assign(levels, [box]);
    expect(foreground.length).toBeGreaterThan(0);
    for (const row of foreground) expect(levels.centres[row][2]).toBe(8);
  });

  test('the threshold is mean + unbiased deviation of the candidates', () => {
    const level = gridOf(
      [
        [50, 50, 8],
        [50, 48, 8],
        [50, 52, 8],
      ],
      [0, 3],
    );
    const box = [30, 30, 70, 70];
    // IoUs 1, .5, .5: .667 + .289 = .955.
    level.anchors.splice(0, 3, box, [30, 30, 70, 50], [30, 50, 70, 70]);
    expect(assign(level, [box]).foreground).toEqual([0]);
    // IoUs 1, .85, .5: .783 + .257 > 1, so that nothing matches; the biased deviation would give .993.
    level.anchors.splice(0, 3, box, [30, 30, 70, 64], [30, 50, 70, 70]);
    expect(assign(level, [box]).foreground).toEqual([]);
  });

  test('the centre must lie strictly inside', () => {
    const level = gridOf([[50, 50, 8]], [0, 1]);
    expect(assign(level, [[50, 30, 70, 70]]).foreground).toEqual([]);
    expect(assign(level, [[49, 30, 70, 70]]).foreground).toEqual([0]);
  });

  test('an anchor of two ground truths goes to the higher IoU, the lower index on a tie', () => {
    const level = gridOf([[50, 50, 8]], [0, 1]);
    expect(
      assign(level, [
        [30, 30, 70, 60],
        [30, 30, 70, 69],
      ]).gt,
    ).toEqual([1]);
    expect(
      assign(level, [
        [30, 30, 70, 60],
        [30, 30, 70, 60],
      ]).gt,
    ).toEqual([0]);
  });

  test('at most nine candidates a level', () => {
    const level = pyramid([4]);
    expect(assign(level, [[0, 0, 100, 100]]).foreground.length).toBeLessThanOrEqual(9);
  });

  test('anchors without overlap never match', () => {
    const level = gridOf([[50, 50, 8]], [0, 1]);
    level.anchors[0] = [50, 50, 50, 50];
    expect(assign(level, [[30, 30, 70, 70]])).toEqual({ gt: [-1], iou: [0], foreground: [] });
    level.anchors[0] = [NaN, 30, 70, 70];
    expect(assign(level, [[30, 30, 70, 70]]).gt).toEqual([-1]);
  });

  test('NaN centres are no candidates; empty levels, zero anchors, zero ground truths', () => {
    expect(assign(gridOf([[NaN, 50, 8]], [0, 1]), [[30, 30, 70, 70]]).gt).toEqual([-1]);
    expect(assign(gridOf([[50, 50, 8]], [0, 0, 1, 1]), [[30, 30, 70, 70]]).gt).toEqual([0]);
    expect(assign(gridOf([], [0]), [[30, 30, 70, 70]]).gt).toEqual([]);
    expect(assign(gridOf([[50, 50, 8]], [0, 1]), []).gt).toEqual([-1]);
  });
});
