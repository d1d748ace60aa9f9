import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concatRoiTables } from '../../../../src/core/concat-roi-tables.js';
import { compareSelections, comparisonFacts } from '../../../../src/core/reports/compare-selections.js';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { compareRun } from '../../../../src/run/query/compare-run.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
let run: string;
const images = [sampleImage('a.jpg', 9, 2), sampleImage('none.jpg', 0, 0), sampleImage('b.jpg', 14, 3)];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-compare-'));
  run = path.join(folder, 'it.ohem');
  const writer = await createRun(run, sampleManifest());
  for (const image of images) await writer.append(image);
  await writer.finish();
  await writer.close();
});
afterAll(() => rm(folder, { recursive: true }));

describe('compareRun', () => {
  it('compares image by image and over the run, each side in minibatches of its own size', async () => {
    const a = resolveConfig('top-b', { batchSize: 5, imagesPerBatch: 3 });
    const b = resolveConfig('random', { batchSize: 4, imagesPerBatch: 2 });
    const rois = concatRoiTables(images.map((image) => image.rois));
    const whole = compareSelections(rois, selectHardExamples(rois, a), selectHardExamples(rois, b));
    const { total, images: compared } = await compareRun(run, a, b);
    expect(total.both + total.onlyA).toBe(5);
    for (const key of ['both', 'onlyA', 'onlyB', 'neither', 'overlap'] as const)
      expect(total[key]).toBe(comparisonFacts(whole)[key]);
    expect(total.a.lossCovered).toBeCloseTo(comparisonFacts(whole).a.lossCovered, 6);
    expect(compared.map(({ imageIndex, id }) => [imageIndex, id])).toEqual([
      [0, 'a.jpg'],
      [1, 'none.jpg'],
      [2, 'b.jpg'],
    ]);
    expect(compared[1]).toMatchObject({ both: 0, onlyA: 0, onlyB: 0, neither: 0, overlap: 1 });
    expect(compared[0].both + compared[2].both).toBe(total.both);
  });

  it('finds nothing between a configuration and itself', async () => {
    const config = resolveConfig('paper');
    const { total } = await compareRun(run, config, config);
    expect([total.onlyA, total.onlyB, total.overlap]).toEqual([0, 0, 1]);
    expect(total.a).toEqual(total.b);
  });

  it('says when there is no run', async () => {
    await expect(
      compareRun(path.join(folder, 'none.ohem'), resolveConfig('paper'), resolveConfig('all')),
    ).rejects.toThrow('run-file: open');
  });
});
