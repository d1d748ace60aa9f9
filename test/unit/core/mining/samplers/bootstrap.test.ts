import { describe, expect, it } from 'vitest';
import { emptyNegativeCache, updateNegativeCache } from '../../../../../src/core/mining/samplers/bootstrap.js';
import { resolveConfig, selectHardExamples } from '../../../../../src/core/mining/select.js';
import { makeRois, NUM_CLASSES, selectedOf } from '../../make-rois.js';

describe('bootstrap', () => {
  it('selects positives and negatives that score above the threshold', () => {
    const rois = makeRois([
      { cls: 1, label: 2, score: 0.1 },
      { cls: 1, score: 0.9 },
      { cls: 1, score: 0.5 },
      { cls: 1, score: 0.9, iou: 0.3 },
      { cls: 1, score: 0.9, iou: 0.29 },
      { cls: 1, score: NaN },
      { cls: NaN, score: 0.9 },
    ]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('bootstrap')))).toEqual([0, 1, 4]);
    expect(
      selectedOf(selectHardExamples(rois, resolveConfig('bootstrap', { negOverlap: 0.5, scoreThreshold: 0.95 }))),
    ).toEqual([0]);
  });
});

describe('updateNegativeCache', () => {
  const config = { negOverlap: 0.3, scoreThreshold: 0.5, evictThreshold: 0.4 };
  const plain = (cache: ReturnType<typeof emptyNegativeCache>) =>
    Array.from(cache.roi, (roi, i) => [
      cache.imageIndex[i],
      roi,
      cache.classId[i],
      Math.round(cache.score[i] * 100) / 100,
    ]);

  it('gathers hard negatives by class, image by image', () => {
    const first = makeRois([
      { image: 4, cls: 1, label: 1, top: [[1, 0.9]] },
      {
        image: 4,
        cls: 1,
        top: [
          [2, 0.8],
          [0, 0.6],
          [1, 0.2],
        ],
      },
    ]);
    const second = makeRois([{ image: 7, cls: 1, top: [[0, 0.7]] }]);
    const cache = updateNegativeCache(updateNegativeCache(emptyNegativeCache(), first, config), second, config);
    expect(plain(cache)).toEqual([
      [4, 1, 0, 0.6],
      [4, 1, 2, 0.8],
      [7, 0, 0, 0.7],
    ]);
  });

  it('keeps a cached negative between the thresholds and evicts it below', () => {
    const score = (value: number) => makeRois([{ cls: 1, top: [[0, value]] }]);
    let cache = updateNegativeCache(emptyNegativeCache(), score(0.6), config);
    cache = updateNegativeCache(cache, score(0.45), config);
    expect(plain(cache)).toEqual([[0, 0, 0, 0.45]]);
    cache = updateNegativeCache(cache, score(0.39), config);
    expect(plain(cache)).toEqual([]);
    expect(plain(updateNegativeCache(cache, score(0.45), config))).toEqual([]);
  });

  it('takes no confident background for a mistake', () => {
    const rois = makeRois([
      {
        cls: 1,
        top: [
          [NUM_CLASSES, 0.95],
          [1, 0.6],
        ],
      },
    ]);
    expect(plain(updateNegativeCache(emptyNegativeCache(), rois, { ...config, scoreThreshold: 0.55 }))).toEqual([
      [0, 0, 1, 0.6],
    ]);
  });

  it('does not count a negative twice', () => {
    const rois = makeRois([{ cls: 1, top: [[0, 0.9]] }]);
    const once = updateNegativeCache(emptyNegativeCache(), rois, config);
    expect(plain(updateNegativeCache(once, rois, config))).toEqual(plain(once));
  });

  it('evicts what has become invalid, positive, or an overlap; leaves other images alone', () => {
    const both = makeRois([
      { image: 0, cls: 1, top: [[0, 0.9]] },
      { image: 1, cls: 1, top: [[1, 0.9]] },
    ]);
    const cache = updateNegativeCache(emptyNegativeCache(), both, config);
    for (const row of [{ cls: NaN }, { cls: 1, label: 0 }, { cls: 1, iou: 0.3 }]) {
      const again = makeRois([{ image: 0, top: [[0, 0.9]], ...row }]);
      expect(plain(updateNegativeCache(cache, again, config))).toEqual([[1, 0, 1, 0.9]]);
    }
    expect(plain(updateNegativeCache(cache, makeRois([]), config))).toEqual(plain(cache));
  });
});
