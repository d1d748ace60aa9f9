import { describe, expect, it } from 'vitest';
import { margins, trueProbabilities } from '../../../../src/core/losses/example-scores.js';
import { softWeights } from '../../../../src/core/mining/soft-weights.js';
import { IGNORE } from '../../../../src/core/tables.js';
import { BACKGROUND, makeRois } from '../make-rois.js';

const LN2 = Math.LN2;

describe('trueProbabilities and margins', () => {
  it('take the label from the loss and the other from the list', () => {
    const rois = makeRois([
      {
        label: 0,
        cls: LN2,
        top: [
          [0, 0.5],
          [2, 0.25],
        ],
      },
      {
        label: 0,
        cls: 2 * LN2,
        top: [
          [BACKGROUND, 0.75],
          [0, 0.25],
        ],
      },
      {
        cls: LN2,
        top: [
          [BACKGROUND, 0.5],
          [1, 0.125],
        ],
      },
    ]);
    expect([...trueProbabilities(rois)].map((p) => p.toFixed(6))).toEqual(['0.500000', '0.250000', '0.500000']);
    expect([...margins(rois)].map((m) => m.toFixed(6))).toEqual(['0.250000', '-0.500000', '0.375000']);
  });

  it('are unknown for ignored rows, NaN losses and rows without scores; no other class scores 0', () => {
    const rois = makeRois([
      { label: IGNORE, cls: 0, top: [[0, 1]] },
      { cls: Number.NaN, top: [[0, 1]] },
      { cls: 1 },
      { label: 1, cls: LN2, top: [[1, 0.5]] },
    ]);
    expect([...trueProbabilities(rois)].map(Number.isNaN)).toEqual([true, true, false, false]);
    expect([...margins(rois)].map(Number.isNaN)).toEqual([true, true, true, false]);
    expect(margins(rois)[3]).toBeCloseTo(0.5, 15);
  });

  it('hold at infinite losses', () => {
    const rois = makeRois([{ label: 0, cls: Infinity, top: [[1, 1]] }]);
    expect([trueProbabilities(rois)[0], margins(rois)[0]]).toEqual([0, -1]);
  });
});

describe('softWeights', () => {
  it('weighs by 1 - p_true, ignored rows by nothing', () => {
    const rois = makeRois([{ label: 0, cls: LN2 }, { cls: LN2 }, { cls: 0 }, { label: IGNORE, cls: 0 }]);
    const { focal, ghm } = softWeights(rois);
    expect([...focal].map((weight) => weight.toFixed(4))).toEqual(['0.0625', '0.1875', '0.0000', 'NaN']);
    // Three rows count: two in the bin of .5, one in the bin of 0.
    expect([...ghm].map((weight) => weight.toFixed(4))).toEqual(['0.1500', '0.1500', '0.3000', '0.0000']);
  });

  it('gives nothing for nothing', () => {
    expect(softWeights(makeRois([])).focal).toHaveLength(0);
  });
});
