/** Shards that other processes still write. */
import { appendFile, copyFile, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ShardsProgress } from '../../../../src/protocol/panel-messages.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { followShards } from '../../../../src/run/mine/follow-shards.js';
import { readAll } from '../read-all.js';
import { COUNT, LIMIT, SAMPLE, ShardedRun } from './sharded-run.js';

let made: ShardedRun;
let home: string;
let folder: string;
let outPath: string;
/** What the jobs of a cluster write, as it is in the end. */
let shards: Buffer[];
const at = (name: string) => made.at(name);
const shardAt = (index: number) => path.join(folder, `shard-${index}.ohem`);

beforeAll(async () => {
  made = await ShardedRun.make();
  ({ home, shards } = made);
  await made.mine('anew', { index: 1, count: COUNT });
  await made.mine('other', { index: 1, count: COUNT }, 0.5);
}, 120_000);
afterAll(() => rm(home, { recursive: true }));

let stop: AbortController;
let logs: string[];
let told: ShardsProgress[];
/** Called after each look; may be awaited by nobody. */
let looked: (numLooks: number, numDone: number) => void;
let opened: number;
beforeEach(async () => {
  folder = path.join(home, 'run');
  await mkdir(folder);
  outPath = at('followed');
  stop = new AbortController();
  [logs, told, opened] = [[], [], 0];
  looked = () => undefined;
});
afterEach(() => stop.abort());
afterEach(() => Promise.all([rm(folder, { recursive: true, force: true }), rm(outPath, { force: true })]));

function emit(event: WorkerEvent): void {
  if (event.event === 'log') logs.push(event.text);
  if (event.event === 'opened') opened++;
  if (event.event !== 'progress' || event.progress.shards === undefined) return;
  told.push(event.progress.shards);
  looked(told.length, event.progress.numDone);
}

function follow() {
  const done = followShards({ folder, outPath, restMs: 20 }, emit, stop.signal);
  // Of a test that has failed.
  done.catch(() => undefined);
  return done;
}

const logged = () => logs.join('\n');

/** Waits for a look that finds what is asked. */
function when(isSo: (shards: ShardsProgress, numDone: number) => boolean): Promise<void> {
  return new Promise((resolve) => {
    looked = (_, numDone) => {
      const last = told.at(-1);
      if (last !== undefined && isSo(last, numDone)) resolve();
    };
  });
}

const ids = async (file: string) => (await readAll(file)).images.map(({ summary }) => summary.id);
const half = (index: number) => shards[index]?.subarray(0, Math.floor((shards[index]?.length ?? 0) / 2)) ?? '';

async function isWholeRun(): Promise<void> {
  expect((await readAll(outPath)).images).toEqual((await readAll(at('whole'))).images);
}

