import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BLANK_SUMMARY, type ImageSummary } from '../../../../src/core/facts/run-manifest.js';
import { ListedImages } from '../../../../src/core/facts/image-list.js';
import { orderImages } from '../../../../src/host/run/image-order.js';
import { IMAGE_ORDER_IDS, type ImageOrder } from '../../../../src/core/facts/image-orders.js';

const order = (images: readonly ImageSummary[], by: ImageOrder) => orderImages(new ListedImages(images), by);

const image = (loss: Partial<ImageSummary>): ImageSummary => ({
  ...BLANK_SUMMARY,
  id: 'a.jpg',
  path: '/a.jpg',
  width: 1,
  height: 1,
  ...loss,
});

describe('order of images', () => {
  const images = [
    image({ lossSum: 3, lossMean: 1, lossMax: 1 }),
    image({ lossSum: 9, lossMean: 0.5, lossMax: 4 }),
    image({ lossSum: 1, lossMean: 7, lossMax: 2 }),
  ];

  it('by sum, mean and maximum', () => {
    expect([...order(images, 'sum')]).toEqual([1, 0, 2]);
    expect([...order(images, 'mean')]).toEqual([2, 0, 1]);
    expect([...order(images, 'maximum')]).toEqual([1, 2, 0]);
  });

  it('by entropy and mistakenness, those without a number last', () => {
    const some = [
      image({ entropy: -1, mistakenness: 0 }),
      image({ entropy: 0, mistakenness: 0.9 }),
      image({ entropy: 1.5, mistakenness: -1 }),
    ];
    expect([...order(some, 'entropy')]).toEqual([2, 1, 0]);
    expect([...order(some, 'mistakenness')]).toEqual([1, 0, 2]);
  });

  it('none, and one', () => {
    expect([...order([], 'sum')]).toEqual([]);
    expect([...order([image({})], 'sum')]).toEqual([0]);
  });

  it('failed images come last, after images without a selected RoI', () => {
    const some = [image({ error: 'image: broken', lossSum: 0 }), image({ lossSum: 0 }), image({ lossSum: 2 })];
    expect([...order(some, 'sum')]).toEqual([2, 1, 0]);
  });

  it('images of which no loss is a number come after every image that has one, whatever the order', () => {
    const nan = image({ numRois: 5, numInvalid: 3, numIgnored: 2, entropy: 9, mistakenness: 1 });
    const some = [nan, image({ numRois: 5 }), image({ error: 'broken' }), image({ numRois: 5, numInvalid: 3 })];
    for (const by of IMAGE_ORDER_IDS) expect([...order(some, by)]).toEqual([1, 3, 0, 2]);
  });

  it('equal losses, and a loss that is no number, keep file order', () => {
    const some = [
      image({ lossSum: Number.NaN }),
      image({ lossSum: 2 }),
      image({ lossSum: 2 }),
      image({ lossSum: Number.NaN }),
    ];
    expect([...order(some, 'sum')]).toEqual([1, 2, 0, 3]);
  });

  it('of thousands is what comparing them gives, whatever the losses', () => {
    const hard = [0, -0, 1e-320, 1, 1 + 1e-12, 1 - 1e-12, 2.5, 1e39, 1e300, Infinity, -Infinity, NaN, -1, -2];
    const some = Array.from({ length: 3000 }, (_, i) => {
      const lossSum = i % 3 === 0 ? ((i * 7919) % 1009) / 1009 : hard[(i * 31) % hard.length];
      return image({ lossSum, numRois: 5, numInvalid: i % 11 === 0 ? 5 : 0, error: i % 13 === 0 ? 'broken' : '' });
    });
    const keys = some.map(({ lossSum, numInvalid, error }) => {
      if (error !== '') return -3;
      if (numInvalid > 0) return -2;
      return Number.isFinite(lossSum) ? lossSum : -1;
    });
    expect([...order(some, 'sum')]).toEqual([...keys.keys()].sort((a, b) => keys[b] - keys[a] || a - b));
  });

  it('is a permutation with falling losses', () => {
    const some = fc.array(
      fc
        .record({ lossSum: fc.double({ min: 0, max: 100, noNaN: true }), error: fc.constantFrom('', '', 'broken') })
        .map(image),
    );
    fc.assert(
      fc.property(some, fc.constantFrom(...IMAGE_ORDER_IDS), (list, by) => {
        const indices = [...order(list, by)];
        expect([...indices].sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
        const losses = indices
          .filter((index) => list[index].error === '')
          .map((index) => ({ sum: list[index].lossSum, mean: 0, maximum: 0, entropy: -1, mistakenness: -1 })[by]);
        expect(losses).toEqual([...losses].sort((a, b) => b - a));
      }),
    );
  });
});
