/** A following of shards never costs what was there. */
import { copyFile, link, mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockFile } from '../../../../src/files/lock.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { lossBy } from '../../../../src/run/mine/follow-place.js';
import { followShards } from '../../../../src/run/mine/follow-shards.js';
import { targetOfRow } from '../../../../src/core/triage/placed-decisions.js';
import { decide } from '../../../../src/run/decisions/decisions.js';
import { withRun } from '../../../../src/run/file/read-run.js';
import { RunOutput } from '../../../../src/run/file/run-output.js';
import type { RunReader } from '../../../../src/run/file/run-store.js';
import { RunDecisions, type PlacedDecisions } from '../../../../src/run/gallery/run-decisions.js';
import { mergeShards } from '../../../../src/run/mine/merge-shards.js';
import { writeLargeRun } from '../large-run.js';
import { readAll } from '../read-all.js';
import { COUNT, LIMIT, ShardedRun } from './sharded-run.js';

let made: ShardedRun;
/** A following of shard 2 that was stopped: an odd number of images. */
let stopped: Buffer;
let folder: string;
let outPath: string;
const at = (name: string) => made.at(name);
const shardAt = (index: number) => path.join(folder, `shard-${index}.ohem`);
const put = (...indices: number[]) =>
  Promise.all(indices.map((index) => writeFile(shardAt(index), made.shards[index] ?? '')));
const ids = async (file: string) => (await readAll(file)).images.map(({ summary }) => summary.id);

beforeAll(async () => {
  made = await ShardedRun.make();
  await made.mine('other', undefined, 0.5);
}, 120_000);
afterAll(() => rm(made.home, { recursive: true }));
beforeEach(async () => {
  folder = path.join(made.home, 'run');
  await mkdir(folder);
  outPath = at('followed');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  for (const name of await readdir(made.home))
    if (name.startsWith('followed')) await rm(path.join(made.home, name), { recursive: true });
});

/** Follows until it is done, or a look has found so many images. */
async function follow(numImages = Infinity, options: { force?: boolean; out?: string } = {}) {
  const stop = new AbortController();
  const { out = outPath, ...others } = options;
  let numTold = 0;
  const emit = (event: WorkerEvent) => {
    if (event.event === 'progress' && event.progress.numDone >= numImages && ++numTold > 1) stop.abort();
  };
  return followShards({ folder, outPath: out, restMs: 20, ...others }, emit, stop.signal);
}

async function isMerged(file = outPath): Promise<void> {
  expect((await readAll(file)).images).toEqual((await readAll(at('whole'))).images);
  expect((await readdir(made.home)).filter((name) => name.endsWith('.part'))).toEqual([]);
}

describe('what a run has that another lacks', () => {
  it('is told of an index that is read when it is asked for', async () => {
    const summaries = await writeLargeRun(outPath, 1200);
    const output = await RunOutput.claim({ outPath, force: true, resume: false });
    const { manifest } = await withRun(outPath, (run) => Promise.resolve(run));
    const all = new Set(summaries.map(({ id }) => id));
    expect(await lossBy({ manifest, images: all, shards: [] }, output)).toBeNull();
    const fewer = new Set([...all].slice(2));
    expect((await lossBy({ manifest, images: fewer, shards: [] }, output))?.message).toMatch(
      /2 images of it that they/,
    );
    output.release();
  });
});

