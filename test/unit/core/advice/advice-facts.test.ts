import { expect, it } from 'vitest';
import { AdviceTally } from '../../../../src/core/advice/advice-facts.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { keepRois } from '../../../../src/core/triage/keep-rois.js';
import { makeGts } from '../make-output.js';
import { makeRois, NUM_CLASSES } from '../make-rois.js';

it('says of the kept RoIs of an image what it says of all, but for presets that need the others', () => {
  const rois = makeRois(
    Array.from({ length: 800 }, (_, i) => (i < 10 ? { cls: 2, loc: 1, label: 0 } : { cls: 1 / i, iou: (i % 5) / 10 })),
  );
  const gts = makeGts([{ box: [0, 0, 10, 10], gtClass: 0 }]);
  const factsOf = (table: typeof rois) => {
    const tally = new AdviceTally(resolveConfig('paper', { batchSize: 40, imagesPerBatch: 1 }), NUM_CLASSES);
    tally.add({ ...table, imageIndex: new Int32Array(table.numRois) }, 1);
    return tally.facts();
  };
  const [all, kept] = [factsOf(rois), factsOf(keepRois(rois, gts, 200, 0.5))];
  expect(kept.numRois).toBe(800);
  expect([kept.numForeground, kept.background, kept.byClass]).toEqual([all.numForeground, all.background, all.byClass]);
  expect(kept.own.lossCovered).toBeCloseTo(all.own.lossCovered, 6);
  expect([...all.isLeastShare, ...kept.isLeastShare]).not.toContain(true);
  kept.lossShares.forEach((share, i) => expect(share).toBeCloseTo(all.lossShares[i], 6));
  const presets = kept.others.map(({ preset }) => preset);
  expect(presets).not.toContain('all');
  expect(presets).toContain('mmdet');
  for (const other of kept.others.filter(({ preset }) => preset === 'mmdet' || preset === 'tf-od'))
    expect(other.numSelected).toBe(all.others.find(({ preset }) => preset === other.preset)?.numSelected);
});

it('says which shares of the loss reach into RoIs that are not kept, and is then never above them', () => {
  const rois = makeRois(Array.from({ length: 2000 }, (_, i) => ({ cls: 1 / (i + 1) })));
  const factsOf = (table: typeof rois) => {
    const tally = new AdviceTally(resolveConfig('paper', { batchSize: 8, imagesPerBatch: 1 }), NUM_CLASSES);
    tally.add({ ...table, imageIndex: new Int32Array(table.numRois) }, 1);
    return tally.facts();
  };
  const kept = keepRois(rois, makeGts([]), 80, 0.5);
  const [all, { lossShares, isLeastShare }] = [factsOf(rois), factsOf(kept)];
  // 20, 60 and 200 of 2,000: 60 of the hardest and some more are kept.
  expect(isLeastShare).toEqual([false, false, true]);
  expect(lossShares[1]).toBeCloseTo(all.lossShares[1], 6);
  expect(lossShares[2]).toBeLessThan(all.lossShares[2]);
});
