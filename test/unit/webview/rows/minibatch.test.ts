import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minibatchRange } from '../../../../webview/rows/minibatch.js';

describe('minibatchRange', () => {
  it('is consecutive images in file order, the last ones fewer', () => {
    expect(minibatchRange(0, 2, 5)).toEqual({ start: 0, end: 2 });
    expect(minibatchRange(3, 2, 5)).toEqual({ start: 2, end: 4 });
    expect(minibatchRange(4, 2, 5)).toEqual({ start: 4, end: 5 });
    expect(minibatchRange(4, 4096, 5)).toEqual({ start: 0, end: 5 });
  });

  it('always holds the image, also while the number of images is not known', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 64 }), fc.nat(1000), (index, perBatch, numImages) => {
        const { start, end } = minibatchRange(index, perBatch, numImages);
        expect(start).toBeLessThanOrEqual(index);
        expect(end).toBeGreaterThan(index);
        expect(end - start).toBeLessThanOrEqual(perBatch);
        expect(start % perBatch).toBe(0);
      }),
    );
  });
});
