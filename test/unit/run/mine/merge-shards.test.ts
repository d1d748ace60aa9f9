import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PresetId } from '../../../../src/core/mining/samplers/index.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { Status } from '../../../../src/core/tables.js';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { decideRun, readImage, withRun } from '../../../../src/run/file/read-run.js';
import { shardOf } from '../../../../src/run/file/shard.js';
import { mergeShards, type MergeOptions } from '../../../../src/run/mine/merge-shards.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';

const SAMPLE = path.join(import.meta.dirname, '../../../../media/sample');
const LIMIT = 9;
const COUNT = 3;
const quiet = () => undefined;
let folder: string;
let shards: string[];
const at = (name: string) => path.join(folder, `${name}.ohem`);

function mine(
  name: string,
  changes: { shard?: { index: number; count: number }; limit?: number; keepRate?: number; preset?: PresetId },
  emit: (event: WorkerEvent) => void = quiet,
  signal?: AbortSignal,
) {
  const { keepRate, preset = 'paper', ...others } = changes;
  return mineRun(
    {
      checkpointPath: path.join(SAMPLE, 'checkpoint'),
      datasetPath: path.join(folder, 'instances.json'),
      dataset: { images: SAMPLE },
      outPath: at(name),
      // Two images a minibatch: in a shard an image has other company than in the whole.
      mining: resolveConfig(preset, { batchSize: 32, imagesPerBatch: 2, ...(keepRate !== undefined && { keepRate }) }),
      measure: {},
      backend: null,
      limit: LIMIT,
      keepRois: 60,
      resume: false,
      ...others,
    },
    emit,
    signal,
  );
}

function merge(changes: Partial<MergeOptions> = {}) {
  return mergeShards({ shards, outPath: at('merged'), force: true, ...changes }, quiet);
}

function imagesOf(file: string): Promise<RunImage[]> {
  return withRun(file, (run) => Promise.all(run.images.map((_, i) => readImage(run, i))));
}