describe('the run that a following of shards writes', () => {
  it.each([
    ['a whole run of the same configuration', 'whole'],
    ['a whole run of another', 'other'],
  ])('is not %s, unless it is told to', async (_, name) => {
    await copyFile(at(name), outPath);
    await put(2);
    await expect(follow(2)).rejects.toThrow(/run-file: follow: expected a run that follows.*--force/);
    expect(await readFile(outPath)).toEqual(await readFile(at(name)));
    expect(await follow(2, { force: true })).toMatchObject({ state: 'stopped' });
    expect(await readFile(outPath)).toEqual(await readFile(at(name)));
    await put(0, 1);
    expect(await follow(Infinity, { force: true })).toMatchObject({ state: 'done', numDone: LIMIT });
    await isMerged();
  });

  it('is not what it has been merged to', async () => {
    await put(0, 1, 2);
    await follow();
    await rm(shardAt(1));
    const before = await readFile(outPath);
    await expect(follow()).rejects.toThrow(/another run/);
    expect(await readFile(outPath)).toEqual(before);
  });

  it('is the merged run already, which is told and stays, until a shard is mined anew', async () => {
    await put(0, 1, 2);
    await follow();
    const before = await readFile(outPath);
    const told: WorkerEvent[] = [];
    const again = () => followShards({ folder, outPath, restMs: 20 }, (event) => told.push(event));
    expect(await again()).toEqual({ state: 'done', numDone: LIMIT });
    expect(await readFile(outPath)).toEqual(before);
    expect(told.map(({ event }) => event)).toEqual(['opened', 'log', 'progress']);
    expect(told[0]).toMatchObject({ outPath, growsAt: outPath });
    const shards = { count: COUNT, numWhole: COUNT, notBegun: [] };
    expect(told[2]).toMatchObject({ progress: { state: 'done', numDone: LIMIT, numTotal: LIMIT, shards } });

    await made.mine('shard-anew', { index: 1, count: COUNT });
    await copyFile(at('shard-anew'), shardAt(1));
    await expect(again()).rejects.toThrow(/another run/);
    await put(1);
    await writeFile(shardAt(1), (made.shards[1] ?? Buffer.of()).subarray(0, 3000));
    await expect(again()).rejects.toThrow(/another run/);
    expect(await readFile(outPath)).toEqual(before);
  });

  it('is no shard, even when told to, under any name', async () => {
    await put(0, 1, 2);
    await symlink(shardAt(1), outPath);
    await link(shardAt(2), at('followed-linked'));
    for (const out of [shardAt(0), outPath, at('followed-linked')])
      for (const force of [true, false])
        await expect(follow(Infinity, { out, force })).rejects.toThrow(/follow: expected no shard, received one/);
    for (const [index, bytes] of made.shards.entries()) expect(await readFile(shardAt(index))).toEqual(bytes);
  });

  it('may lie in the folder of the shards, which may have another name', async () => {
    await put(0, 1, 2);
    await symlink(folder, at('followed-link'));
    const out = path.join(folder, 'all.ohem');
    const logs: string[] = [];
    const emit = (event: WorkerEvent) => event.event === 'log' && logs.push(event.text);
    await followShards({ folder: at('followed-link'), outPath: out, restMs: 20 }, emit);
    expect(logs).toEqual([]);
    await isMerged(out);
  });

  it.each([true, false])('is no other file, such as the annotations, with force %s', async (force) => {
    await put(0, 1, 2);
    await writeFile(outPath, 'a letter, not a run');
    const annotations = path.join(made.home, 'instances.json');
    const before = await readFile(annotations);
    for (const out of [outPath, annotations])
      await expect(follow(Infinity, { out, force })).rejects.toThrow(/run-file: .* another kind of file/);
    expect(await readFile(outPath, 'utf8')).toBe('a letter, not a run');
    expect(await readFile(annotations)).toEqual(before);
  });

  it('is none that somebody writes, or that is to be replaced by another', async () => {
    await put(0, 1, 2);
    const lock = await lockFile(outPath);
    await expect(follow()).rejects.toThrow(/nobody writes/);
    lock.release();
    await copyFile(at('other'), `${outPath}.part`);
    await expect(follow()).rejects.toThrow(/another run/);
    expect(await readFile(`${outPath}.part`)).toEqual(await readFile(at('other')));
  });

  it('is none of another folder, unless that was moved', async () => {
    await put(2);
    await follow(2);
    const first = folder;
    folder = path.join(made.home, 'followed-moved');
    await mkdir(folder);
    await put(0, 1, 2);
    await expect(follow()).rejects.toThrow(/received one of .*run/);
    await rm(folder, { recursive: true });
    await rename(first, folder);
    await put(0, 1);
    await follow();
    await isMerged();
  });
});

describe('a following that was stopped', () => {
  beforeEach(async () => {
    await put(2);
    await follow(4);
    stopped = await readFile(outPath);
  });

  it('keeps every image of shards that are gone, an odd one, too', async () => {
    const before = await ids(outPath);
    expect(before.length % 2, 'an odd image').toBe(1);
    await rm(shardAt(2));
    await put(0, 1);
    await follow(LIMIT - 1);
    const after = await ids(outPath);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.length).toBeGreaterThan(before.length);
    await put(2);
    await follow();
    await isMerged();
  });

  it('stays while shards are mined anew and fewer, and is only replaced when told to', async () => {
    await rm(folder, { recursive: true });
    await mkdir(folder);
    for (let index = 0; index < COUNT; index++) {
      await made.mine('shard-of-few', { index, count: COUNT }, 0.25, 4);
      await copyFile(at('shard-of-few'), shardAt(index));
    }
    const long = new Date(0);
    await utimes(outPath, long, long);
    await expect(follow()).rejects.toThrow(/shards with all that the run has.*they lack/);
    expect(await readFile(outPath)).toEqual(stopped);
    expect(await follow(Infinity, { force: true })).toMatchObject({ state: 'done', numDone: 4 });
  });

  it('keeps the verdicts on it when it is merged, at other places', async () => {
    const placed = () => withRun(outPath, (run) => new RunDecisions().read(outPath, outPath).then(byId(run)));
    const byId = (run: RunReader) => (decisions: PlacedDecisions) =>
      Object.fromEntries([...decisions].map(([place, decided]) => [run.images.at(place)?.id, decided]));
    const { classes } = await withRun(outPath, ({ manifest }) => Promise.resolve(manifest));
    const [places, images] = [await ids(outPath), (await readAll(outPath)).images];
    for (const { summary, rois, gts } of images) {
      const roi = targetOfRow(summary.id, { rois, gts }, classes, 'roi', 1);
      const object = gts.numGts > 0 ? targetOfRow(summary.id, { rois, gts }, classes, 'object', 0) : undefined;
      const targets = [{ image: summary.id }, roi, object].filter((target) => target !== undefined);
      const verdict = { verdict: 'hard', note: summary.id } as const;
      await decide(
        outPath,
        'Ada',
        targets.map((target) => ({ target, decision: verdict })),
      );
    }
    const before = await placed();
    expect(Object.keys(before).sort()).toEqual([...places].sort());
    await put(0, 1);
    await follow();
    await isMerged();
    expect(await placed()).toEqual(before);
    expect((await ids(outPath)).filter((id) => places.includes(id))).not.toEqual((await ids(outPath)).slice(0, 5));
  });

  it('goes on where its merge was killed', async () => {
    await put(0, 1);
    await mergeShards({ shards: [0, 1, 2].map(shardAt), outPath: at('followed-merged') }, () => undefined);
    const merged = await readFile(at('followed-merged'));
    await writeFile(`${outPath}.part`, merged.subarray(0, Math.floor(merged.length / 2)));
    expect(await follow()).toMatchObject({ state: 'done', numDone: LIMIT });
    await isMerged();
  });
});
