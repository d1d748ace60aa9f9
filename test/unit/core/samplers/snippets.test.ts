import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { makeRois, selectedOf, statusNames } from '../make-rois.js';

const rowsOf = (numRois: number) => makeRois(Array.from({ length: numRois }, (_, i) => ({ cls: i / 7 })));

describe('top-b', () => {
  it('adds the box loss as given, also of background, and divides both sums by keep_num', () => {
    const rois = makeRois([{ cls: 1, loc: 5 }, { cls: 2, loc: 0.25, label: 0 }, { cls: 3 }]);
    const selection = selectHardExamples(rois, resolveConfig('top-b', { batchSize: 2 }));
    expect(selectedOf(selection)).toEqual([0, 2]);
    expect(selection.clsLoss).toBe((1 + 3) / 2);
    expect(selection.locLoss).toBe(5 / 2);
  });

  it('lets ignored rows take part with class loss 0', () => {
    const rois = makeRois([{ cls: 9, loc: 4, label: -1 }, { cls: 3 }, { cls: NaN, loc: 0.5, label: -1 }]);
    const selection = selectHardExamples(rois, resolveConfig('top-b', { batchSize: 2 }));
    expect(statusNames(selection)).toEqual(['selected', 'selected', 'below-budget']);
    expect([...selection.lossRank]).toEqual([0, 1, 2]);
    expect([selection.clsLoss, selection.locLoss]).toEqual([1.5, 2]);
  });

  it('looks at the box loss of background, where it may be invalid', () => {
    const rois = makeRois([
      { cls: 1, loc: NaN },
      { cls: 1, loc: 1 },
    ]);
    expect(statusNames(selectHardExamples(rois, resolveConfig('top-b')))).toEqual(['invalid', 'selected']);
  });

  it('keeps every valid row where B is larger', () => {
    expect(selectHardExamples(rowsOf(5), resolveConfig('top-b', { batchSize: 99 })).keepNum).toBe(5);
  });
});

describe('top-rate', () => {
  it.each([
    [100, 0.29, 28],
    [100, 0.57, 56],
    [50, 0.58, 28],
    [10, 0.05, 0],
    [10, 1, 10],
    [3, 0.7, 2],
  ])('keeps int(%i * %f) = %i as the snippet does, unrepaired', (numRois, keepRate, expected) => {
    const selection = selectHardExamples(rowsOf(numRois), resolveConfig('top-rate', { keepRate }));
    expect(selection.keepNum).toBe(expected);
    if (expected === 0) expect([selection.clsLoss, selection.locLoss]).toEqual([0, 0]);
  });

  it('counts ignored rows in n, with loss 0', () => {
    const rois = makeRois([{ cls: 5, label: -1 }, { cls: 2 }, { cls: 1 }, { cls: 3 }]);
    const selection = selectHardExamples(rois, resolveConfig('top-rate', { keepRate: 0.75 }));
    expect(selectedOf(selection)).toEqual([1, 2, 3]);
    expect(selection.lossRank[0]).toBe(3);
  });

  it('has a default rate of .7, also where the rate is taken away', () => {
    expect(resolveConfig('top-rate').keepRate).toBe(0.7);
    expect(selectHardExamples(rowsOf(10), resolveConfig('top-rate', { keepRate: null })).keepNum).toBe(7);
  });

  it('ranks by the class loss alone', () => {
    const rois = makeRois([
      { cls: 1, loc: 9, label: 0 },
      { cls: 2, loc: 0, label: 0 },
    ]);
    expect([...selectHardExamples(rois, resolveConfig('top-rate')).order]).toEqual([1, 0]);
  });
});
