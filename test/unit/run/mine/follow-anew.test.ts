/** A following that is gone on with: shards that came anew meanwhile, and what it alone has of shards that are gone. */
import { copyFile, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import type { RunManifest } from '../../../../src/core/facts/run-manifest.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import { readImage, withRun } from '../../../../src/run/file/read-run.js';
import { RunAppender } from '../../../../src/run/file/run-appender.js';
import { RunOutput } from '../../../../src/run/file/run-output.js';
import { shardOf } from '../../../../src/run/file/shard.js';
import { followShards } from '../../../../src/run/mine/follow-shards.js';
import { salvageRun } from '../../../../src/run/query/check-run.js';
import { readAll } from '../read-all.js';
import { COUNT, ShardedRun } from './sharded-run.js';

let made: ShardedRun;
let folder: string;
let outPath: string;
let logs: string[];
const shardAt = (index: number) => path.join(folder, `shard-${index}.ohem`);
const put = (index: number) => writeFile(shardAt(index), made.shards[index] ?? '');
const imagesOf = async (file: string) => (await readAll(file)).images;
const ids = async (file: string) => (await imagesOf(file)).map(({ summary }) => summary.id);
const manifestOf = (file: string) => withRun(file, ({ manifest }) => Promise.resolve(manifest));

beforeAll(async () => {
  made = await ShardedRun.make();
}, 120_000);
afterAll(() => rm(made.home, { recursive: true }));
beforeEach(async () => {
  folder = path.join(made.home, 'run');
  await mkdir(folder);
  outPath = made.at('followed');
  logs = [];
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const name of await readdir(made.home))
    if (name.startsWith('followed')) await rm(path.join(made.home, name), { recursive: true });
});

/** Follows until all is merged. */
const followAll = () => followShards({ folder, outPath, restMs: 20 }, () => undefined, AbortSignal.timeout(60_000));

/** Writes a run file of these images. */
async function write(file: string, manifest: RunManifest, images: readonly RunImage[]): Promise<void> {
  const output = await RunOutput.claim({ outPath: file, force: true, resume: false });
  const out = new RunAppender(output, manifest, images.length, () => undefined);
  for (const image of images) await out.add(image);
  await out.finish('done');
  await out.close();
  output.release();
}

/** A shard as it is when its images have other pixels. */
async function putOther(index: number, createdAt: string): Promise<void> {
  await put(index);
  const { dataset, ...facts } = await manifestOf(shardAt(index));
  const images = await imagesOf(shardAt(index));
  for (const { rois } of images) rois.entropy.fill(0.5);
  for (const { rois } of images) rois.lossCls.fill(7);
  await write(made.at('followed-other'), { ...facts, dataset, createdAt }, images);
  await rename(made.at('followed-other'), shardAt(index));
}

/** Follows until a look has told of so many images, or what is asked is so. */
async function follow(isEnough: (numDone: number, numOpened: number) => boolean) {
  const stop = new AbortController();
  let [numEnough, numOpened] = [0, 0];
  const emit = (event: WorkerEvent) => {
    if (event.event === 'log') logs.push(event.text);
    if (event.event === 'opened') numOpened++;
    if (event.event === 'progress' && isEnough(event.progress.numDone, numOpened) && ++numEnough > 1) stop.abort();
  };
  const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60_000)]);
  return followShards({ folder, outPath, restMs: 20 }, emit, signal);
}
const isMinedAnew = () => logs.some((text) => text.includes('mined anew'));
const lossesOf = async (id: string) =>
  (await imagesOf(outPath)).filter(({ summary }) => summary.id === id).map(({ rois }) => rois.lossCls[0]);

