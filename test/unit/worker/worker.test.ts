/** The engine process as the host talks to it. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { encodePng } from '../../../src/dataset/pixels/decode-image.js';
import type { WorkerReply, WorkerRequest } from '../../../src/protocol/worker-messages.js';
import { createRun } from '../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../arrow/run-sample.js';

const root = path.join(import.meta.dirname, '../../..');
const bundle = path.join(root, 'out', `test-worker-${process.pid}.mjs`);
let folder: string;
let child: ChildProcess;

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
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-worker-'));
}, 120_000);
afterAll(async () => {
  await rm(bundle, { force: true });
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  child = fork(bundle, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] });
});
afterEach(() => child.kill('SIGKILL'));

/** The answer to one call; events on the way are left out. */
function call(request: WorkerRequest): Promise<WorkerReply> {
  return new Promise((resolve) => {
    const hear = (message: WorkerReply) => {
      if ('event' in message) return;
      child.off('message', hear);
      resolve(message);
    };
    child.on('message', hear);
    child.send(request);
  });
}

describe('the engine process', () => {
  it('sums a run up and exports it', async () => {
    const runPath = path.join(folder, 'it.ohem');
    const writer = await createRun(runPath, sampleManifest());
    await writer.append(sampleImage('a.jpg', 6, 1));
    await writer.finish();
    await writer.close();
    const mining = resolveConfig('all');
    expect(await call({ call: 'summarise', id: 7, params: { runPath, mining } })).toMatchObject({
      ok: 7,
      result: { images: [{ id: 'a.jpg', numSelected: 4, numIgnored: 2 }] },
    });
    const outPath = path.join(folder, 'rois.json');
    expect(
      await call({ call: 'exportSelection', id: 8, params: { runPath, mining, outPath, format: 'json' } }),
    ).toEqual({ ok: 8, result: { numRows: 4 } });
    expect((JSON.parse(await readFile(outPath, 'utf8')) as { rois: object[] }).rois).toHaveLength(4);
  });

  it('makes a PNG of an image', async () => {
    const source = path.join(folder, 'in.png');
    await encodePng({ width: 3, height: 2, data: new Uint8Array(18) }, source);
    const outPath = path.join(folder, 'out.png');
    expect(await call({ call: 'toPng', id: 1, params: { path: source, outPath } })).toEqual({ ok: 1, result: {} });
    expect((await readFile(outPath)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('answers what is wrong in one line and lives on', async () => {
    const mining = { ...resolveConfig('paper'), batchSize: -1 };
    const wrong = await call({ call: 'summarise', id: 1, params: { runPath: '/none', mining } });
    expect(wrong).toEqual({
      error: 1,
      code: 'options',
      message: 'options: batch-size: expected an integer in [0, 1000000], received -1',
    });
    const none = await call({ call: 'summarise', id: 2, params: { runPath: '/none', mining: resolveConfig('paper') } });
    expect(none).toMatchObject({ error: 2, code: 'run-file' });
    const unknown = await call({ call: 'hello', id: 3, params: {} } as unknown as WorkerRequest);
    expect(unknown).toMatchObject({ error: 3, code: 'options', message: expect.stringContaining('"hello"') });
  });

  it('refuses to mine what is not there', async () => {
    await writeFile(path.join(folder, 'empty.json'), '{}');
    const options = {
      checkpointPath: '/none',
      datasetPath: path.join(folder, 'none'),
      dataset: {},
      outPath: path.join(folder, 'x.ohem'),
      mining: resolveConfig('paper'),
      measure: {},
      backend: null,
      limit: null,
      resume: false,
    };
    expect(await call({ call: 'mine', id: 1, params: { options } })).toMatchObject({ error: 1, code: 'dataset' });
  });

  it('ends when the host is gone', async () => {
    await call({ call: 'summarise', id: 1, params: { runPath: '/none', mining: resolveConfig('paper') } });
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
