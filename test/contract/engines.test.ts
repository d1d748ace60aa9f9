/** One suite for every backend of the registry: the same function, the same failures, the same lines. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph, Tensor } from '../../src/core/graph.js';
import { MiningError } from '../../src/core/mining-error.js';
import type { Backend, Engine } from '../../src/engine/engine.js';
import { BACKENDS } from '../../src/engine/registry.js';
import {
  TINY_ONNX,
  TINY_TFLITE,
  writeTinyGraphModel,
  writeTinyLayersModel,
  writeTinySavedModel,
} from './tiny-models.js';

async function writeTo(path: string, bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  return path;
}

const FORMATS: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  onnx: (folder) => writeTo(join(folder, 'tiny.onnx'), TINY_ONNX),
  tflite: (folder) => writeTo(join(folder, 'tiny.tflite'), TINY_TFLITE),
  'tfjs-graph': (folder) => writeTinyGraphModel(join(folder, 'graph')),
  'tfjs-layers': (folder) => writeTinyLayersModel(join(folder, 'layers')),
  'saved-model': (folder) => writeTinySavedModel(join(folder, 'saved')),
};

/** The file that may be damaged: of a SavedModel, the one in its folder. */
const fileOf = (path: string, format: string): string =>
  format === 'saved-model' ? join(path, 'saved_model.pb') : path;
/** Backends whose absence is a failure: set by test/tfjs-node-suite.mjs, which has set them up. */
const REQUIRED = (process.env['OHEM_REQUIRED_BACKENDS'] ?? '').split(',').filter((id) => id !== '');

const row = (...values: number[]): Tensor => ({ shape: [values.length / 3, 3], data: Float32Array.from(values) });

/** The model's one output that is not rectified, whatever it is called. */
async function sumOf(graph: Graph, x: Tensor): Promise<Tensor> {
  const outputs = await graph.run({ [graph.inputs[0].name]: x });
  return outputs['sum'] ?? outputs['dense'];
}

async function failureOf(promise: Promise<unknown>): Promise<MiningError> {
  const error = await promise.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof MiningError)) throw error;
  expect(error.message).not.toContain('\n');
  return error;
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-engines-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

for (const backend of BACKENDS) {
  const refusal = await refusalOf(backend);
  if (refusal !== '' && REQUIRED.includes(backend.id)) throw new Error(`${backend.id} must run here: ${refusal}`);
  if (refusal !== '') console.log(`skipped: ${backend.id} does not run here: ${refusal}`);
  describe.skipIf(refusal !== '')(backend.id, () => {
    for (const format of backend.formats) describe(format, () => suite(backend, format));
  });
}

async function refusalOf(backend: Backend): Promise<string> {
  return backend.start().then(
    async (engine) => {
      await engine.dispose();
      return '';
    },
    (error: unknown) => String(error),
  );
}

