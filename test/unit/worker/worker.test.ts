/** The engine process as the host talks to it. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DETECTORS } from '../../../src/checkpoint/registry.js';
import { unpackColumns } from '../../../src/arrow/mined-columns.js';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { encodePng } from '../../../src/dataset/pixels/decode-image.js';
import { createEndpoint, type Endpoint, type Params } from '../../../src/protocol/endpoint.js';
import { PANEL_REQUESTS } from '../../../src/protocol/panel-messages.js';
import type { HostApi, WorkerApi } from '../../../src/protocol/worker-messages.js';
import { createRun } from '../../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../arrow/run-sample.js';

const root = path.join(import.meta.dirname, '../../..');
const bundle = path.join(root, 'out', `test-worker-${process.pid}.mjs`);
let folder: string;
let child: ChildProcess;
let engine: Endpoint<WorkerApi>;

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
  engine = createEndpoint<HostApi, WorkerApi>(
    { event: () => undefined },
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

describe('the engine process', () => {
  it('sums a run up and exports it', async () => {
    const runPath = path.join(folder, 'it.ohem');
    const writer = await createRun(runPath, sampleManifest());
    await writer.append(sampleImage('a.jpg', 6, 1));
    await writer.finish();
    await writer.close();
    const mining = resolveConfig('all');
    const { numImages, numbers } = unpackColumns(await engine.call('summarise', { runPath, mining }));
    expect({ numImages, numSelected: numbers.numSelected?.[0], numRois: numbers.numRois }).toEqual({
      numImages: 1,
      numSelected: 4,
      numRois: undefined,
    });
    const outPath = path.join(folder, 'rois.json');
    const choice = { runPath, mining, backgroundBelow: 0, order: 'sum' as const, most: null, format: 'json' };
    const request = { ...choice, outPath, force: false };
    expect(await engine.call('exportSelection', request)).toEqual({ numRows: 4 });
    await expect(engine.call('exportSelection', request)).rejects.toThrow(/one that exists/);
    const text = await readFile(outPath, 'utf8');
    expect((JSON.parse(text) as { rois: object[] }).rois).toHaveLength(4);
    expect(await engine.call('exportText', choice)).toEqual({ numRows: 4, text });
  });

  it('names the damaged images of a run, and salvages the rest', async () => {
    const runPath = path.join(folder, 'damaged.ohem');
    const writer = await createRun(runPath, sampleManifest({ mining: resolveConfig('paper') }));
    const ends: number[] = [];
    for (const id of ['a.jpg', 'b.jpg', 'c.jpg']) ends.push((await writer.append(sampleImage(id, 6, 1))).end);
    await writer.finish();
    await writer.close();
    const bytes = await readFile(runPath);
    const at = (ends[1] ?? 0) - 40;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await writeFile(runPath, bytes);
    const checked = await engine.call('checkRun', { runPath });
    expect(checked).toMatchObject({ numImages: 3, complete: true, damaged: [{ imageIndex: 1, id: 'b.jpg' }] });
    const outPath = path.join(folder, 'salvaged.ohem');
    const salvage = { runPath, outPath, force: true };
    expect(await engine.call('salvage', salvage)).toEqual({ numKept: 2, numLost: 1 });
    expect(await engine.call('checkRun', { runPath: outPath })).toMatchObject({ numImages: 2, damaged: [] });
    await expect(engine.call('salvage', { ...salvage, outPath: runPath })).rejects.toThrow(/input/);
  });

  it('tells the recipe of each family of detectors, as a panel may ask for it', async () => {
    const { recipes } = await engine.call('recipes', {});
    expect(recipes.map(({ family }) => family)).toEqual(DETECTORS.map(({ id }) => id));
    for (const { measure } of recipes) expect(v.parse(PANEL_REQUESTS.measureAgain, { measure })).toEqual({ measure });
  });

  it('makes a PNG of an image', async () => {
    const source = path.join(folder, 'in.png');
    await encodePng({ width: 3, height: 2, data: new Uint8Array(18) }, source);
    const outPath = path.join(folder, 'out.png');
    expect(await engine.call('toPng', { path: source, outPath })).toEqual({});
    expect((await readFile(outPath)).subarray(1, 4).toString()).toBe('PNG');
  });

  it('answers what is wrong with all its fields and lives on', async () => {
    const mining = { ...resolveConfig('paper'), batchSize: -1 };
    await expect(engine.call('summarise', { runPath: '/none', mining })).rejects.toMatchObject({
      code: 'options',
      where: 'batch-size',
      message: 'options: batch-size: expected an integer in [0, 1000000], received -1',
    });
    await expect(engine.call('summarise', { runPath: '/none', mining: resolveConfig('paper') })).rejects.toMatchObject({
      code: 'run-file',
      hint: { file: '/none' },
    });
    // @ts-expect-error no such method.
    await expect(engine.call('hello', {})).rejects.toMatchObject({ code: 'options', received: '"hello"' });
  });

  const mineOptions = () => ({
    checkpointPath: '/none',
    datasetPath: path.join(folder, 'none'),
    dataset: {},
    outPath: path.join(folder, 'x.ohem'),
    mining: resolveConfig('paper'),
    measure: {},
    backend: null,
    limit: null,
    resume: false,
  });

  it('refuses to mine what is not there', async () => {
    await writeFile(path.join(folder, 'empty.json'), '{}');
    await expect(engine.call('mine', mineOptions())).rejects.toMatchObject({ code: 'dataset' });
  });

  it('names a misspelt option, wherever it stands, and one that is missing', async () => {
    const fault = (options: object) =>
      engine.call('mine', options as Params<WorkerApi, 'mine'>).catch((error: unknown) => error);
    expect(await fault({ ...mineOptions(), forse: true })).toMatchObject({
      code: 'options',
      where: 'forse',
      expected: 'no such key',
      received: 'true',
    });
    expect(await fault({ ...mineOptions(), dataset: { image: '/x' } })).toMatchObject({ where: 'dataset.image' });
    expect(await fault({ ...mineOptions(), measure: { assigner: 'talk' } })).toMatchObject({
      where: 'measure.assigner',
      received: '"talk"',
    });
    expect(await fault({ ...mineOptions(), mining: { preset: 'paper', batch: 3 } })).toMatchObject({
      code: 'options',
      where: '"batch"',
    });
    expect(await fault({})).toMatchObject({ where: 'checkpointPath', received: 'nothing' });
  });

  it('ends when the host is gone', async () => {
    await engine.call('summarise', { runPath: '/none', mining: resolveConfig('paper') }).catch(() => undefined);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
