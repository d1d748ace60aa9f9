import { describe, expect, test } from 'vitest';
import type { AnchorGrid } from '../../../../src/core/losses/detector-output.js';
import { matchableGts } from '../../../../src/core/assign/matchable-gts.js';
import { assignTal } from '../../../../src/core/assign/tal-assigner.js';
import { columnsOf, IMAGE, makeGts, makeOutput } from '../make-output.js';

/** Four anchors in a row, centres 5, 15, 25, 35; all predict boxes around the first two objects' places. */
const CENTRES = [5, 15, 25, 35];
const grid: AnchorGrid = {
  centreX: Float32Array.from(CENTRES),
  centreY: new Float32Array(4).fill(5),
  strideX: new Float32Array(4).fill(10),
  strideY: new Float32Array(4).fill(10),
  levelStart: Int32Array.of(0, 4),
};
const OPTIONS = { talAlpha: 1, talBeta: 2, talTopK: 2 };
const LEFT = [0, 0, 20, 10];

function assign(gtBoxes: number[][], preds: number[][], scores: number[], options = OPTIONS) {
  const output = makeOutput(preds, 1, {
    scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    preds: columnsOf(preds),
    scores: Float32Array.from(scores),
  });
  const gts = matchableGts(makeGts(gtBoxes.map((box) => ({ box }))), 1, IMAGE);
  return assignTal({ output, norms: null, grid, gts }, options);
}

describe('assignTal', () => {
  test('the best aligned anchors inside match; the target is t over the largest t, times the largest IoU', () => {
    const { gt, target } = assign([LEFT], [LEFT, [0, 0, 10, 10], LEFT, LEFT], [0.25, 1, 1, 1]);
    expect([...gt]).toEqual([0, 0, -1, -1]);
    // t = .25 · 1² and 1 · .5²: both are the largest, and so is the IoU 1 of the first.
    expect([...(target ?? [])]).toEqual([1, 1, 0, 0]);
  });

  test('k anchors at most; equal alignments take the lower row', () => {
    const { gt } = assign([[0, 0, 40, 10]], Array(4).fill([0, 0, 40, 10]), [0.5, 0.9, 0.5, 0.5]);
    expect([...gt]).toEqual([0, 0, -1, -1]);
  });

  test('an anchor taken twice goes to the larger IoU, whatever the alignment says', () => {
    const { gt } = assign([[0, 0, 12, 10], LEFT], [LEFT, LEFT, LEFT, LEFT], [0.5, 0.1, 0, 0]);
    expect([...gt]).toEqual([1, 1, -1, -1]);
  });

  test('no score, no overlap, a NaN score: no match', () => {
    expect([...assign([LEFT], [LEFT, [30, 0, 40, 10], LEFT, LEFT], [0, 1, 1, 1]).gt]).toEqual([-1, -1, -1, -1]);
    expect([...assign([LEFT], [LEFT, LEFT, LEFT, LEFT], [NaN, 0.5, 1, 1]).gt]).toEqual([-1, 0, -1, -1]);
  });

  test('no object matches nothing', () => {
    expect([...assign([], [LEFT, LEFT, LEFT, LEFT], [1, 1, 1, 1]).gt]).toEqual([-1, -1, -1, -1]);
  });
});