describe('shards that are followed', () => {
  it('appear, grow and end; in the end they are the run that one process writes', async () => {
    const done = follow();
    const begun = when(({ notBegun }) => notBegun.length === 1);
    await writeFile(shardAt(0), shards[0] ?? '');
    await writeFile(shardAt(2), half(2));
    await begun;
    expect(told.at(-1)).toEqual({ count: COUNT, numWhole: 1, notBegun: [1] });
    const early = await ids(outPath);
    expect(early.length).toBeGreaterThan(0);
    const grown = when(({ numWhole }) => numWhole === 2);
    await appendFile(shardAt(2), (shards[2] ?? Buffer.of()).subarray(half(2).length));
    await grown;
    expect((await ids(outPath)).slice(0, early.length)).toEqual(early);
    await writeFile(shardAt(1), shards[1] ?? '');
    expect(await done).toMatchObject({ state: 'done', numDone: LIMIT });
    expect(opened).toBe(1);
    await isWholeRun();
  });

  it('wait for a first one, and are gone on with where they were stopped', async () => {
    const first = follow();
    const begun = when((_, numDone) => numDone > 0);
    // A minibatch is two images.
    for (const index of shards.keys()) await writeFile(shardAt(index), half(index));
    await begun;
    stop.abort();
    const { state, numDone } = await first;
    expect(state).toBe('stopped');
    expect((await readAll(outPath)).complete).toBe(true);
    stop = new AbortController();
    for (const [index, bytes] of shards.entries()) await writeFile(shardAt(index), bytes);
    expect(numDone).toBeGreaterThan(0);
    expect(await follow()).toMatchObject({ state: 'done', numDone: LIMIT });
    expect(logged()).not.toContain('mined anew');
    await isWholeRun();
  });

  it('begin anew where one was mined anew: in the end and before it', async () => {
    await writeFile(shardAt(0), shards[0] ?? '');
    await writeFile(shardAt(1), shards[1] ?? '');
    const done = follow();
    await when(({ numWhole }) => numWhole === 2);
    await copyFile(at('anew'), shardAt(1));
    await when((_, numDone) => opened === 2 && numDone === 4);
    expect(logged()).toContain('mined anew');
    stop.abort();
    await done;
    stop = new AbortController();
    // Nobody looked when it was written: it is later than the run.
    const long = new Date(0);
    await utimes(outPath, long, long);
    logs = [];
    const again = follow();
    await writeFile(shardAt(2), shards[2] ?? '');
    expect(await again).toMatchObject({ state: 'done' });
    expect(logged()).toContain('mined anew');
    await isWholeRun();
  });

  it('take no other run, no shard twice, nothing that cannot be read, and say so', async () => {
    await writeFile(shardAt(0), shards[0] ?? '');
    await writeFile(shardAt(2), shards[2] ?? '');
    await writeFile(path.join(folder, 'copy.ohem'), half(2));
    await copyFile(at('other'), path.join(folder, 'other.ohem'));
    await copyFile(at('whole'), path.join(folder, 'merged.ohem'));
    await writeFile(path.join(folder, 'torn.ohem'), half(1).slice(0, 100));
    await mkdir(path.join(folder, 'folder.ohem'));
    const done = follow();
    await when(({ numWhole }) => numWhole === 2 && told.length > 3);
    expect(logged()).toMatch(/other\.ohem: mining\.keepRate: expected 0\.25/);
    expect(logged()).toMatch(/copy\.ohem is shard 2 again, as .*shard-2\.ohem/);
    expect(logged()).toMatch(/merged\.ohem is no shard/);
    expect(logged()).toMatch(/torn\.ohem/);
    expect(logged()).toMatch(/folder\.ohem/);
    await writeFile(shardAt(1), shards[1] ?? '');
    expect(await done).toMatchObject({ state: 'done', numDone: LIMIT });
    expect(new Set(logs).size).toBe(logs.length);
    await isWholeRun();
  });

  it('keep the images of one that was deleted, and wait for it', async () => {
    await writeFile(shardAt(0), shards[0] ?? '');
    await writeFile(shardAt(1), shards[1] ?? '');
    const done = follow();
    await when(({ numWhole }, numDone) => numWhole === 2 && numDone === 4);
    const before = await ids(outPath);
    await rm(shardAt(1));
    await when(({ numWhole }) => numWhole === 1);
    expect(await ids(outPath)).toEqual(before);
    await writeFile(shardAt(2), shards[2] ?? '');
    await when(({ notBegun, numWhole }) => numWhole === 2 && notBegun[0] === 1);
    await writeFile(shardAt(1), shards[1] ?? '');
    expect(await done).toMatchObject({ state: 'done', numDone: LIMIT });
    await isWholeRun();
  });

  it('wait for bytes that another machine has not written yet, though the file is long enough', async () => {
    for (const [index, bytes] of shards.entries()) await writeFile(shardAt(index), bytes);
    const bytes = Buffer.from(shards[2] ?? '');
    const { images } = await readAll(shardAt(2));
    expect(images.length).toBeGreaterThan(1);
    const hole = Math.floor(bytes.length / 2);
    await writeFile(shardAt(2), Buffer.from(bytes).fill(0, hole, hole + 512));
    const done = follow();
    // A slow look tells of its progress more than once.
    await when(() => /shard-2\.ohem: /.test(logged()));
    await writeFile(shardAt(2), bytes);
    expect(await done).toMatchObject({ state: 'done', numDone: LIMIT });
    await isWholeRun();
  });

  it('outlast a folder that is away for a while, and refuse one that never was', async () => {
    await writeFile(shardAt(0), half(0));
    const done = follow();
    await when(() => told.length > 1);
    await rename(folder, `${folder}-away`);
    await expect.poll(logged, { timeout: 30_000 }).toMatch(/shards: expected a folder of them/);
    await rename(`${folder}-away`, folder);
    for (const [index, bytes] of shards.entries()) await writeFile(shardAt(index), bytes);
    expect(await done).toMatchObject({ state: 'done' });
    await rm(outPath);
    await rm(folder, { recursive: true });
    await expect(follow()).rejects.toThrow(/run-file: shards: expected a folder of them, received ENOENT/);
  });

  it('stay as they came where the annotations are gone, which is said', async () => {
    for (const [index, bytes] of shards.entries()) await writeFile(shardAt(index), bytes);
    const [annotations, moved] = ['instances.json', 'moved.json'].map((name) => path.join(home, name)) as [
      string,
      string,
    ];
    await rename(annotations, moved);
    await expect(follow()).rejects.toThrow(/nothing there \(.*instances\.json\)\. .*--data/);
    await rename(moved, annotations);
    expect((await ids(outPath)).length).toBe(LIMIT);
    const datasetPath = path.join(SAMPLE, 'instances.json');
    expect(await followShards({ folder, outPath, datasetPath }, emit)).toMatchObject({ state: 'done' });
    await isWholeRun();
  });
});
