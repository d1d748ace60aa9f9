import { describe, expect, it } from 'vitest';
import { concatRoiTables } from '../../../../src/core/concat-roi-tables.js';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { allocateRoiTable, IGNORE, NONE, Status, type RoiTable } from '../../../../src/core/tables.js';
import { COLOUR_SPAN, imageSelection, suppressedRows } from '../../../../webview/rows/image-selection.js';

/** Background RoIs with the given losses, apart from one another unless `together`. */
function table(losses: readonly number[], together = false): RoiTable {
  const rois = allocateRoiTable(losses.length, 3, 'float64');
  losses.forEach((loss, row) => {
    const x = together ? 0 : row * 100;
    rois.x1[row] = x;
    rois.x2[row] = x + 50;
    rois.y2[row] = 50;
    rois.lossCls[row] = loss;
  });
  return rois;
}

describe('imageSelection', () => {
  it('lists ranked rows hardest first, then ignored, then invalid', () => {
    const rois = table([1, NaN, 3, 2, 5]);
    rois.gtClass[3] = IGNORE;
    const selection = imageSelection(selectHardExamples(rois, resolveConfig('paper', { batchSize: 4 })), 0, 5);
    expect([...selection.order]).toEqual([4, 2, 0, 3, 1]);
    expect(selection.numRanked).toBe(3);
    expect([...selection.counts]).toEqual([2, 0, 1, 1, 1]);
    expect(selection.lossSum).toBe(8);
  });

  it('gives the selected rows hardness from 0 to 1, and others their place among them', () => {
    const selection = imageSelection(
      selectHardExamples(table([9, 8, 7, 6, 5]), resolveConfig('paper', { batchSize: 6 })),
      0,
      5,
    );
    expect([...selection.hardness]).toEqual([0, 0.5, 1, 1, 1]);
  });

  it('shares the colours out among the hardest where very many are selected', () => {
    const losses = Array.from({ length: 2 * COLOUR_SPAN }, (_, i) => 1000 - i);
    const { hardness } = imageSelection(selectHardExamples(table(losses), resolveConfig('all')), 0, losses.length);
    expect(hardness[1]).toBeCloseTo(1 / (COLOUR_SPAN - 1), 6);
    expect(hardness[COLOUR_SPAN - 1]).toBe(1);
    expect(hardness[2 * COLOUR_SPAN - 1]).toBe(1);
  });

  it('cuts one image out of a minibatch, with suppressors counted from its own first row', () => {
    const rois = concatRoiTables([table([10, 4]), table([6, 9, 5], true)]);
    const whole = selectHardExamples(rois, resolveConfig('released-code', { batchSize: 2 }));
    const selection = imageSelection(whole, 2, 3);
    expect([...selection.order]).toEqual([1, 0, 2]);
    expect([...selection.suppressedBy]).toEqual([1, NONE, 1]);
    expect([...selection.status]).toEqual([Status.nmsSuppressed, Status.selected, Status.nmsSuppressed]);
    expect([...selection.lossRank]).toEqual([2, 1, 3]);
    expect([selection.batchSelected, selection.batchRanked]).toEqual([2, 5]);
    expect(selection.counts[Status.selected]).toBe(1);
    expect(selection.lossSum).toBe(9);
    expect(suppressedRows(selection, 1)).toEqual([0, 2]);
    expect(suppressedRows(selection, 0)).toEqual([]);
  });

  it('takes an image without RoIs', () => {
    const selection = imageSelection(selectHardExamples(table([]), resolveConfig('paper')), 0, 0);
    expect([selection.order.length, selection.numRanked, selection.lossSum]).toEqual([0, 0, 0]);
  });
});
