import { describe, expect, it } from 'vitest';
import { imageMeasures, mistakenness } from '../../../../src/core/reports/dataset-measures.js';
import { IGNORE } from '../../../../src/core/tables.js';
import { makeRois } from '../make-rois.js';
import type { RoiRow } from '../make-rois.js';

function rois(rows: readonly (RoiRow & { gt?: number; predicted?: number; entropy?: number })[]) {
  const table = makeRois(rows);
  rows.forEach(({ gt = -1, predicted = -1, entropy = Number.NaN }, row) => {
    table.gtIndex[row] = gt;
    table.predClass[row] = predicted;
    table.entropy[row] = entropy;
  });
  return table;
}
const measures = (rows: Parameters<typeof rois>[0]) => imageMeasures(rois(rows), 0, rows.length);

describe('mistakenness', () => {
  it("is FiftyOne's (m c + 1) / 2", () => {
    expect(mistakenness(0.9, false)).toBeCloseTo(0.95, 15);
    expect(mistakenness(0.9, true)).toBeCloseTo(0.05, 15);
    expect([mistakenness(0, true), mistakenness(0, false), mistakenness(1, false)]).toEqual([0.5, 0.5, 1]);
  });
});

describe('imageMeasures', () => {
  it('means the entropy of foreground, and takes the object that is likeliest mislabelled', () => {
    const { entropy, mistakenness: chance } = measures([
      { label: 0, cls: 1, iou: 0.8, score: 0.6, gt: 0, predicted: 0, entropy: 1 },
      { label: 0, cls: 1, iou: 0.7, score: 0.9, gt: 0, predicted: 1, entropy: 2 },
      { label: 2, cls: 1, iou: 0.9, score: 0.8, gt: 1, predicted: 2, entropy: 0.5 },
      { cls: 1, score: 0.99, predicted: 1, entropy: 9 },
      { label: IGNORE, cls: 0, score: 1, gt: 1, predicted: 0, iou: 0, entropy: 9 },
    ]);
    expect(entropy).toBeCloseTo(3.5 / 3, 6);
    expect(chance).toBeCloseTo(0.95, 6);
  });

  it('leaves out predictions that overlap their object by less than half', () => {
    expect(measures([{ label: 0, cls: 1, iou: 0.49, score: 0.9, gt: 0, predicted: 1 }]).mistakenness).toBe(-1);
    expect(measures([{ label: 0, cls: 1, iou: 0.5, score: 0.9, gt: 0, predicted: 1 }]).mistakenness).toBeCloseTo(
      0.95,
      6,
    );
  });

  it('is -1 where nothing is known', () => {
    expect(measures([])).toEqual({ entropy: -1, mistakenness: -1 });
    expect(measures([{ cls: 1, entropy: 1 }])).toEqual({ entropy: -1, mistakenness: -1 });
    expect(measures([{ label: 0, cls: 1, gt: 0, iou: 1, predicted: 0 }])).toEqual({ entropy: -1, mistakenness: -1 });
  });

  it('reads the rows of its image alone', () => {
    const table = rois([
      { label: 0, cls: 1, iou: 1, score: 1, gt: 0, predicted: 1, entropy: 4 },
      { label: 0, cls: 1, iou: 1, score: 0.5, gt: 0, predicted: 0, entropy: 1 },
    ]);
    expect(imageMeasures(table, 1, 2)).toEqual({ entropy: 1, mistakenness: 0.25 });
  });
});