describe('a following that is gone on with', () => {
  it('begins anew where a shard came anew while it was stopped, though it was begun before', async () => {
    await put(2);
    await follow((numDone) => numDone > 3);
    const [id = ''] = await ids(outPath);
    const stoppedAt = (await stat(outPath)).mtimeMs;
    await putOther(2, new Date(stoppedAt - 1).toISOString());
    const numImages = (await ids(shardAt(2))).length;
    await follow((numDone, numOpened) => numOpened === 2 && numDone >= numImages - 1);
    expect(isMinedAnew()).toBe(true);
    expect(await lossesOf(id)).toEqual([7]);
  });

  it('goes on where mining some of its images anew was killed, and its shard is gone', async () => {
    await put(2);
    await follow((numDone) => numDone > 3);
    const images = await imagesOf(outPath);
    const [first] = images;
    const manifest = await manifestOf(outPath);
    const remined = [{ at: new Date().toISOString(), numImages: 1, images: [first?.summary.id ?? ''] }];
    await write(made.at('followed-part'), { ...manifest, remined }, images.slice(0, 3));
    await copyFile(made.at('followed-part'), `${outPath}.part`);
    await rm(shardAt(2));
    await put(0);
    const all = [...images.map(({ summary }) => summary.id), ...(await ids(shardAt(0)))];
    await follow((numDone) => numDone >= all.length - 1);
    expect((await ids(outPath)).sort()).toEqual(all.sort());
  });
});

describe('a following of a classification that was salvaged', () => {
  it('keeps every example of a shard that is gone, though its last ones lie beside others', async () => {
    const home = await mkdtemp(path.join(tmpdir(), 'ohem-follow-examples-'));
    const dumpPath = path.join(home, 'dump.jsonl');
    const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
    const lines = Array.from({ length: 30 }, (_, i) => ({ image: `${i}.png`, label: i % 2, logits: [i, 3] }));
    await writeFile(dumpPath, [header, ...lines].map((line) => JSON.stringify(line)).join('\n'));
    const mining = resolveConfig('paper', { batchSize: 4, imagesPerBatch: 2, keepRate: 0.5 });
    const options = { dumpPath, images: null, outPath: made.at('followed-all'), miningOf: () => mining, force: true };
    await importDump(options, () => undefined);
    const { dataset, ...facts } = await manifestOf(made.at('followed-all'));
    const images = await withRun(made.at('followed-all'), (run) =>
      Promise.all(Array.from(run.images, (_, i) => readImage(run, i))),
    );
    const parts = [0, 1].map((index) => images.filter(({ summary }) => shardOf(summary.id, COUNT) === index));
    for (const [index, own] of parts.entries()) {
      // An odd number together: the last minibatch, of shard 1, is not whole.
      const some = own.slice(0, own.length - ((own.length + 1 + index) % 2));
      const shard = { index, count: COUNT, numImages: own.length };
      await write(shardAt(index), { ...facts, dataset: { ...dataset, shard } }, some);
    }
    const all = [...(await ids(shardAt(0))), ...(await ids(shardAt(1)))];
    expect(all.length % 2, 'an odd image').toBe(1);
    await follow((numDone) => numDone >= all.length - 1);
    await salvageRun(outPath, { outPath: made.at('followed-salvaged'), force: false });
    await rename(made.at('followed-salvaged'), outPath);
    expect(await ids(outPath)).toEqual(all);
    await rm(shardAt(0));
    await follow((numDone) => numDone >= 2);
    expect((await ids(outPath)).sort()).toEqual(all.sort());
    await rm(home, { recursive: true });
  });
});

describe('a run that shards are merged in', () => {
  it('is not taken for theirs where a copy of it is younger than a shard that was mined anew', async () => {
    for (let index = 0; index < COUNT; index++) await put(index);
    await followAll();
    await putOther(1, new Date().toISOString());
    const inAnHour = new Date(Date.now() + 3_600_000);
    await utimes(outPath, inAnHour, inAnHour);
    await expect(followAll()).rejects.toThrow(/another run/);
    await put(1);
    expect(await followAll()).toMatchObject({ state: 'done' });
  });
});
