/** Training in the engine process, by the JavaScript backend: told step by step, stopped, and left alone. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodePng } from '../../../src/dataset/pixels/decode-image.js';
import { createEndpoint, type Endpoint, type Params } from '../../../src/protocol/endpoint.js';
import type { HostApi, WorkerApi, WorkerEvent } from '../../../src/protocol/worker-messages.js';
import { TINY_CONFIG, tinyImage } from '../train/tiny-training.js';

const root = path.join(import.meta.dirname, '../../..');
const bundle = path.join(root, 'out', `test-train-worker-${process.pid}.mjs`);
let folder: string;
let child: ChildProcess;
let engine: Endpoint<WorkerApi>;
let listeners: ((event: WorkerEvent) => void)[];

beforeAll(async () => {
  const { BUNDLES } = (await import('../../../esbuild.mjs')) as { BUNDLES: Record<string, object> };
  await build({
    ...BUNDLES['worker'],
    absWorkingDir: root,
    outdir: path.dirname(bundle),
    entryPoints: { [path.basename(bundle, '.mjs')]: 'src/worker/worker.ts' },
    logLevel: 'error',
    sourcemap: false,
    legalComments: 'none',
  });
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-train-session-'));
  await mkdir(path.join(folder, 'images'));
  const images: object[] = [];
  const annotations: object[] = [];
  for (let id = 0; id < 4; id++) {
    const { image, gts } = await tinyImage(id);
    await encodePng(image, path.join(folder, 'images', `${id}.png`));
    images.push({ id, file_name: `${id}.png`, width: 32, height: 32 });
    if (gts.numGts > 0)
      annotations.push({
        id,
        image_id: id,
        category_id: gts.gtClass[0],
        bbox: [gts.x1[0], gts.y1[0], 12, 12],
        area: 144,
        iscrowd: 0,
      });
  }
  await writeFile(
    path.join(folder, 'instances.json'),
    JSON.stringify({
      images,
      annotations,
      categories: [
        { id: 0, name: 'bright' },
        { id: 1, name: 'dark' },
      ],
    }),
  );
}, 120_000);
afterAll(async () => {
  await rm(bundle, { force: true });
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  child = fork(bundle, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
  listeners = [];
  engine = createEndpoint<HostApi, WorkerApi>(
    { event: (event) => listeners.forEach((listener) => listener(event)) },
    {
      post: (message) => void child.send(message as object),
      on: (receive) => void child.on('message', receive),
    },
    (error) => {
      throw error;
    },
  );
});
afterEach(() => child.kill('SIGKILL'));

const config = (out: string, changes: object = {}) => ({
  ...TINY_CONFIG,
  schedule: { epochs: 500, warmup: 0 },
  backend: 'cpu',
  out,
  ...changes,
});
type TrainRequest = Params<WorkerApi, 'train'>;
const train = (out: string, changes: object = {}, resume = false, signal?: AbortSignal) =>
  engine.call(
    'train',
    {
      config: config(out, changes) as unknown as TrainRequest['config'],
      file: path.join(folder, 'train.json'),
      resume,
      force: false,
    },
    signal,
  );

/** Events of one kind, as they come; `reached` resolves when there are so many. */
function hear<K extends WorkerEvent['event']>(kind: K) {
  const heard: Extract<WorkerEvent, { event: K }>[] = [];
  const reached = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => heard.length >= count && resolve();
      listeners.push(look);
      look();
    });
  listeners.push((event) => event.event === kind && heard.push(event as Extract<WorkerEvent, { event: K }>));
  return { heard, reached };
}

describe('a training', () => {
  it('is told step by step, stops when asked, and goes on from there', async () => {
    const [points, batches] = [hear('training'), hear('chosen')];
    const stop = new AbortController();
    const done = train('stopped', {}, false, stop.signal);
    await points.reached(3);
    stop.abort();
    const { state, step } = await done;
    expect(state).toBe('stopped');
    expect(points.heard.some(({ point }) => point.event === 'steps' && point.step === 1)).toBe(true);
    const [{ batch }] = batches.heard;
    expect(batch.images.map(({ width, height }) => [width, height])).toEqual([
      [32, 32],
      [32, 32],
    ]);
    expect(batch.image.length).toBe(8);
    expect(Math.max(...batch.x2, ...batch.y2)).toBeLessThanOrEqual(34);
    expect(existsSync(path.join(folder, 'stopped/state.bin'))).toBe(true);
    expect(existsSync(path.join(folder, 'stopped/running.json'))).toBe(false);

    const resumed = train('stopped', { schedule: { epochs: Math.ceil((step + 2) / 2), warmup: 0 } }, true);
    expect(await resumed).toMatchObject({ state: 'finished' });
    expect(existsSync(path.join(folder, 'stopped/checkpoint/ohem.json'))).toBe(true);
  });

  it('saves what it has and ends when the host is gone', async () => {
    const points = hear('training');
    let stderr = '';
    child.stderr?.on('data', (text: Buffer) => (stderr += text.toString()));
    const ended = train('orphan').catch((error: unknown) => error);
    // A training that fails must not be waited for.
    await Promise.race([points.reached(2), ended]);
    expect(JSON.parse(await readFile(path.join(folder, 'orphan/running.json'), 'utf8'))).toEqual({ pid: child.pid });
    child.disconnect();
    const [status] = (await once(child, 'exit')) as [number];
    expect(status, stderr).toBe(0);
    expect(existsSync(path.join(folder, 'orphan/state.bin'))).toBe(true);
    expect(existsSync(path.join(folder, 'orphan/running.json'))).toBe(false);
  });

  it('does so, too, when its process is asked to end', async () => {
    if (process.platform === 'win32') return;
    const points = hear('training');
    const answer = train('asked');
    await points.reached(1);
    child.kill('SIGTERM');
    expect(await answer).toMatchObject({ state: 'stopped' });
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(143);
    expect(existsSync(path.join(folder, 'asked/state.bin'))).toBe(true);
  });

  it('leaves a folder alone in which another process trains, and says what is wrong with a configuration', async () => {
    await mkdir(path.join(folder, 'busy/running.lock'), { recursive: true });
    await writeFile(path.join(folder, 'busy/running.json'), JSON.stringify({ pid: process.pid }));
    await expect(train('busy')).rejects.toMatchObject({
      message: expect.stringContaining(
        `options: out: expected a folder in which nothing is being trained, received one with process ${process.pid}`,
      ) as string,
    });
    expect(existsSync(path.join(folder, 'busy/running.json'))).toBe(true);
    await expect(train('wrong', { schedule: { epochs: 0 } })).rejects.toMatchObject({
      code: 'options',
      where: 'schedule.epochs',
      hint: { file: path.join(folder, 'train.json') },
    });
    expect(existsSync(path.join(folder, 'wrong'))).toBe(false);
  });

  it('ends with the step at which a loss is not finite', async () => {
    const broken = train('broken', { schedule: { epochs: 5, learningRate: 1e30, warmup: 0 } });
    await expect(broken).rejects.toMatchObject({
      code: 'mining',
      hint: { reason: 'not-finite' },
      message: expect.stringMatching(/^mining: \w+ loss of step \d+: expected a finite number/) as string,
    });
    expect(existsSync(path.join(folder, 'broken/running.json'))).toBe(false);
  });
});
