/** Inner tensors as outputs, nodes that ONNX Runtime lacks, and types that are not ours; run by the real runtime. */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph } from '../../../../src/core/graph.js';
import type { Engine } from '../../../../src/engine/engine.js';
import { onnxruntimeNode } from '../../../../src/engine/onnx/onnxruntime-node.js';
import { onnxruntimeWeb } from '../../../../src/engine/onnx/onnxruntime-web.js';
import {
  field,
  FLOAT,
  FLOAT16,
  INT64,
  intAttribute,
  message,
  node,
  onnxModel,
  TINY_ONNX,
  valueInfo,
} from '../../../contract/tiny-models.js';

/** x [1, 3] doubled, and its square, go into an NMS of TensorRT. */
const TENSORRT = onnxModel({
  nodes: [
    node('Add', ['x', 'x'], ['boxes']),
    node('Mul', ['x', 'x'], ['scores']),
    node('EfficientNMS_TRT', ['boxes', 'scores'], ['num', 'kept']),
    node('Relu', ['kept'], ['tail']),
    node('Abs', ['x'], ['kept_out']),
  ],
  inputs: [valueInfo('x', [1, 3])],
  outputs: [valueInfo('num', [1, 1]), valueInfo('tail', [1, 3]), valueInfo('kept_out', [1, 3])],
});

/** half + half as float16, and n + n as int64. */
const OTHER_TYPES = onnxModel({
  nodes: [
    node('Add', ['half', 'half'], ['half2']),
    node('Add', ['n', 'n'], ['n2']),
    node('Cast', ['half2'], ['single'], intAttribute('to', FLOAT)),
  ],
  inputs: [valueInfo('half', [3], FLOAT16), valueInfo('n', [2], INT64)],
  outputs: [valueInfo('half2', [3], FLOAT16), valueInfo('n2', [2], INT64), valueInfo('single', [3])],
});

/** y = x + w, w in a file beside the model; the version is the file's IR. */
function external(irVersion: number): Uint8Array {
  const place = (key: string, value: string) => field(13, message(field(1, key), field(2, value)));
  const tensor = message(field(1, 3), field(2, FLOAT), field(8, 'w'), place('location', 'w.bin'), field(14, 1));
  const model = onnxModel({
    nodes: [node('Add', ['x', 'w'], ['sum']), node('Neg', ['sum'], ['y'])],
    inputs: [valueInfo('x', [1, 3])],
    outputs: [valueInfo('y', [1, 3])],
    initializers: [tensor],
  });
  return Buffer.concat([model, field(1, irVersion)]);
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-outputs-'));
  await writeFile(join(folder, 'tiny.onnx'), TINY_ONNX);
  await writeFile(join(folder, 'tensorrt.onnx'), TENSORRT);
  await writeFile(join(folder, 'types.onnx'), OTHER_TYPES);
  await writeFile(join(folder, 'external.onnx'), external(8));
  await writeFile(join(folder, 'newer.onnx'), external(99));
  await writeFile(join(folder, 'w.bin'), new Uint8Array(Float32Array.of(10, 20, 30).buffer));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const X = { x: { shape: [1, 3], data: Float32Array.of(1, -2, 3) } };

describe.each([onnxruntimeNode, onnxruntimeWeb])('$id', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await backend.start();
  });
  afterAll(() => engine.dispose());
  const load = (name: string, ...outputs: string[]): Promise<Graph> =>
    engine.loadGraph(join(folder, name), 'onnx', outputs);

  it('gives inner tensors in the place of the outputs', async () => {
    const graph = await load('tiny.onnx', 'product', 'relu');
    expect(graph.outputs).toEqual([
      { name: 'product', type: 'float32', shape: [-1, 3] },
      { name: 'relu', type: 'float32', shape: [-1, 3] },
    ]);
    expect(graph.metadata['author']).toBe('test');
    const { product, relu } = await graph.run(X);
    expect([...product.data]).toEqual([1, -20, 300]);
    expect([...relu.data]).toEqual([2, 0, 301]);
    graph.dispose();
  });

  it('names a tensor that is not there', async () => {
    await expect(load('tiny.onnx', 'sum', 'nowhere')).rejects.toThrow(
      'checkpoint: outputs: expected names of tensors that a node makes, received "nowhere"',
    );
  });

  it('opens a graph up to a node that the runtime lacks, and says so', async () => {
    const graph = await load('tensorrt.onnx');
    expect(graph.outputs.map(({ name }) => name)).toEqual(['boxes', 'scores', 'kept_out']);
    expect(graph.notes).toEqual([
      'the graph is opened up to EfficientNMS_TRT, which ONNX Runtime lacks: boxes, scores, kept_out',
    ]);
    const { boxes, scores } = await graph.run(X);
    expect([...boxes.data]).toEqual([2, -4, 6]);
    expect([...scores.data]).toEqual([1, 4, 9]);
    graph.dispose();
  });

  it('finds weights beside the file, of a rewritten graph, too', async () => {
    for (const [name, expected] of [
      ['y', -11],
      ['sum', 11],
    ] as const) {
      const graph = await load('external.onnx', ...(name === 'y' ? [] : [name]));
      expect((await graph.run(X))[name].data[0]).toBe(expected);
      graph.dispose();
    }
  });

  it('takes and gives float16 as float32, int64 as int32', async () => {
    const graph = await load('types.onnx');
    expect(graph.inputs.map(({ type }) => type)).toEqual(['float32', 'int32']);
    const { half2, n2, single } = await graph.run({
      half: { shape: [3], data: Float32Array.of(0.5, -2, 1e6) },
      n: { shape: [2], data: Int32Array.of(3, -4) },
    });
    expect(half2).toEqual({ shape: [3], data: Float32Array.of(1, -4, Infinity) });
    expect(single).toEqual(half2);
    expect(n2).toEqual({ shape: [2], data: Int32Array.of(6, -8) });
    graph.dispose();
  });

  it('says that a file is newer than the runtime', async () => {
    await expect(load('newer.onnx')).rejects.toThrow('The file is newer than this runtime: export with opset 17 to 20');
  });

  it.runIf(backend === onnxruntimeNode)('says which version it is', async () => {
    await expect(load('newer.onnx')).rejects.toThrow(
      'received Unsupported model IR version: 99, max supported IR version: ',
    );
  });

  it('says where weights are missing', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'ohem-alone-'));
    await copyFile(join(folder, 'external.onnx'), join(elsewhere, 'm.onnx'));
    await expect(engine.loadGraph(join(elsewhere, 'm.onnx'), 'onnx')).rejects.toThrow(/w\.bin/);
    await rm(elsewhere, { recursive: true });
  });
});
