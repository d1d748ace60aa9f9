import { describe, expect, it } from 'vitest';
import { Fate, lossOfRow, matchHardExamples } from '../../../../src/core/reports/example-fates.js';
import { IGNORE, NONE, Status, type RoiTable } from '../../../../src/core/tables.js';
import { makeRois, type RoiRow } from '../make-rois.js';

interface Row extends RoiRow {
  readonly gt?: number;
  readonly hard?: boolean;
}

function side(rows: readonly Row[]): { readonly rois: RoiTable; readonly status: Uint8Array } {
  const rois = makeRois(rows);
  rows.forEach(({ gt = NONE }, row) => (rois.gtIndex[row] = gt));
  return { rois, status: Uint8Array.from(rows, ({ hard = false }) => (hard ? Status.selected : Status.belowBudget)) };
}

function match(before: readonly Row[], after: readonly Row[]) {
  const [a, b] = [side(before), side(after)];
  const { fate, before: rowsBefore, after: rowsAfter } = matchHardExamples(a.rois, a.status, b.rois, b.status);
  return [...fate].map((code, i) => [code, rowsBefore[i], rowsAfter[i]]);
}

const at = (x: number): [number, number, number, number] => [x, 0, x + 10, 10];

describe('matchHardExamples', () => {
  it('tells easy, stayed and new, with the partner on the other side', () => {
    const before: Row[] = [
      { box: at(0), label: 0, gt: 0, cls: 3, hard: true },
      { box: at(50), cls: 2, hard: true },
      { box: at(90), cls: 0.1 },
    ];
    const after: Row[] = [
      { box: at(91), cls: 1, hard: true },
      { box: at(1), label: 0, gt: 0, cls: 0.2 },
      { box: at(51), cls: 1.5, hard: true },
    ];
    expect(match(before, after)).toEqual([
      [Fate.easy, 0, 1],
      [Fate.stayed, 1, 2],
      [Fate.new, 2, 0],
    ]);
  });

  it('takes boxes for the same from an IoU of .5 on, and finds none where there is none', () => {
    expect(match([{ box: [0, 0, 10, 10], cls: 1, hard: true }], [{ box: [0, 0, 10, 5], cls: 1, hard: true }])).toEqual([
      [Fate.stayed, 0, 0],
    ]);
    expect(
      match([{ box: [0, 0, 10, 10], cls: 1, hard: true }], [{ box: [0, 0, 10, 4.9], cls: 1, hard: true }]),
    ).toEqual([
      [Fate.easy, 0, NONE],
      [Fate.new, NONE, 0],
    ]);
  });

  it('does not take an example of another ground truth, nor background for foreground', () => {
    const before: Row[] = [{ box: at(0), label: 1, gt: 1, cls: 1, hard: true }];
    for (const other of [{ label: 1, gt: 2 }, {}])
      expect(match(before, [{ box: at(0), cls: 1, hard: true, ...other }])).toEqual([
        [Fate.easy, 0, NONE],
        [Fate.new, NONE, 0],
      ]);
    // The same object under another label is the same example.
    expect(match(before, [{ box: at(0), label: 2, gt: 1, cls: 1, hard: true }])).toEqual([[Fate.stayed, 0, 0]]);
  });

  it('pairs the largest overlap first, each RoI once, ties to the first', () => {
    const before: Row[] = [
      { box: at(1), cls: 1, hard: true },
      { box: at(0), cls: 1, hard: true },
    ];
    expect(match(before, [{ box: at(0), cls: 1, hard: true }])).toEqual([
      [Fate.easy, 0, 0],
      [Fate.stayed, 1, 0],
    ]);
    const twice: Row[] = [
      { box: at(0), cls: 1, hard: true },
      { box: at(0), cls: 1, hard: true },
    ];
    expect(match(twice, [{ box: at(0), cls: 1, hard: true }])).toEqual([
      [Fate.stayed, 0, 0],
      [Fate.easy, 1, 0],
    ]);
  });

  it('leaves ignored rows out and answers nothing for nothing', () => {
    expect(match([{ box: at(0), label: IGNORE, cls: 1, hard: true }], [])).toEqual([]);
    expect(match([{ box: at(0), cls: 1, hard: true }], [{ box: at(0), label: IGNORE, cls: 1, hard: true }])).toEqual([
      [Fate.easy, 0, NONE],
    ]);
    expect(match([], [])).toEqual([]);
  });
});

describe('lossOfRow', () => {
  it('is the class loss, with the box loss of foreground; NaN for none', () => {
    const { rois } = side([
      { cls: 2, loc: 5 },
      { cls: 2, loc: 5, label: 0 },
      { cls: 2, loc: 5, label: IGNORE },
    ]);
    expect([lossOfRow(rois, 0), lossOfRow(rois, 1), lossOfRow(rois, 2)]).toEqual([2, 7, 2]);
    expect(lossOfRow(rois, NONE)).toBeNaN();
  });
});
