import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardestRows, selectHardExamples } from '../../../../../src/core/mining/select.js';
import { makeRois, selectedOf, statusNames } from '../../make-rois.js';

describe('released-code', () => {
  it('suppresses only inside an (image, label) group', () => {
    const box = [0, 0, 10, 10] as const;
    const rois = makeRois([
      { box, cls: 5 },
      { box, cls: 4, label: 0 },
      { box, cls: 3, label: 1 },
      { box, cls: 2, label: 0 },
      { image: 1, box, cls: 1 },
    ]);
    const selection = selectHardExamples(rois, resolveConfig('released-code'));
    expect(statusNames(selection)).toEqual(['selected', 'selected', 'selected', 'nms-suppressed', 'selected']);
    expect([...selection.suppressedBy]).toEqual([-1, -1, -1, 1, -1]);
  });

  it('measures boxes as pixels: x2 - x1 + 1', () => {
    // Continuous: 6 * 10 / (100 + 60 - 60) = .6. Pixels: 7 * 11 / (11 * 11) = .636….
    const rois = makeRois([
      { box: [0, 0, 10, 10], cls: 2 },
      { box: [0, 0, 6, 10], cls: 1 },
    ]);
    expect(selectHardExamples(rois, resolveConfig('released-code', { nmsThreshold: 0.62 })).keepNum).toBe(1);
    expect(selectHardExamples(rois, resolveConfig('paper', { nmsThreshold: 0.62 })).keepNum).toBe(2);
  });

  it('gives a box of one pixel column an area', () => {
    const rois = makeRois([
      { box: [3, 3, 3, 3], cls: 2 },
      { box: [3, 3, 3, 3], cls: 1 },
    ]);
    expect(selectHardExamples(rois, resolveConfig('released-code')).keepNum).toBe(1);
    expect(selectHardExamples(rois, resolveConfig('paper')).keepNum).toBe(2);
  });

  it('takes the B hardest of the minibatch, from whichever image', () => {
    const rois = makeRois([
      { image: 0, cls: 9 },
      { image: 0, cls: 8 },
      { image: 0, cls: 7 },
      { image: 1, cls: 1 },
    ]);
    const config = resolveConfig('released-code', { batchSize: 3, imagesPerBatch: 2 });
    expect(selectedOf(selectHardExamples(rois, config))).toEqual([0, 1, 2]);
    expect([...selectHardestRows(rois, config)]).toEqual([0, 1, 2]);
  });

  it('counts a keep rate over the minibatch', () => {
    const rois = makeRois(Array.from({ length: 100 }, (_, i) => ({ image: i < 50 ? 0 : 1, cls: i })));
    expect(selectHardExamples(rois, resolveConfig('released-code', { keepRate: 0.29 })).keepNum).toBe(29);
  });
});
