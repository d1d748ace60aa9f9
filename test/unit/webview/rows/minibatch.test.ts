import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { minibatchRange, runMining, runMiningNote } from '../../../../webview/rows/minibatch.js';

describe('runMining', () => {
  const mining = resolveConfig('top-rate');
  const examples = (numKnown: number) => ({ numKnown }) as Parameters<typeof runMining>[1];

  it('makes the whole run one minibatch for tree and export, as far as the option reaches, and says so', () => {
    expect(runMining(mining, examples(400))).toEqual({ ...mining, imagesPerBatch: 400 });
    expect(runMining(mining, examples(0)).imagesPerBatch).toBe(1);
    expect(runMining(mining, examples(60_000)).imagesPerBatch).toBe(4096);
    expect(runMiningNote(60_000)).toMatch(/minibatches of 4.096$/);
    expect(runMiningNote(4096)).toBe('');
  });

  it('leaves a detection run alone', () => {
    expect(runMining(mining, null)).toBe(mining);
  });
});

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
