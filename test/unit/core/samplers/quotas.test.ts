/** Presets that treat positives and negatives apart. */
import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { makeRois, selectedOf, statusNames, type RoiRow } from '../make-rois.js';

/** `numPos` positives of loss 100, 99, … then `numNeg` negatives of loss 50, 49, …, apart from each other. */
const mixed = (numPos: number, numNeg: number, change: (row: RoiRow, i: number) => RoiRow = (row) => row) =>
  makeRois(
    Array.from({ length: numPos + numNeg }, (_, i) =>
      change(i < numPos ? { cls: 100 - i, label: i % 3 } : { cls: 50 - i + numPos }, i),
    ),
  );
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('mmdet', () => {
  it('keeps the hardest positives up to their quota and fills with negatives', () => {
    const selection = selectHardExamples(mixed(10, 30), resolveConfig('mmdet', { num: 20 }));
    expect(selectedOf(selection)).toEqual([...range(0, 5), ...range(10, 25)]);
  });

  it('gives unused places of positives to negatives, and may be short', () => {
    expect(selectHardExamples(mixed(2, 30), resolveConfig('mmdet', { num: 20 })).keepNum).toBe(20);
    expect(selectHardExamples(mixed(2, 3), resolveConfig('mmdet', { num: 20 })).keepNum).toBe(5);
  });

  it('bounds negatives by max(1, positives), also without positives', () => {
    expect(selectedOf(selectHardExamples(mixed(0, 30), resolveConfig('mmdet', { negPosUb: 3 })))).toEqual([0, 1, 2]);
    expect(selectHardExamples(mixed(3, 30), resolveConfig('mmdet', { negPosUb: 1.5 })).keepNum).toBe(3 + 4);
    expect(selectHardExamples(mixed(3, 30), resolveConfig('mmdet', { negPosUb: 0 })).keepNum).toBe(3);
  });

  it('ranks by class loss though the box loss is larger', () => {
    const rois = makeRois([
      { cls: 1, loc: 9, label: 0 },
      { cls: 2, loc: 0, label: 0 },
    ]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('mmdet', { num: 1, posFraction: 1 })))).toEqual([1]);
  });

  it('counts its number for each image', () => {
    const rois = makeRois([
      ...range(0, 5).map((i) => ({ image: 0, cls: i })),
      ...range(0, 5).map((i) => ({ image: 1, cls: i })),
    ]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('mmdet', { num: 2 })))).toEqual([3, 4, 8, 9]);
  });
});

describe('tf-od', () => {
  const overlapping: RoiRow[] = [
    { box: [0, 0, 10, 10], pred: [0, 0, 10, 10], cls: 3 },
    { box: [0, 0, 10, 10], pred: [50, 0, 60, 10], cls: 2 },
    { box: [90, 0, 99, 10], pred: [0, 0, 10, 10], cls: 1 },
  ];

  it('suppresses by the regressed boxes, whichever box stands for the RoI', () => {
    const selection = selectHardExamples(makeRois(overlapping), resolveConfig('tf-od'));
    expect(statusNames(selection)).toEqual(['selected', 'selected', 'nms-suppressed']);
    expect(selection.suppressedBy[2]).toBe(0);
  });

  it('weighs the two losses, and gives background no box loss', () => {
    const rois = makeRois([
      { cls: 1, loc: 1, label: 0 },
      { cls: 2.1, loc: 9 },
    ]);
    const weighted = selectHardExamples(rois, resolveConfig('tf-od'));
    expect([...weighted.rankLoss]).toEqual([0.05 + 0.06, 2.1 * 0.05]);
    expect([...selectHardExamples(rois, resolveConfig('tf-od', { clsWeight: 1, locWeight: 1 })).order]).toEqual([1, 0]);
    expect(weighted.locLoss).toBe(0.5);
  });

  it('keeps at most the number of hard examples of an image; 0 is no limit', () => {
    expect(selectHardExamples(mixed(0, 90), resolveConfig('tf-od')).keepNum).toBe(64);
    expect(selectHardExamples(mixed(0, 90), resolveConfig('tf-od', { numHardExamples: 0 })).keepNum).toBe(90);
  });

  it('keeps all selected positives and the hardest negatives up to the ratio', () => {
    const config = resolveConfig('tf-od', { maxNegativesPerPositive: 1.5, numHardExamples: 20 });
    expect(selectedOf(selectHardExamples(mixed(3, 30), config))).toEqual(range(0, 3 + 4));
  });

  it('keeps the least number of negatives where there is no positive', () => {
    const config = resolveConfig('tf-od', { maxNegativesPerPositive: 3, minNegativesPerImage: 2 });
    expect(selectedOf(selectHardExamples(mixed(0, 30), config))).toEqual([0, 1]);
    expect(selectHardExamples(mixed(0, 30), resolveConfig('tf-od', { maxNegativesPerPositive: 3 })).keepNum).toBe(0);
  });

  it('counts the positives among the hard examples, not all of the image', () => {
    // Three of five positives are among the 3 hardest: 3 negatives are allowed, none is left to take.
    const config = resolveConfig('tf-od', { maxNegativesPerPositive: 1, numHardExamples: 3 });
    expect(selectedOf(selectHardExamples(mixed(5, 30), config))).toEqual([0, 1, 2]);
  });
});

describe('ssd', () => {
  it('keeps every positive and int(3 * positives) hardest negatives', () => {
    expect(selectedOf(selectHardExamples(mixed(2, 30), resolveConfig('ssd')))).toEqual(range(0, 8));
    expect(selectHardExamples(mixed(3, 30), resolveConfig('ssd', { negPosRatio: 0.5 })).keepNum).toBe(3 + 1);
  });

  it('takes no negative that overlaps an object by the limit', () => {
    const rois = mixed(1, 4, (row, i) => ({ ...row, iou: i === 1 ? 0.5 : i === 2 ? 0.4999 : 0 }));
    expect(selectedOf(selectHardExamples(rois, resolveConfig('ssd')))).toEqual([0, 2, 3, 4]);
  });

  it('compares a limit that float32 cannot hold as written', () => {
    const rois = mixed(1, 1, (row) => ({ ...row, iou: 0.7 }));
    expect(selectedOf(selectHardExamples(rois, resolveConfig('ssd', { negOverlap: 0.7 })))).toEqual([0]);
  });

  it('selects nothing in an image without positives', () => {
    expect(selectHardExamples(mixed(0, 9), resolveConfig('ssd')).keepNum).toBe(0);
  });
});

describe('all', () => {
  it('selects every valid RoI and still ranks them', () => {
    const selection = selectHardExamples(
      makeRois([{ cls: 1 }, { cls: NaN }, { cls: 2 }, { cls: 1, label: -1 }]),
      resolveConfig('all'),
    );
    expect(statusNames(selection)).toEqual(['selected', 'invalid', 'selected', 'ignored']);
    expect([...selection.lossRank]).toEqual([1, -1, 0, -1]);
  });
});
