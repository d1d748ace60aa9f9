import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdviceTally } from '../../../../src/core/advice/advice-facts.js';
import { concatRoiTables } from '../../../../src/core/concat-roi-tables.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { IGNORE } from '../../../../src/core/tables.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { adviseRun } from '../../../../src/run/query/advise-run.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
const images = [sampleImage('a.jpg', 9, 2), sampleImage('none.jpg', 0, 0), sampleImage('b.jpg', 14, 3)];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-advise-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function writeRun(name: string, manifest: ReturnType<typeof sampleManifest>, written = images): Promise<string> {
  const run = path.join(folder, name);
  const writer = await createRun(run, manifest);
  for (const image of written) await writer.append(image);
  await writer.finish();
  await writer.close();
  return run;
}

describe('adviseRun', () => {
  it('adds up the minibatches of a run', async () => {
    const manifest = sampleManifest();
    const run = await writeRun('it.ohem', manifest);
    const mining = resolveConfig('paper', { batchSize: 6, imagesPerBatch: 3 });
    const tally = new AdviceTally(mining, manifest.classes.length);
    tally.add(concatRoiTables(images.map(({ rois }) => rois)), 3);
    expect((await adviseRun(run, mining)).facts).toEqual(tally.facts());
  });

  it('looks at some minibatches of a long run, spread over it', async () => {
    const many = Array.from({ length: 40 }, (_, i) => sampleImage(`${i}.jpg`, 6, 1));
    const run = await writeRun('long.ohem', sampleManifest(), many);
    const mining = resolveConfig('paper', { batchSize: 6, imagesPerBatch: 2 });
    expect((await adviseRun(run, mining, 10)).facts.numImages).toBe(20 / 2);
    expect((await adviseRun(run, mining, 100)).facts.numImages).toBe(40);
  });

  it('knows nothing of a run without a RoI that could be selected', async () => {
    const ignored = sampleImage('ignored.jpg', 4, 1);
    ignored.rois.gtClass.fill(IGNORE);
    const broken = sampleImage('nan.jpg', 4, 1);
    broken.rois.lossCls.fill(NaN);
    const none = sampleImage('none.jpg', 0, 0);
    for (const [i, written] of [[], [none], [ignored], [broken], [none, ignored, broken]].entries()) {
      const run = await writeRun(`nothing-${i}.ohem`, sampleManifest(), written);
      await expect(adviseRun(run, resolveConfig('paper'))).rejects.toThrow('expected RoIs with finite losses');
    }
  });

  it('has nothing to say of a classifier', async () => {
    const run = await writeRun('classes.ohem', sampleManifest({ task: 'classification', measure: null }));
    await expect(adviseRun(run, resolveConfig('paper'))).rejects.toThrow('expected the run of a detector');
  });
});