/** Selected RoIs of each minibatch, as rows. */
function selected(file: string): Promise<number[][]> {
  return withRun(file, async (run) => {
    const found: number[][] = [];
    for await (const { selection } of decideRun(run, run.manifest.mining))
      found.push([...selection.status.keys()].filter((row) => selection.status[row] === Status.selected));
    return found;
  });
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-shards-'));
  await cp(path.join(SAMPLE, 'instances.json'), path.join(folder, 'instances.json'));
  await mine('whole', {});
  shards = [];
  for (let index = 0; index < COUNT; index++) {
    await mine(`shard-${index}`, { shard: { index, count: COUNT } });
    shards.push(at(`shard-${index}`));
  }
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

describe('a shard', () => {
  it('is told by the image id alone, as Python computes it', () => {
    // int.from_bytes(hashlib.sha256(id.encode()).digest()[:4], 'big') % n
    expect([1, 16, 50].map((n) => shardOf('000000000139.jpg', n))).toEqual([0, 2, 32]);
    expect([1, 16, 50].map((n) => shardOf('bilder/Ä ö.png', n))).toEqual([0, 9, 43]);
  });

  it('says how many images it has, and that it is whole', async () => {
    const facts = await Promise.all(
      shards.map((file) =>
        withRun(file, async ({ images, manifest }) => ({ images: images.length, ...manifest.dataset.shard })),
      ),
    );
    expect(facts.reduce((sum, { images }) => sum + images, 0)).toBe(LIMIT);
    for (const [index, { images, ...shard }] of facts.entries())
      expect(shard).toEqual({ index, count: COUNT, numImages: images });
  });

  it('is an empty run where no image is of it', async () => {
    const places = { shard: { index: 0, count: 1000 }, limit: 1 };
    expect(await mine('empty', places)).toMatchObject({ state: 'done', numDone: 0 });
    await withRun(at('empty'), async ({ images, complete }) => expect([images.length, complete]).toEqual([0, true]));
  });
});

describe('merged shards', () => {
  it('are the run that one process writes, row for row, in whatever order they come', async () => {
    expect(await merge({ shards: [...shards].reverse() })).toEqual({ state: 'done', numDone: LIMIT, numMissing: 0 });
    const images = await imagesOf(at('whole'));
    expect(await imagesOf(at('merged'))).toEqual(images);
    expect(images.some(({ rois }) => rois.rests !== undefined)).toBe(true);
    const [merged, whole] = await Promise.all(
      ['merged', 'whole'].map((name) => withRun(at(name), async ({ manifest }) => ({ ...manifest, createdAt: '' }))),
    );
    expect(merged).toEqual(whole);
    const made = await Promise.all(
      [at('merged'), ...shards].map((file) => withRun(file, async ({ manifest }) => manifest.createdAt)),
    );
    expect(made[0]).toBe(made.slice(1).sort()[0]);
  });

  it('are that run, too, where a rate of what all images have decides, of which few RoIs are kept', async () => {
    const changes = { preset: 'released-code', keepRate: 0.1 } as const;
    await mine('whole-by-rate', changes);
    const some = Array.from({ length: COUNT }, (_, index) => `by-rate-${index}`);
    for (const [index, name] of some.entries()) await mine(name, { ...changes, shard: { index, count: COUNT } });
    expect(await merge({ shards: some.map(at) })).toMatchObject({ state: 'done', numDone: LIMIT });
    const images = await imagesOf(at('whole-by-rate'));
    expect(await imagesOf(at('merged'))).toEqual(images);
    expect(images.some(({ rois }) => rois.rests !== undefined)).toBe(true);
    expect(await selected(at('merged'))).toEqual(await selected(at('whole-by-rate')));
  });

  it('name what is missing; partly merged, the rest is measured by a resume', async () => {
    const some = shards.slice(0, 2);
    await expect(merge({ shards: some })).rejects.toThrow(/expected 3 shards, received 2: missing are 2\. Mine them/);
    const { numDone, numMissing } = await merge({ shards: some, partial: true });
    expect(numDone).toBeLessThan(LIMIT);
    expect(numMissing).toBeGreaterThan(0);
  });

  it('are refused where they are no shards, come twice, or differ', async () => {
    await expect(merge({ shards: [at('whole')] })).rejects.toThrow(/expected a shard .*received a run that is whole/);
    await expect(merge({ shards: [...shards, shards[0] ?? ''] })).rejects.toThrow(/expected shard 0 once/);
    await mine('other', { shard: { index: 1, count: COUNT }, keepRate: 0.5 });
    await expect(merge({ shards: [shards[0] ?? '', at('other')] })).rejects.toThrow(/merge: .*mining\.keepRate/);
    await expect(merge({ outPath: shards[0] ?? '' })).rejects.toThrow(/run-file: create: .*input/);
  });

  it('are refused where one is unfinished, which is named', async () => {
    const controller = new AbortController();
    const stop = (event: WorkerEvent) => event.event === 'image' && controller.abort();
    await mine('stopped', { shard: { index: 2, count: COUNT } }, stop, controller.signal);
    const cut = [...shards.slice(0, 2), at('stopped')];
    await expect(merge({ shards: cut })).rejects.toThrow(/unfinished: shard 2 \(\d of \d images\)\. Go on with them/);
    expect((await merge({ shards: cut, partial: true })).numMissing).toBeGreaterThan(0);
  });

  it('are refused where one was limited to fewer images', async () => {
    await mine('limited', { shard: { index: 2, count: COUNT }, limit: 3 });
    const limited = [...shards.slice(0, 2), at('limited')];
    await expect(merge({ shards: limited })).rejects.toThrow(/another --limit/);
  });

  it('never replace the annotations that they read', async () => {
    const annotations = path.join(folder, 'instances.json');
    const before = await readFile(annotations);
    await expect(merge({ outPath: annotations })).rejects.toThrow(/that is no input/);
    expect(await readFile(annotations)).toEqual(before);
  });

  it('are refused where the annotations have changed since', async () => {
    const annotations = path.join(folder, 'instances.json');
    await writeFile(annotations, ' \n', { flag: 'a' });
    await expect(merge()).rejects.toThrow(/dataset: sha256: .*as when it was mined/);
  });
});
