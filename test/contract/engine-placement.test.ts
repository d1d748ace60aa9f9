/**
 * ONNX Runtime's WebGPU provider lacks double precision and leaves it to the CPU; set up by test/tfjs-node-suite.mjs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { startEngine } from '../../src/engine/registry.js';
import { DOUBLE, FLOAT, initializer, intAttribute, node, onnxModel, valueInfo } from './tiny-models.js';

const required = (process.env['OHEM_REQUIRED_BACKENDS'] ?? '').split(',').includes('onnxruntime-webgpu');
if (!required) console.log('skipped: onnxruntime-webgpu has no software adapter here: node test/tfjs-node-suite.mjs');

const weights = initializer('w', [2, 1], Float32Array.of(1, 10));
const io = { inputs: [valueInfo('x', ['n', 2])], outputs: [valueInfo('y', ['n', 1])], initializers: [weights] };
const cast = (from: string, to: string, type: number) => node('Cast', [from], [to], intAttribute('to', type));
/** y = x · w, as the provider can. */
const SINGLE = onnxModel({ ...io, nodes: [node('MatMul', ['x', 'w'], ['y'])] });
/** The same with the product in double precision. */
const DOUBLES = onnxModel({
  ...io,
  nodes: [
    cast('x', 'x64', DOUBLE),
    cast('w', 'w64', DOUBLE),
    node('MatMul', ['x64', 'w64'], ['y64']),
    cast('y64', 'y', FLOAT),
  ],
});
/** The product on the device, and a sum of rounding in double precision beside it. */
const MIXED = onnxModel({
  ...io,
  nodes: [
    node('MatMul', ['x', 'w'], ['product']),
    cast('product', 'p64', DOUBLE),
    node('Floor', ['p64'], ['f64']),
    cast('f64', 'y', FLOAT),
  ],
});

describe.skipIf(!required)('a graph on onnxruntime-webgpu', () => {
  let folder = '';
  let engine: Engine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ohem-placement-'));
    ({ engine } = await startEngine('onnx', 'onnxruntime-webgpu'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const run = async (name: string, model: Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, model);
    const graph = await engine.loadGraph(path, 'onnx');
    return graph.run({ x: { shape: [1, 2], data: Float32Array.of(1, 2.5) } }).finally(() => graph.dispose());
  };

  it('runs where all of it is on the device', async () => {
    expect((await run('single.onnx', SINGLE))['y'].data).toEqual(Float32Array.of(26));
  });

  it('is refused where its work would be done on the CPU', async () => {
    await expect(run('double.onnx', DOUBLES)).rejects.toThrow('received 1 of 1 on the CPU: MatMul');
  });

  it('runs where only trifles are on the CPU', async () => {
    expect((await run('mixed.onnx', MIXED))['y'].data).toEqual(Float32Array.of(26));
  });
});
