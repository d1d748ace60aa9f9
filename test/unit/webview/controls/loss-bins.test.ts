import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { allocateRoiTable } from '../../../../src/core/tables.js';
import {
  barHeight,
  binLosses,
  binStarts,
  countTicks,
  cutLoss,
  NUM_BINS,
  numKeptAt,
  selectedHeight,
} from '../../../../webview/controls/loss-bins.js';
import { imageSelection } from '../../../../webview/rows/image-selection.js';

/** RoIs far apart but for the last, which lies on the first. */
function decide(losses: readonly number[], batchSize: number) {
  const rois = allocateRoiTable(losses.length, 1, 'float64');
  losses.forEach((loss, row) => {
    rois.x1[row] = row === losses.length - 1 ? 0 : row * 100;
    rois.x2[row] = rois.x1[row] + 50;
    rois.y2[row] = 50;
    rois.lossCls[row] = loss;
  });
  const whole = selectHardExamples(rois, resolveConfig('paper', { batchSize, imagesPerBatch: 1 }));
  const image = imageSelection(whole, 0, losses.length);
  return { whole, image, bins: binLosses(image, image.hardness) };
}

describe('binLosses', () => {
  it('counts each ranked RoI once, the selected among them', () => {
    const { bins } = decide([8, 4, 2, NaN, 0.1, 7.9], 2);
    expect([bins.min, bins.max]).toEqual([0, 8]);
    expect(bins.count.reduce((sum, n) => sum + n, 0)).toBe(5);
    expect(bins.selected.reduce((sum, n) => sum + n, 0)).toBe(2);
    expect(bins.count[NUM_BINS - 1]).toBe(2);
    expect(bins.selected[NUM_BINS - 1]).toBe(1);
    expect(bins.place[NUM_BINS - 1]).toBe(0);
    expect(bins.place[NUM_BINS / 2]).toBe(1);
    expect(bins.mostCount).toBe(2);
  });

  it('takes losses that are all the same, negative, or absent', () => {
    expect(decide([3, 3, 3], 1).bins.count[NUM_BINS - 1]).toBeGreaterThan(0);
    expect(decide([0, 0], 1).bins.count[0]).toBe(2);
    const negative = decide([-1, -3, 2], 1).bins;
    expect([negative.min, negative.max]).toEqual([-3, 2]);
    expect(decide([], 1).bins).toMatchObject({ min: 0, max: 1, mostCount: 0 });
  });
});

describe('the cut', () => {
  const { whole } = decide([8, 4, 2, 1, 7.9], 2);

  it('stands at the easiest selected loss', () => {
    expect(cutLoss(whole)).toBe(4);
    expect(cutLoss(decide([1, 2], 0).whole)).toBeNull();
  });

  it('keeps as many as it says when it is moved: suppressed ones do not count', () => {
    expect(numKeptAt(whole, 5)).toBe(1);
    expect(numKeptAt(whole, 4)).toBe(2);
    expect(numKeptAt(whole, 0)).toBe(4);
    const again = decide([8, 4, 2, 1, 7.9], numKeptAt(whole, 1.5)).whole;
    expect(cutLoss(again)).toBe(2);
  });
});

describe('barHeight', () => {
  it('shows one RoI beside thousands', () => {
    expect(barHeight(0, 3000)).toBe(0);
    expect(barHeight(1, 3000)).toBeGreaterThan(0.15);
    expect(barHeight(3000, 3000)).toBe(1);
  });
});

describe('what the plot draws', () => {
  it('colours the selected share of each bar', () => {
    const bins = decide([8, 7.95, 2, 1], 1).bins;
    expect(selectedHeight(bins, NUM_BINS - 1)).toBeCloseTo(barHeight(2, 2) / 2, 12);
    expect(selectedHeight(bins, 1)).toBe(0);
  });

  it('begins its bars at the least loss, also where all losses are one', () => {
    const starts = binStarts({ min: -3, max: 2 } as ReturnType<typeof binLosses>);
    expect([starts.length, starts[0]]).toEqual([NUM_BINS, -3]);
    expect(starts[NUM_BINS - 1]).toBeCloseTo(2 - 5 / NUM_BINS, 12);
    expect(binStarts({ min: 0, max: 0 } as ReturnType<typeof binLosses>)[1]).toBe(1 / NUM_BINS);
  });

  it('names powers of ten, never more than there is room for', () => {
    expect([0, 1, 9, 10, 4000].map(countTicks)).toEqual([[], [1], [1], [1, 10], [1, 10, 100, 1000]]);
    expect(countTicks(60_000)).toEqual([1, 100, 10_000]);
  });
});
