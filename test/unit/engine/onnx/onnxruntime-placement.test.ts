/** Work that ONNX Runtime puts on the CPU: here all of it, since no other provider is asked for. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlaced, onProviderOnly, workOnCpu } from '../../../../src/engine/onnx/onnxruntime-placement.js';
import { initializer, node, onnxModel, TINY_ONNX, valueInfo } from '../../../contract/tiny-models.js';

const PRODUCT = onnxModel({
  nodes: [node('MatMul', ['x', 'w'], ['product']), node('Relu', ['product'], ['y'])],
  inputs: [valueInfo('x', ['n', 2])],
  outputs: [valueInfo('y', ['n', 1])],
  initializers: [initializer('w', [2, 1], Float32Array.of(1, 10))],
});
const OPTIONS = { executionProviders: ['cpu'], logSeverityLevel: 4 as const };

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-placement-test-'));
  await writeFile(join(folder, 'product.onnx'), PRODUCT);
  await writeFile(join(folder, 'tiny.onnx'), TINY_ONNX);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('loadPlaced', () => {
  it('refuses a graph whose matrix product is computed on the CPU, at the first forward and ever after', async () => {
    const graph = await loadPlaced(ort, join(folder, 'product.onnx'), OPTIONS, 'onnxruntime-x');
    const run = () => graph.run({ x: { shape: [1, 2], data: Float32Array.of(1, 2) } });
    const expected =
      'onnxruntime-x: expected every convolution and matrix product on its device, received 1 of 1 on the CPU: MatMul';
    await expect(run()).rejects.toThrow(expected);
    await expect(run()).rejects.toThrow('Pin onnxruntime-node');
    await expect(graph.run({})).rejects.toThrow('input x: expected float32 [?,2], received nothing');
    graph.dispose();
  });

  it('lets element-wise nodes stand on the CPU', async () => {
    const graph = await loadPlaced(ort, join(folder, 'tiny.onnx'), OPTIONS, 'onnxruntime-x');
    const { sum } = await graph.run({ x: { shape: [1, 3], data: Float32Array.of(1, 2, 3) } });
    expect(sum.data).toEqual(Float32Array.of(2, 21, 301));
    graph.dispose();
  });
});

describe('onProviderOnly', () => {
  it('keeps the other options', () => {
    const options = onProviderOnly({
      executionProviders: ['cuda'],
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    expect(options).toEqual({
      executionProviders: ['cuda'],
      extra: { session: { intra_op: { allow_spinning: '0' }, disable_cpu_ep_fallback: '1' } },
    });
  });
});

describe('workOnCpu', () => {
  const event = (provider: string, op: string, cat = 'Node') => ({
    cat,
    args: { provider: `${provider}ExecutionProvider`, op_name: op },
  });

  it('counts what is a network’s work, on the CPU and at all', () => {
    const events = [
      event('CUDA', 'Conv'),
      event('CPU', 'FusedConv'),
      event('CPU', 'NonMaxSuppression'),
      event('CPU', 'Shape'),
      event('CPU', 'Conv', 'Api'),
      { cat: 'Session' },
    ];
    expect(workOnCpu(events)).toEqual({ onCpu: ['FusedConv'], all: 2 });
  });

  it('finds none in what is no profile', () => {
    for (const events of [[], null, {}, [{}], [{ cat: 'Node' }]])
      expect(workOnCpu(events)).toEqual({ onCpu: [], all: 0 });
  });
});
