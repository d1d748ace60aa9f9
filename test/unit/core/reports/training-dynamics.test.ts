import { describe, expect, it } from 'vitest';
import { IGNORE } from '../../../../src/core/tables.js';
import { observeObjects, trainingDynamics } from '../../../../src/core/reports/training-dynamics.js';
import type { Observations } from '../../../../src/core/reports/training-dynamics.js';
import { makeGts } from '../make-output.js';
import { BACKGROUND, makeRois } from '../make-rois.js';
import type { RoiRow } from '../make-rois.js';

const GTS = makeGts([
  { box: [0, 0, 1, 1], gtClass: 0 },
  { box: [0, 0, 1, 1], gtClass: 1 },
]);

function observe(rows: readonly (RoiRow & { gt: number; predicted: number })[], isSigmoid = false) {
  const rois = makeRois(rows);
  rows.forEach(({ gt, predicted }, row) => {
    rois.gtIndex[row] = gt;
    rois.predClass[row] = predicted;
  });
  return observeObjects(rois, GTS, isSigmoid);
}

describe('observeObjects', () => {
  it('judges an object by its best RoI', () => {
    const { margin, learned } = observe([
      {
        gt: 0,
        predicted: 1,
        label: 0,
        cls: -Math.log(0.25),
        top: [
          [1, 0.5],
          [0, 0.25],
        ],
      },
      {
        gt: 0,
        predicted: 0,
        label: 0,
        cls: -Math.log(0.8),
        top: [
          [0, 0.8],
          [BACKGROUND, 0.1],
        ],
      },
      { gt: -1, predicted: 0, cls: 9, top: [[0, 0.99]] },
    ]);
    expect(margin[0]).toBeCloseTo(Math.log(8), 6);
    expect(margin[1]).toBeNaN();
    expect([...learned]).toEqual([1, 0]);
  });

  it('has not learned an object that it takes for background', () => {
    const { margin, learned } = observe([
      {
        gt: 0,
        predicted: 0,
        label: 0,
        cls: -Math.log(0.25),
        top: [
          [BACKGROUND, 0.5],
          [0, 0.25],
        ],
      },
    ]);
    expect(margin[0]).toBeCloseTo(-Math.LN2, 6);
    expect(learned[0]).toBe(0);
  });

  it('sets background against the label of a sigmoid head', () => {
    const row = {
      gt: 0,
      predicted: 0,
      label: 0,
      cls: -Math.log(0.25),
      top: [
        [0, 0.25],
        [1, 0.01],
      ],
    } as const;
    expect(observe([row]).learned[0]).toBe(1);
    const sigmoid = observe([row], true);
    expect(sigmoid.margin[0]).toBeCloseTo(Math.log(0.25 / 0.75), 6);
    expect(sigmoid.learned[0]).toBe(0);
    expect(
      observe(
        [
          {
            ...row,
            cls: -Math.log(0.9),
            top: [
              [0, 0.9],
              [1, 0.01],
            ],
          },
        ],
        true,
      ).learned[0],
    ).toBe(1);
  });

  it('breaks ties as the prediction does, and holds where the others underflow', () => {
    const tie = {
      gt: 0,
      label: 0,
      cls: Math.LN2,
      top: [
        [0, 0.5],
        [1, 0.5],
      ],
    } as const;
    expect(observe([{ ...tie, predicted: 0 }]).learned[0]).toBe(1);
    expect(observe([{ ...tie, predicted: 1 }]).learned[0]).toBe(0);
    const sure = observe([
      {
        gt: 0,
        predicted: 0,
        label: 0,
        cls: 0,
        top: [
          [0, 1],
          [1, 0],
        ],
      },
    ]);
    expect(sure.margin[0]).toBeCloseTo(126 * Math.LN2, 10);
  });

  it('knows nothing of ignored RoIs, NaN losses and missing scores', () => {
    const { margin, learned } = observe([
      { gt: 0, predicted: 0, label: IGNORE, cls: 0, top: [[0, 1]] },
      { gt: 0, predicted: 0, label: 0, cls: Number.NaN, top: [[0, 1]] },
      { gt: 1, predicted: 1, label: 1, cls: 0.1 },
    ]);
    expect([...margin].every(Number.isNaN)).toBe(true);
    expect([...learned]).toEqual([0, 0]);
  });
});

describe('trainingDynamics', () => {
  const view = (margin: number[], learned: number[]): Observations => ({
    margin: Float64Array.from(margin),
    learned: Uint8Array.from(learned),
  });

  it('means margins and counts what was learned and lost again', () => {
    const { aum, numForgotten, firstLearned } = trainingDynamics([
      view([1, -1, Number.NaN], [1, 0, 0]),
      view([-2, -3, 4], [0, 0, 1]),
      view([4, -5, 6], [1, 0, 0]),
      view([-1, -7, Number.NaN], [0, 0, 0]),
    ]);
    expect([...aum]).toEqual([0.5, -4, 5]);
    expect([...numForgotten]).toEqual([2, 0, 1]);
    expect([...firstLearned]).toEqual([0, -1, 1]);
  });

  it('is NaN where no checkpoint knows the example, and takes one checkpoint and no examples', () => {
    expect(trainingDynamics([view([Number.NaN], [0])]).aum[0]).toBeNaN();
    expect(trainingDynamics([view([2], [1])]).aum[0]).toBe(2);
    expect(trainingDynamics([view([], [])]).aum).toHaveLength(0);
  });
});
