/** Control flow and NMS in TensorFlow.js graphs: they only run by executeAsync. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tfjsWasm } from '../../../src/engine/tfjs/tfjs-wasm.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-dynamic-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('runs a graph with an output of dynamic shape, call after call', async () => {
  const float = { type: 'DT_FLOAT' };
  const dim = { dim: [{ size: '-1' }] };
  const json = {
    format: 'graph-model',
    modelTopology: {
      versions: { producer: 1 },
      node: [
        { name: 'x', op: 'Placeholder', attr: { dtype: float, shape: { shape: dim } } },
        {
          name: 'zero',
          op: 'Const',
          attr: { dtype: float, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: {} } } },
        },
        { name: 'positive', op: 'Greater', input: ['x', 'zero'], attr: { T: float } },
        { name: 'where', op: 'Where', input: ['positive'], attr: { T: { type: 'DT_BOOL' } } },
      ],
    },
    weightsManifest: [{ paths: ['w.bin'], weights: [{ name: 'zero', shape: [], dtype: 'float32' }] }],
  };
  await writeFile(join(folder, 'model.json'), JSON.stringify(json));
  await writeFile(join(folder, 'w.bin'), new Uint8Array(4));
  const engine = await tfjsWasm.start();
  const graph = await engine.loadGraph(join(folder, 'model.json'), 'tfjs-graph');
  const where = async (...values: number[]) => {
    const outputs = await graph.run({ x: { shape: [values.length], data: Float32Array.from(values) } });
    return outputs[graph.outputs[0].name];
  };
  expect(await where(1, -1, 2)).toEqual({ shape: [2, 1], data: Int32Array.of(0, 2) });
  expect(await where(-1, 5)).toEqual({ shape: [1, 1], data: Int32Array.of(1) });
  expect(await where(-1)).toEqual({ shape: [0, 1], data: new Int32Array(0) });
  graph.dispose();
  await engine.dispose();
});
