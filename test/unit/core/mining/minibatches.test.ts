import { describe, expect, it } from 'vitest';
import { minibatchSize, selectInMinibatches } from '../../../../src/core/mining/minibatches.js';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { allocateRoiTable, Status } from '../../../../src/core/tables.js';

/** One row an image; image 2 has none. */
function examples(losses: readonly number[]) {
  const rois = allocateRoiTable(losses.length, 2, 'float64');
  rois.lossCls.set(losses);
  rois.gtClass.fill(0);
  rois.imageIndex.set(losses.map((_, row) => (row < 2 ? row : row + 1)));
  return rois;
}

describe('minibatchSize', () => {
  it('is one image where the preset decides each alone', () => {
    expect(minibatchSize(resolveConfig('paper', { imagesPerBatch: 4 }))).toBe(1);
    expect(minibatchSize(resolveConfig('top-b', { imagesPerBatch: 4 }))).toBe(4);
  });
});

describe('selectInMinibatches', () => {
  const config = resolveConfig('top-b', { batchSize: 1, imagesPerBatch: 3 });

  it('decides each minibatch by itself; images without rows count as images', () => {
    const selection = selectInMinibatches(examples([1, 5, 4, 2, 3]), config);
    // Images 0, 1 and the absent 2; then 3, 4, 5.
    expect([...selection.status].map((code) => code === Status.selected)).toEqual([false, true, true, false, false]);
    expect([...selection.lossRank]).toEqual([1, 0, 0, 2, 1]);
    expect([...selection.rankedWith]).toEqual([2, 2, 3, 3, 3]);
    expect([...selection.order]).toEqual([1, 2, 4, 3, 0]);
    expect(selection).toMatchObject({ keepNum: 2, numBatches: 2 });
    expect(selection.counts[Status.selected]).toBe(2);
  });

  it('of one minibatch gives what selectHardExamples gives', () => {
    const rois = examples([1, NaN, 4, 2, 3]);
    const eight = { ...config, imagesPerBatch: 8 };
    const { rankedWith, numBatches, ...merged } = selectInMinibatches(rois, eight);
    expect(selectHardExamples(rois, eight)).toMatchObject(merged);
    expect([[...rankedWith], numBatches]).toEqual([[4, 4, 4, 4, 4], 1]);
  });

  it('keeps each image where the preset decides it alone, and takes a table without rows', () => {
    const alone = selectInMinibatches(examples([1, 5, 4]), resolveConfig('paper'));
    expect([...alone.lossRank]).toEqual([0, 0, 0]);
    expect(alone).toMatchObject({ keepNum: 3, numBatches: 3 });
    expect(selectInMinibatches(examples([]), config)).toMatchObject({ keepNum: 0, numBatches: 1 });
  });
});
