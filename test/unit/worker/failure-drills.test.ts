/**
 * What a backend can do to its process, done to real processes in the middle of a run: each time the run file keeps
 * every
 * finished image, the host's side lives and says what, where and what to do, and a resumed run ends as an uninterrupted
 * one.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/core/mining/select.js';
import { encodePng } from '../../../src/dataset/pixels/decode-image.js';
import { EngineProcess } from '../../../src/host/engine/engine-process.js';
import type { WorkerEvent } from '../../../src/protocol/worker-messages.js';
import { readAll } from '../run/read-all.js';

const root = path.join(import.meta.dirname, '../../..');
const NUM_IMAGES = 320;
let folder: string;
let bundles: string;
const open: EngineProcess[] = [];

/** The engine process, with the backends of drill-registry.ts, or the real ones. */
async function bundle(name: string, plugins: Plugin[]): Promise<void> {
  const { BUNDLES } = (await import('../../../esbuild.mjs')) as { BUNDLES: Record<string, object> };
  await build({
    ...BUNDLES['worker'],
    plugins,
    absWorkingDir: root,
    outdir: bundles,
    entryPoints: { [name]: 'src/worker/worker.ts' },
    logLevel: 'error',
    sourcemap: false,
    legalComments: 'none',
  });
}

const drillRegistry: Plugin = {
  name: 'drill-registry',
  setup: (made) =>
    made.onResolve({ filter: /engine\/registry\.js$/ }, () => ({
      path: path.join(import.meta.dirname, 'drill-registry.ts'),
    })),
};

beforeAll(async () => {
  bundles = path.join(root, 'out', `drills-${process.pid}`);
  await Promise.all([bundle('drill', [drillRegistry]), bundle('worker', [])]);
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-drills-'));
  for (const label of ['dark', 'light']) {
    await mkdir(path.join(folder, 'data', label), { recursive: true });
    for (let i = 0; i < NUM_IMAGES / 2; i++) {
      const value = (label === 'dark' ? 0 : 90) + ((i * 7) % 160);
      await encodePng(
        { width: 4, height: 4, data: new Uint8Array(48).fill(value) },
        path.join(folder, 'data', label, `${i}.png`),
      );
    }
  }
  await writeFile(path.join(folder, 'net.onnx'), 'read by nobody');
  await mine('whole');
}, 120_000);
afterEach(() => open.splice(0).forEach((engine) => engine.kill()));
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await rm(bundles, { recursive: true, force: true });
});

interface Given {
  readonly resume?: boolean;
  readonly timeLimitS?: number;
  /** What the backend is to do once some images are in the file. */
  readonly order?: string;
  readonly numBefore?: number;
  readonly worker?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly backend?: string;
  readonly checkpoint?: string;
}
const unheard = { onStderr: () => undefined, onFault: () => undefined };
const fileOf = (name: string) => path.join(folder, `${name}.ohem`);

/** Mines in a process of its own, as the host does. @returns its error's line, '' none, and its warnings. */
async function mine(
  name: string,
  {
    resume = false,
    timeLimitS = 60,
    order,
    numBefore = 1,
    worker = 'drill',
    env = {},
    backend,
    checkpoint = 'net.onnx',
  }: Given = {},
) {
  const orders = path.join(folder, `${name}.order`);
  await rm(orders, { force: true });
  const warnings: string[] = [];
  let given: Promise<void> | undefined;
  let numSeen = 0;
  const onEvent = (event: WorkerEvent) => {
    if (event.event === 'log') warnings.push(event.text);
    if (event.event === 'image' && ++numSeen >= numBefore && order !== undefined) given ??= writeFile(orders, order);
  };
  const runtime = {
    execPath: process.execPath,
    env: { ...process.env, OHEM_DRILL: orders, ...env },
    origin: 'test',
    isElectron: false,
  };
  const engine = new EngineProcess({ runtime, workerPath: path.join(bundles, `${worker}.mjs`), onEvent, ...unheard });
  open.push(engine);
  const mining = defaultConfig('classification');
  const options = {
    checkpointPath: path.join(folder, checkpoint),
    datasetPath: path.join(folder, 'data'),
    dataset: {},
    outPath: fileOf(name),
    mining,
    measure: {},
    backend: backend ?? null,
    limit: null,
    resume,
    timeLimitS,
  };
  const message = await engine.call('mine', options).then(
    () => '',
    (error: Error) => error.message,
  );
  await given;
  return { message, warnings };
}

