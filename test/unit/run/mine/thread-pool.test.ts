import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allocateGtTable } from '../../../../src/core/tables.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { measureImages } from '../../../../src/run/mine/measure-images.js';
import { startThreads } from '../../../../src/run/mine/thread-pool.js';
import type { DetectionInputs } from '../../../../src/run/mine/run-inputs.js';

const inputs = {
  manifest: { checkpoint: { path: '/m/net.onnx' }, backend: { id: 'fake' } },
  measure: { fgThreshold: 0.5 },
} as unknown as DetectionInputs;
const task = (name: string) => ({ path: name, width: 0, height: 0, gts: allocateGtTable(0) });

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-threads-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** A thread that answers each task with `measure`, in place of a detector. */
async function threadThat(measure: string, open = ''): Promise<URL> {
  const file = path.join(folder, 'thread.mjs');
  const contents = `
    import { parentPort, threadId } from 'node:worker_threads';
    import { createEndpoint } from './src/protocol/endpoint.ts';
    import { toWire } from './src/protocol/wire-error.ts';
    import { MiningError } from './src/core/mining-error.ts';
    let setup;
    createEndpoint(
      {
        open: (given) => { setup = given; ${open} },
        measure: async (task) => { ${measure} },
        end: () => parentPort.close(),
      },
      { post: (message) => parentPort.postMessage(message), on: (receive) => parentPort.on('message', receive) },
      (error) => { throw error; },
    );`;
  await build({
    stdin: { contents, resolveDir: path.join(import.meta.dirname, '../../../..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: file,
    logLevel: 'error',
  });
  return pathToFileURL(file);
}

async function poolOf(measure: string, count = 2) {
  const pool = await startThreads(await threadThat(measure), inputs, count);
  if (pool === null) throw new Error('no threads');
  return pool;
}

describe('startThreads', () => {
  it('answers every image with its own, whichever thread is slow', async () => {
    const pool = await poolOf(
      `await new Promise((resolve) => setTimeout(resolve, threadId % 2 === 0 ? 60 : 1));
      return { measured: { width: Number(task.path), height: 0, rois: null } };`,
    );
    const outcomes = await Promise.all(['0', '1', '2', '3', '4'].map((name) => pool.measure(task(name))));
    expect(outcomes.map((outcome) => 'measured' in outcome && outcome.measured.width)).toEqual([0, 1, 2, 3, 4]);
    await pool.close();
  });

  it('tells each thread the checkpoint, the backend and its share of the cores', async () => {
    const pool = await poolOf("return { error: toWire(new Error(JSON.stringify(setup))), of: 'model' };", 1);
    const outcome = await pool.measure(task('a'));
    expect(JSON.parse('error' in outcome ? (outcome.error as Error).message : '')).toEqual({
      checkpointPath: '/m/net.onnx',
      backend: 'fake',
      numThreads: expect.any(Number) as number,
      measure: { fgThreshold: 0.5 },
    });
    await pool.close();
  });

  it('makes a MiningError of another thread anew', async () => {
    const pool = await poolOf(
      `return {
        error: toWire(new MiningError('image', 'a.jpg', 'an image', 'noise', { file: '/x/a.jpg' })),
        of: 'image',
      };`,
    );
    const outcome = await pool.measure(task('a'));
    if (!('error' in outcome)) throw new Error('measured');
    expect(outcome).toMatchObject({
      of: 'image',
      error: { code: 'image', message: 'image: a.jpg: expected an image, received noise (/x/a.jpg)' },
    });
    expect(outcome.error).toBeInstanceOf(MiningError);
    await pool.close();
  });

  it('fails the images of a thread that dies, those that wait and those to come', async () => {
    const pool = await poolOf('process.exit(3);', 1);
    await expect(pool.measure(task('a'))).rejects.toThrow(
      'engine: thread: expected one that measures until the end, received exit status 3',
    );
    await expect(pool.measure(task('b'))).rejects.toThrow('exit status 3');
    await pool.close();
  });

  it('is null where a thread cannot start, or cannot open the checkpoint', async () => {
    const dies = path.join(folder, 'dies.mjs');
    await writeFile(dies, "throw new Error('no engine here');");
    expect(await startThreads(pathToFileURL(dies), inputs, 2)).toBeNull();
    expect(await startThreads(pathToFileURL(path.join(folder, 'absent.mjs')), inputs, 2)).toBeNull();
    expect(await startThreads(await threadThat('', "throw new Error('no model');"), inputs, 2)).toBeNull();
  });
});

describe('measureImages', () => {
  it('measures the rest in this thread where a device has no room for a session a thread', async () => {
    const paths = ['/none/a', '/none/b', '/none/c', '/none/d'];
    const sizes = { width: new Int32Array(4), height: new Int32Array(4), gtStart: new Int32Array(5) };
    const images = { numImages: 4, id: paths, path: paths, annotationPath: paths, ...sizes };
    const abreast = {
      ...inputs,
      dataset: { images },
      gts: allocateGtTable(0),
      imagesPerThread: 2,
    } as unknown as DetectionInputs;
    const entry = await threadThat(
      `return task.path === '/none/b'
        ? { error: toWire(new Error('CUDA failure 2: out of memory')), of: 'model' }
        : { measured: { width: 7, height: 0, rois: null } };`,
    );
    const seen: unknown[] = [];
    for await (const { index, outcome } of measureImages(abreast, [0, 1, 2, 3], entry)) {
      seen.push([index, 'measured' in outcome ? outcome.measured.width : outcome.of]);
    }
    // The files are not there, which this thread finds out when it reads them.
    expect(seen).toEqual([
      [0, 7],
      [1, 'image'],
      [2, 'image'],
      [3, 'image'],
    ]);
  });
});
