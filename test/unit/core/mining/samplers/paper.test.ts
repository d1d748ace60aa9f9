import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardestRows, selectHardExamples } from '../../../../../src/core/mining/select.js';
import { makeRois, selectedOf, statusNames } from '../../make-rois.js';

/** Boxes 10 wide, `shift` px apart: neighbours at 1 px have IoU 9/11, at 2 px 8/12 = .667, at 5 px 1/3. */
const chain = (...shifts: number[]) => shifts.map((x, i) => ({ box: [x, 0, x + 10, 10] as const, cls: 9 - i }));

describe('paper', () => {
  it('suppresses what a harder kept RoI overlaps, and says which RoI', () => {
    const selection = selectHardExamples(makeRois(chain(0, 1, 2, 50)), resolveConfig('paper', { batchSize: 4 }));
    expect(statusNames(selection)).toEqual(['selected', 'nms-suppressed', 'selected', 'below-budget']);
    expect([...selection.suppressedBy]).toEqual([-1, 0, -1, -1]);
  });

  it('lets a suppressed RoI suppress nothing', () => {
    // Row 1 would suppress row 2 (IoU 9/11), but row 0 has suppressed row 1, and overlaps row 2 by 8/12 only.
    const selection = selectHardExamples(makeRois(chain(0, 1, 2)), resolveConfig('paper'));
    expect(statusNames(selection)).toEqual(['selected', 'nms-suppressed', 'selected']);
  });

  it('names the hardest of two kept RoIs that would suppress a third', () => {
    const rois = makeRois([
      { box: [0, 0, 10, 10], cls: 3 },
      { box: [2, 0, 12, 10], cls: 2 },
      { box: [1, 0, 11, 10], cls: 1 },
    ]);
    expect([...selectHardExamples(rois, resolveConfig('paper')).suppressedBy]).toEqual([-1, -1, 0]);
  });

  it('keeps a RoI at exactly the threshold: the comparison is strict', () => {
    // IoU 7 * 10 / (100 + 70 - 70) = .7 exactly as written.
    const rois = makeRois([
      { box: [0, 0, 10, 10], cls: 2 },
      { box: [0, 0, 7, 10], cls: 1 },
    ]);
    expect(selectHardExamples(rois, resolveConfig('paper')).keepNum).toBe(2);
    expect(selectHardExamples(rois, resolveConfig('paper', { nmsThreshold: 0.6999 })).keepNum).toBe(1);
  });

  it('runs NMS before the budget, and never across images', () => {
    const rois = makeRois([
      { image: 0, box: [0, 0, 10, 10], cls: 1 },
      { image: 0, box: [0, 0, 10, 10], cls: 5 },
      { image: 0, box: [40, 0, 50, 10], cls: 0.5 },
      { image: 1, box: [0, 0, 10, 10], cls: 4 },
    ]);
    const selection = selectHardExamples(rois, resolveConfig('paper', { batchSize: 4 }));
    expect(statusNames(selection)).toEqual(['nms-suppressed', 'selected', 'selected', 'selected']);
    expect([...selection.suppressedBy]).toEqual([1, -1, -1, -1]);
  });

  it('adds the box loss of foreground only', () => {
    const rois = makeRois([{ cls: 1, loc: 9 }, { cls: 1, loc: 0.5, label: 0 }, { cls: 1.2 }]);
    const selection = selectHardExamples(rois, resolveConfig('paper'));
    expect([...selection.lossRank]).toEqual([2, 0, 1]);
    expect([...selection.rankLoss]).toEqual([1, 1.5, 1.2]);
    expect(selection.clsLoss).toBeCloseTo(3.2 / 3, 12);
    expect(selection.locLoss).toBeCloseTo(0.5 / 3, 12);
  });

  it('ranks by class or by box loss where asked', () => {
    const rois = makeRois([
      { cls: 1, loc: 3, label: 0 },
      { cls: 2, loc: 1, label: 1 },
      { cls: 3, loc: 9 },
    ]);
    expect([...selectHardExamples(rois, resolveConfig('paper', { rankBy: 'class' })).order]).toEqual([2, 1, 0]);
    expect([...selectHardExamples(rois, resolveConfig('paper', { rankBy: 'box' })).order]).toEqual([0, 1, 2]);
  });

  it('ranks over the whole minibatch, though each image has its own budget', () => {
    const rois = makeRois([
      { image: 0, cls: 1 },
      { image: 0, cls: 4 },
      { image: 0, cls: 3 },
      { image: 1, cls: 2 },
      { image: 1, cls: 0.5 },
    ]);
    const selection = selectHardExamples(rois, resolveConfig('paper', { batchSize: 2 }));
    expect([...selection.lossRank]).toEqual([3, 0, 1, 2, 4]);
    expect([...selection.order]).toEqual([1, 2, 3, 0, 4]);
    expect(selectedOf(selection)).toEqual([1, 3]);
  });

  it.each([
    [100, 0.29, 29],
    [100, 0.57, 57],
    [50, 0.58, 29],
    [100, 0.001, 1],
    [100, 1, 100],
    [3, 0.5, 1],
  ])('keeps of %i RoIs at rate %f: %i', (numRois, keepRate, expected) => {
    const rois = makeRois(Array.from({ length: numRois }, (_, i) => ({ cls: i })));
    expect(selectHardExamples(rois, resolveConfig('paper', { keepRate })).keepNum).toBe(expected);
  });

  it('counts the keep rate over valid candidates before NMS, of each image', () => {
    const same = { box: [0, 0, 10, 10] as const };
    const rois = makeRois([
      { ...same, cls: 4 },
      { ...same, cls: 3 },
      { cls: 2 },
      { cls: NaN },
      { cls: 9, label: -1 },
      { image: 1, cls: 1 },
    ]);
    // Image 0: 3 candidates, floor(3 * .7) = 2 of the 2 that survive; image 1: max(1, floor(.7)) = 1.
    const selection = selectHardExamples(rois, resolveConfig('paper', { keepRate: 0.7 }));
    expect(selectedOf(selection)).toEqual([0, 2, 5]);
  });

  it('gives an image whose RoIs are all ignored nothing', () => {
    const rois = makeRois([
      { image: 0, cls: 1, label: -1 },
      { image: 1, cls: 1 },
      { image: 2, cls: NaN },
    ]);
    expect(statusNames(selectHardExamples(rois, resolveConfig('paper', { keepRate: 1 })))).toEqual([
      'ignored',
      'selected',
      'invalid',
    ]);
  });

  it('compares the regressed boxes where these stand for the RoIs', () => {
    const rows = [
      { box: [0, 0, 10, 10] as const, pred: [0, 0, 10, 10] as const, cls: 2 },
      { box: [0, 0, 10, 10] as const, pred: [30, 0, 40, 10] as const, cls: 1 },
    ];
    expect(selectHardExamples(makeRois(rows), resolveConfig('paper')).keepNum).toBe(1);
    expect(selectHardExamples({ ...makeRois(rows), roiBox: 'regressed' }, resolveConfig('paper')).keepNum).toBe(2);
  });

  it('finds the hardest rows alone in loss order', () => {
    const rois = makeRois([{ cls: 1 }, { cls: 3 }, { image: 1, cls: 2 }, { image: 1, cls: 0 }]);
    expect([...selectHardestRows(rois, resolveConfig('paper', { batchSize: 2 }))]).toEqual([1, 2]);
  });
});
