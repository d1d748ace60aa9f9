import { describe, expect, test } from 'vitest';
import { assignDynamicSoft } from '../../../../src/core/assign/dynamic-soft-assigner.js';
import { assignHungarian } from '../../../../src/core/assign/hungarian-assigner.js';
import { matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { assignYoloAnchors } from '../../../../src/core/assign/yolo-anchors-assigner.js';
import type { AnchorGrid } from '../../../../src/core/losses/detector-output.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';

/** Four cells of 10 px in a row. */
const CENTRES = [5, 15, 25, 35];
const CELLS = CENTRES.map((x) => [x - 5, 0, x + 5, 10]);
const grid: AnchorGrid = {
  centreX: Float32Array.from(CENTRES),
  centreY: new Float32Array(4).fill(5),
  strideX: new Float32Array(4).fill(10),
  strideY: new Float32Array(4).fill(10),
  levelStart: Int32Array.of(0, 4),
};

function task(gtBoxes: number[][], preds: number[][], scores: number[]) {
  const scoreForm = { activation: 'sigmoid', given: 'probabilities' } as const;
  const output = makeOutput(CELLS, 1, { scoreForm, preds: columnsOf(preds), scores: Float32Array.from(scores) });
  const gts = matchableGts(makeGts(gtBoxes.map((box) => ({ box }))), 1, IMAGE);
  return { output, norms: null, grid, gts, image: IMAGE };
}

describe('dynamic-soft', () => {
  const options = { softTopK: 13, softCentrePrior: false };

  test('takes as many points as its IoUs sum up to, those whose score equals their IoU first', () => {
    const box = [0, 0, 40, 10];
    const { gt } = assignDynamicSoft(task([box], [box, box, [0, 0, 20, 10], CELLS[3]], [0.2, 1, 0.5, 0.25]), options);
    // IoUs 1, 1, .5, .25: two points. The third’s score is right, but its IoU costs −3 ln .5.
    expect([...gt]).toEqual([0, 0, -1, -1]);
  });

  test('the centre prior makes far points dear', () => {
    const box = [0, 0, 90, 10];
    const inputs = task([box], [box, [0, 0, 80, 10], [0, 0, 40, 10], CELLS[3]], [1, 1, 1, 1]);
    expect([...assignDynamicSoft(inputs, options).gt]).toEqual([0, 0, -1, -1]);
    expect(
      [...assignDynamicSoft(inputs, { ...options, softCentrePrior: true }).gt].filter((g) => g === 0),
    ).toHaveLength(2);
  });

  test('a NaN score takes no part; no object matches nothing', () => {
    const box = [0, 0, 20, 10];
    expect([...assignDynamicSoft(task([box], [box, box, box, box], [NaN, 0.5, 1, 1]), options).gt]).toEqual([
      -1, 0, -1, -1,
    ]);
    expect([...assignDynamicSoft(task([], [box, box, box, box], [1, 1, 1, 1]), options).gt]).toEqual([-1, -1, -1, -1]);
  });
});

describe('yolo-anchors', () => {
  test('the cell of the centre and the nearest beside it, where the shape is alike', () => {
    const at = (box: number[]) => {
      const { output, gts } = task([box], CELLS, [1, 1, 1, 1]);
      return [...assignYoloAnchors(output, grid, gts).gt];
    };
    expect(at([13, 1, 15, 9])).toEqual([-1, -1, -1, -1]);
    expect(at([12, 1, 16, 9])).toEqual([0, 0, -1, -1]);
    expect(at([14, 1, 18, 9])).toEqual([-1, 0, 0, -1]);
  });
});

describe('hungarian', () => {
  const options = { matchClass: 'probability', matchClassWeight: 1, matchL1Weight: 5, matchGiouWeight: 2 } as const;

  test('one query an object, the best sum of all', () => {
    const { gt } = assignHungarian(task([CELLS[1], CELLS[2]], CELLS, [1, 1, 1, 1]), options);
    expect([...gt]).toEqual([-1, 0, 1, -1]);
  });

  test('more objects than queries, a query of NaN, no object', () => {
    const five = [...CELLS, [40, 0, 50, 10]];
    expect([...assignHungarian(task(five, CELLS, [1, 1, 1, 1]), options).gt]).toEqual([0, 1, 2, 3]);
    const lost = [NaN, NaN, NaN, NaN];
    expect([
      ...assignHungarian(task([CELLS[0]], [lost, CELLS[1], CELLS[2], lost], [1, 0.9, 1, 1]), options).gt,
    ]).toEqual([-1, 0, -1, -1]);
    expect([...assignHungarian(task([], CELLS, [1, 1, 1, 1]), options).gt]).toEqual([-1, -1, -1, -1]);
  });
});