function suite(backend: Backend, format: string): void {
  let engine: Engine;
  let path: string;
  let graph: Graph;
  /** LiteRT.js has no open dimensions: one row a forward. */
  const isFixed = format === 'tflite';
  beforeAll(async () => {
    engine = await backend.start();
    path = await FORMATS[format](folder);
    graph = await engine.loadGraph(path, format);
  });
  afterAll(async () => {
    graph.dispose();
    await engine.dispose();
  });

  it('says what it is', () => {
    expect(engine.facts.id).toBe(backend.id);
    expect(engine.facts.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(engine.facts.device).not.toBe('');
  });

  it('names inputs and outputs with type and shape, the open dimension as -1', () => {
    const numRows = isFixed ? 1 : -1;
    expect(graph.inputs.map(({ type, shape }) => ({ type, shape }))).toEqual([
      { type: 'float32', shape: [numRows, 3] },
    ]);
    const expected = format === 'tfjs-layers' ? ['dense'] : ['relu', 'sum'];
    expect(graph.outputs.map((output) => output.name).sort()).toEqual(expected);
    expect(graph.outputs[0].shape?.[0]).toBe(numRows);
  });

  it.skipIf(format === 'tfjs-layers' || format === 'saved-model' || isFixed)('gives the embedded metadata', () => {
    expect(graph.metadata['author']).toBe('test');
    expect(graph.metadata['names']).toMatch(/a/);
  });

  it('computes the known answer', async () => {
    if (isFixed) {
      expect(await sumOf(graph, row(1, 2, 3))).toEqual({ shape: [1, 3], data: Float32Array.of(2, 21, 301) });
      return;
    }
    const sum = await sumOf(graph, row(1, 2, 3, -1, 0, 0.5));
    if (format === 'tfjs-layers') expect(sum).toEqual({ shape: [2, 1], data: Float32Array.of(322, 50) });
    else expect(sum).toEqual({ shape: [2, 3], data: Float32Array.of(2, 21, 301, 0, 1, 51) });
  });

  it('gives inner tensors where its format has names for them', async () => {
    const loading = engine.loadGraph(path, format, ['product']);
    if (format === 'tfjs-layers' || format === 'saved-model') {
      await expect(loading).rejects.toThrow(
        'Inner tensors can be had of .onnx, .tflite and of TensorFlow.js graph models',
      );
      return;
    }
    const inner = await loading;
    expect(inner.outputs.map(({ name }) => name)).toEqual(['product']);
    expect(inner.nodes?.find(({ outputs }) => outputs.includes('product'))).toMatchObject({
      op: 'Mul',
      inputs: ['x', 'scale'],
    });
    const { product } = await inner.run({ [inner.inputs[0].name]: row(1, 2, 3) });
    expect(product).toEqual({ shape: [1, 3], data: Float32Array.of(1, 20, 300) });
    inner.dispose();
  });

  it('gives fresh outputs: a second run leaves the first alone', async () => {
    const first = await sumOf(graph, row(1, 1, 1));
    const before = Float32Array.from(first.data);
    await sumOf(graph, row(9, 9, 9));
    expect(first.data).toEqual(before);
  });

  it('lets NaN through', async () => {
    const sum = await sumOf(graph, row(NaN, 0, 0));
    expect(sum.data[0]).toBeNaN();
  });

  it('accepts zero rows or says that it does not', async () => {
    const outcome = await sumOf(graph, row()).catch((error: unknown) => error);
    if (outcome instanceof MiningError) expect(outcome.code).toBe('engine');
    else expect(outcome).toMatchObject({ data: new Float32Array(0) });
  });

  it('keeps two graphs apart, and one alive when the other is disposed', async () => {
    const other = await engine.loadGraph(path, format);
    const both = await Promise.all([sumOf(graph, row(1, 2, 3)), sumOf(other, row(1, 2, 3))]);
    expect(both[0]).toEqual(both[1]);
    other.dispose();
    expect(await sumOf(graph, row(1, 2, 3))).toEqual(both[0]);
  });

  it('refuses a wrong shape, type, length, a missing and a strange input', async () => {
    const { name } = graph.inputs[0];
    const wrong: Record<string, Tensor>[] = [
      { [name]: { shape: [1, 4], data: new Float32Array(4) } },
      { [name]: { shape: [1, 1, 3], data: new Float32Array(3) } },
      { [name]: { shape: [1, 3], data: new Int32Array(3) } },
      { [name]: { shape: [1, 3], data: new Float32Array(2) } },
      {},
      { [name]: row(1, 2, 3), stranger: row(1, 2, 3) },
    ];
    const errors = await Promise.all(wrong.map((feeds) => failureOf(graph.run(feeds))));
    expect(errors.map((error) => error.code)).toEqual(wrong.map(() => 'engine'));
    expect(errors[0].message).toMatch(/expected float32 \[[?1],3\], received float32 \[1,4\]/);
    expect((await sumOf(graph, row(1, 2, 3))).data).toHaveLength(format === 'tfjs-layers' ? 1 : 3);
  });

  it('refuses a file that is missing, empty, a folder, of other bytes, or truncated', async () => {
    const bad = join(folder, `${backend.id}-${format}`);
    const files: Record<string, Uint8Array | string> = {
      empty: '',
      text: 'not a model',
      zeros: new Uint8Array(1000),
      json: '{"a": 1}',
    };
    const bytes = await readFile(fileOf(path, format));
    for (const share of [0.1, 0.5, 0.95]) files[`cut-${share}`] = bytes.subarray(0, Math.floor(bytes.length * share));
    for (const [name, content] of Object.entries(files)) {
      if (format === 'saved-model') await mkdir(`${bad}-${name}`);
      await writeFile(fileOf(`${bad}-${name}`, format), content);
    }
    for (const name of ['missing', ...Object.keys(files)]) {
      const error = await failureOf(engine.loadGraph(`${bad}-${name}`, format));
      expect([name, error.code]).toEqual([name, 'checkpoint']);
      expect(error.message).toContain(`${bad}-${name}`);
    }
    expect((await failureOf(engine.loadGraph(folder, format))).code).toBe('checkpoint');
  });

  it.skipIf(format === 'onnx' || format === 'saved-model' || isFixed)(
    'refuses weights that are missing, too short, too long or outside the folder',
    async () => {
      const json = await readFile(path, 'utf8');
      const load = async (name: string, shard: string, weights: Uint8Array | null) => {
        const changed = join(folder, `${backend.id}-${format}-${name}.json`);
        await writeFile(changed, json.replace('weights.bin', shard));
        if (weights !== null) await writeFile(join(folder, shard), weights);
        return failureOf(engine.loadGraph(changed, format));
      };
      expect((await load('missing', 'none.bin', null)).message).toContain('no such file');
      expect((await load('short', 'short.bin', new Uint8Array(15))).message).toContain(
        'expected 16 bytes, received 15 bytes',
      );
      expect((await load('long', 'long.bin', new Uint8Array(20))).message).toContain(
        'expected 16 bytes, received 20 bytes',
      );
      expect((await load('outside', '../weights.bin', null)).message).toContain('a file in the folder of the model');
    },
  );
}
