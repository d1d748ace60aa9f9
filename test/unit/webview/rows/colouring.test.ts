import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { softWeights } from '../../../../src/core/mining/soft-weights.js';
import { allocateRoiTable, IGNORE } from '../../../../src/core/tables.js';
import { colourByRank, colourByWeight, formatWeight, sliceWeights } from '../../../../webview/rows/colouring.js';
import { imageSelection } from '../../../../webview/rows/image-selection.js';

describe('colourByWeight', () => {
  it('is brightest at the largest weight; focal evenly down to 0, GHM-C by powers', () => {
    const focal = colourByWeight('focal', Float64Array.of(0.75, 0.375, 0, NaN));
    expect([...focal.place]).toEqual([0, 0.5, 1, 1]);
    expect([focal.bright, focal.dark]).toEqual(['.75', '0']);
    const ghm = colourByWeight('ghm', Float64Array.of(100, 10, 1, 0));
    expect([...ghm.place]).toEqual([0, 0.5, 1, 1]);
    expect([ghm.bright, ghm.dark]).toEqual(['100', '1.00']);
  });

  it('stays on the colour map, whatever the weights', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), fc.constantFrom('focal', 'ghm'), (weights, by) => {
        const { place } = colourByWeight(by, Float64Array.from(weights, Math.abs));
        expect(place).toHaveLength(weights.length);
        for (const at of place) expect(at >= 0 && at <= 1).toBe(true);
      }),
    );
  });

  it('takes one weight for all, and none', () => {
    expect([...colourByWeight('ghm', Float64Array.of(2, 2)).place]).toEqual([0, 0]);
    expect([...colourByWeight('focal', Float64Array.of(NaN, 0)).place]).toEqual([1, 1]);
  });
});

describe('weights of one image', () => {
  it('are counted over the whole minibatch', () => {
    const rois = allocateRoiTable(4, 1, 'float64');
    rois.lossCls.set([0.01, 0.02, 3, 9]);
    rois.gtClass[3] = IGNORE;
    const image = sliceWeights(softWeights(rois), 2, 2);
    expect(image.ghm[0]).toBeCloseTo(3 / 10, 12);
    expect(image.focal[0]).toBeCloseTo(0.75 * (1 - Math.exp(-3)) ** 2, 12);
    expect([image.focal[1], image.ghm[1]]).toEqual([NaN, 0]);
  });
});

describe('colourByRank', () => {
  it('names the last of the selected', () => {
    const rois = allocateRoiTable(30, 1, 'float64');
    rois.lossCls.forEach((_, row) => (rois.lossCls[row] = row));
    const name = (batchSize: number) => {
      const whole = selectHardExamples(rois, resolveConfig('top-b', { batchSize, imagesPerBatch: 1 }));
      return colourByRank(imageSelection(whole, 0, 30)).dark;
    };
    expect([1, 2, 3, 11, 12, 13, 21, 22].map(name)).toEqual(['', '2nd', '3rd', '11th', '12th', '13th', '21st', '22nd']);
  });
});

describe('formatWeight', () => {
  it('keeps two figures of small ones', () => {
    expect([0, 0.00001, 0.00012, 0.0031, 0.05, 0.1, 0.75, 1, 1.5, 12.34, 4096, NaN].map(formatWeight)).toEqual([
      '0',
      '<.0001',
      '.0001',
      '.0031',
      '.050',
      '.10',
      '.75',
      '1.00',
      '1.50',
      '12.3',
      '4\u202f096',
      '–',
    ]);
  });
});
