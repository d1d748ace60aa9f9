import { describe, expect, it } from 'vitest';
import { resolveConfig, selectHardExamples } from '../../../../../src/core/mining/select.js';
import { makeRois, selectedOf, type RoiRow } from '../../make-rois.js';

const scene = (numFg: number, numBg: number, image = 0, iou = 0.2): RoiRow[] =>
  Array.from({ length: numFg + numBg }, (_, i) => ({ image, cls: 1 + image + i / 9, iou, label: i < numFg ? 0 : 3 }));
const numForeground = (rows: readonly number[], numFg: number) => rows.filter((row) => row < numFg).length;

describe('random', () => {
  it('draws B/N RoIs an image, a quarter foreground', () => {
    const rows = selectedOf(selectHardExamples(makeRois(scene(100, 500)), resolveConfig('random')));
    expect(rows.length).toBe(64);
    expect(numForeground(rows, 100)).toBe(16);
  });

  it('fills with background where foreground is short, and is short where background is', () => {
    const few = selectedOf(selectHardExamples(makeRois(scene(3, 500)), resolveConfig('random')));
    expect([few.length, numForeground(few, 3)]).toEqual([64, 3]);
    const short = selectedOf(selectHardExamples(makeRois(scene(100, 5)), resolveConfig('random')));
    expect([short.length, numForeground(short, 100)]).toEqual([16 + 5, 16]);
  });

  it.each([
    [10, 0.25, 2],
    [14, 0.25, 4],
    [6, 0.25, 2],
    [2, 0.25, 0],
  ])('rounds the foreground of %i RoIs half to even', (perImage, posFraction, expected) => {
    const config = resolveConfig('random', { batchSize: perImage, imagesPerBatch: 1, posFraction });
    const rows = selectedOf(selectHardExamples(makeRois(scene(50, 50)), config));
    expect(numForeground(rows, 50)).toBe(expected);
  });

  it('gives the same sample for a seed and another for another', () => {
    const rois = makeRois(scene(100, 500));
    const sample = (seed: number) => selectedOf(selectHardExamples(rois, resolveConfig('random', { seed })));
    expect(sample(1)).toEqual(sample(1));
    expect(sample(1)).not.toEqual(sample(2));
  });

  it('draws an image alone as in a minibatch, and images apart', () => {
    const both = makeRois([...scene(40, 200, 0), ...scene(40, 200, 1)]);
    const rows = selectedOf(selectHardExamples(both, resolveConfig('random')));
    const second = selectedOf(selectHardExamples(makeRois(scene(40, 200, 1)), resolveConfig('random')));
    expect(rows.filter((row) => row >= 240).map((row) => row - 240)).toEqual(second);
    expect(rows.filter((row) => row < 240)).not.toEqual(second);
  });

  it('draws every RoI as often as another', () => {
    const rois = makeRois(scene(0, 10));
    const hits = new Int32Array(10);
    for (let seed = 0; seed < 4000; seed += 1) {
      const config = resolveConfig('random', { seed, batchSize: 3, imagesPerBatch: 1, posFraction: 0 });
      for (const row of selectedOf(selectHardExamples(rois, config))) hits[row] += 1;
    }
    // 1200 each; the standard deviation is 29.
    for (const hit of hits) expect(Math.abs(hit - 1200)).toBeLessThan(150);
  });

  it('never draws ignored or invalid RoIs', () => {
    const rois = makeRois([{ cls: NaN }, { cls: 1, label: -1 }, { cls: 1, loc: Infinity, label: 0 }, { cls: 1 }]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('random')))).toEqual([3]);
  });
});

describe('bg-lo', () => {
  it('draws background from [bgLo, bgHi) only, bounds as written', () => {
    const ious = [0, 0.0999, 0.1, 0.3, 0.4999, 0.5, 0.7];
    const rois = makeRois(ious.map((iou, i) => ({ cls: i, iou })));
    expect(selectedOf(selectHardExamples(rois, resolveConfig('bg-lo')))).toEqual([2, 3, 4]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('bg-lo', { bgLo: 0.3, bgHi: 0.7 })))).toEqual([3, 4, 5]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('random')))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('leaves foreground alone', () => {
    const rois = makeRois([{ cls: 1, label: 0, iou: 0.9 }]);
    expect(selectedOf(selectHardExamples(rois, resolveConfig('bg-lo')))).toEqual([0]);
  });
});
