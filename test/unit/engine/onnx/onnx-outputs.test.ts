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
  BFLOAT16,
  BOOL,
  field,
  FLOAT,
  FLOAT16,
  INT32,
  INT64,
  intAttribute,
  message,
  node,
  onnxModel,
  TINY_ONNX,
  UINT8,
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

/** bytes + bytes, and whole + whole, as they are. */
const INTEGERS = onnxModel({
  nodes: [
    node('Max', ['bytes', 'bytes'], ['same']),
    node('Add', ['whole', 'whole'], ['whole2']),
    node('Greater', ['whole', 'whole2'], ['less']),
  ],
  inputs: [valueInfo('bytes', [3], UINT8), valueInfo('whole', [2], INT32)],
  outputs: [valueInfo('same', [3], UINT8), valueInfo('whole2', [2], INT32), valueInfo('less', [2], BOOL)],
});

/** 1 and 2. */
const BF16_WEIGHT = message(
  field(1, 2),
  field(2, BFLOAT16),
  field(8, 'w'),
  field(9, new Uint8Array(Uint16Array.of(0x3f80, 0x4000).buffer)),
);
const toType = (type: number, from: string, to: string) => node('Cast', [from], [to], intAttribute('to', type));
/** Weights that are kept in bfloat16 and computed with in float32: y = x + w. */
const BF16_STORED = onnxModel({
  nodes: [toType(FLOAT, 'w', 'single'), node('Add', ['x', 'single'], ['y'])],
  inputs: [valueInfo('x', [2])],
  outputs: [valueInfo('y', [2])],
  initializers: [BF16_WEIGHT],
});
const BF16_COMPUTED = onnxModel({
  nodes: [toType(BFLOAT16, 'x', 'half'), node('Add', ['half', 'w'], ['sum']), toType(FLOAT, 'sum', 'y')],
  inputs: [valueInfo('x', [2])],
  outputs: [valueInfo('y', [2])],
  initializers: [BF16_WEIGHT],
});
const BF16_INPUT = onnxModel({
  nodes: [toType(FLOAT, 'x', 'y')],
  inputs: [valueInfo('x', [2], BFLOAT16)],
  outputs: [valueInfo('y', [2])],
});

/** The last of a domain counts. */
const opset = (version: number) => field(8, message(field(1, ''), field(2, version)));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-outputs-'));
  await writeFile(join(folder, 'tiny.onnx'), TINY_ONNX);
  await writeFile(join(folder, 'tensorrt.onnx'), TENSORRT);
  await writeFile(join(folder, 'types.onnx'), OTHER_TYPES);
  await writeFile(join(folder, 'integers.onnx'), INTEGERS);
  await writeFile(join(folder, 'stored.onnx'), BF16_STORED);
  await writeFile(join(folder, 'computed.onnx'), BF16_COMPUTED);
  await writeFile(join(folder, 'input.onnx'), BF16_INPUT);
  await writeFile(join(folder, 'external.onnx'), external(8));
  await writeFile(join(folder, 'newer.onnx'), external(99));
  await writeFile(join(folder, 'newer-opset.onnx'), Buffer.concat([TINY_ONNX, opset(99)]));
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

  it('takes and gives bytes and integers, booleans as bytes', async () => {
    const graph = await load('integers.onnx');
    expect(graph.inputs.map(({ type }) => type)).toEqual(['uint8', 'int32']);
    const { same, whole2, less } = await graph.run({
      bytes: { shape: [3], data: Uint8Array.of(0, 7, 255) },
      whole: { shape: [2], data: Int32Array.of(3, -4) },
    });
    expect(same).toEqual({ shape: [3], data: Uint8Array.of(0, 7, 255) });
    expect(whole2).toEqual({ shape: [2], data: Int32Array.of(6, -8) });
    expect(less).toEqual({ shape: [2], data: Uint8Array.of(0, 1) });
    graph.dispose();
  });

  it('takes weights that are kept in bfloat16', async () => {
    const graph = await load('stored.onnx');
    const { y } = await graph.run({ x: { shape: [2], data: Float32Array.of(1.5, 3) } });
    expect(y.data).toEqual(Float32Array.of(2.5, 5));
    graph.dispose();
  });

  it.each([
    ['computed.onnx', 'w'],
    ['input.onnx', 'x'],
  ])('refuses bfloat16 that is computed with or fed by name: %s', async (name, tensor) => {
    await expect(load(name)).rejects.toThrow(
      `expected numbers that ONNX Runtime computes with, received bfloat16: "${tensor}" (`,
    );
    await expect(load(name)).rejects.toThrow('export in float32 or float16');
  });

  it('says that a file is newer than the runtime', async () => {
    for (const name of ['newer.onnx', 'newer-opset.onnx'])
      await expect(load(name)).rejects.toThrow('The file is newer than this runtime: export with opset 17 to 20');
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