/** Resumes what was interrupted and compares it with the run that was not. */
async function expectToGoOn(name: string): Promise<void> {
  const before = await readAll(fileOf(name));
  expect(before.images.length).toBeGreaterThan(0);
  expect(before.images.length).toBeLessThan(NUM_IMAGES);
  const whole = await readAll(fileOf('whole'));
  expect(before.images).toEqual(whole.images.slice(0, before.images.length));
  expect(before.images.filter(({ summary }) => summary.error !== '')).toEqual([]);
  expect((await mine(name, { resume: true })).message).toBe('');
  expect((await readAll(fileOf(name))).images).toEqual(whole.images);
}

const GO_ON =
  /What it did before is kept: go on from there, and choose another backend where it ends at the same place again$/;

describe.skipIf(process.platform === 'win32')('an engine process that dies in the middle of a run', () => {
  for (const signal of ['SIGKILL', 'SIGTRAP', 'SIGABRT', 'SIGSEGV']) {
    it(`of ${signal}`, async () => {
      const { message } = await mine(signal, { order: signal });
      expect(message).toMatch(
        new RegExp(`^engine: the engine process: expected to keep running, received signal ${signal}`),
      );
      expect(message).toMatch(GO_ON);
      await expectToGoOn(signal);
    });
  }

  it('of a driver that hangs: a time limit ends it, which is said with the image', async () => {
    const { message } = await mine('hang', { order: 'hang', timeLimitS: 2 });
    expect(message).toMatch(
      /^engine: drill, the image after (dark|light)\/\d+\.png: expected an answer within 2 s, received none: /,
    );
    expect(message).toMatch(/the driver or the model hangs\. Resume to go on; .* choose another backend$/);
    await expectToGoOn('hang');
  });
});

describe('a backend whose memory runs out', () => {
  it('is given smaller batches, which is said, and nothing is lost', async () => {
    const { message, warnings } = await mine('batches', { order: 'memory 5' });
    expect(message).toBe('');
    const sizes = warnings
      .flatMap((text) => [
        ...text.matchAll(
          /^engine: memory ran out with (\d+) images at once; going on with (\d+): .*CUDA error: out of memory/g,
        ),
      ])
      .map(([, ...found]) => found.map(Number));
    expect(sizes).toEqual([
      [32, 16],
      [16, 8],
      [8, 4],
    ]);
    expect((await readAll(fileOf('batches'))).images).toEqual((await readAll(fileOf('whole'))).images);
  });

  it('for a single image: the run ends and says what to do, no image is written off, no backend changed', async () => {
    const { message } = await mine('memory', { order: 'memory 0' });
    expect(message).toMatch(
      /^engine: image (dark|light)\/\d+\.png: expected memory enough for one image, received .*out of memory.*\. /,
    );
    expect(message).toMatch(/\. Free memory and resume, or mine anew with another backend$/);
    await expectToGoOn('memory');
    expect((await readAll(fileOf('memory'))).manifest.backend?.id).toBe('drill');
  });
});

describe('a library of the wrong version', () => {
  it('costs a process of its own, is told with its words, and the run that was to go on is not touched', async () => {
    await mine('library');
    const before = await readFile(fileOf('library'));
    const binding = path.join(folder, 'binding');
    await mkdir(path.join(binding, 'lib/napi-v8'), { recursive: true });
    await writeFile(path.join(binding, 'lib/napi-v8/tfjs_binding.node'), 'of another age');
    await writeFile(path.join(binding, 'package.json'), '{"main": "index.js"}');
    await mkdir(path.join(folder, 'saved'), { recursive: true });
    await writeFile(path.join(folder, 'saved/saved_model.pb'), '');
    for (const [index, words] of [
      [
        'throw new Error("libtensorflow.so.2: version `TF_9\' not found (required by tfjs_binding.node)")',
        "version `TF_9' not found",
      ],
      [
        "process.stderr.write('FATAL: mismatch of the protobuf library\\n'); process.abort()",
        /loading it ended the process \(SIGABRT\): .*mismatch of the protobuf library/,
      ],
    ] as const) {
      await writeFile(path.join(binding, 'index.js'), index);
      const env = { OHEM_TFJS_NODE: binding, OHEM_CACHE: path.join(folder, `cache-${index.length}`) };
      const { message } = await mine('library', {
        resume: true,
        worker: 'worker',
        env,
        backend: 'tfjs-node',
        checkpoint: 'saved',
      });
      expect(message).toMatch(/^engine: tfjs-node: expected the pinned backend to run here, received /);
      expect(message).toMatch(words);
      expect((await readFile(fileOf('library'))).equals(before)).toBe(true);
    }
  });
});
