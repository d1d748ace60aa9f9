/** TensorFlow Lite's types, inner tensors and refusals, run by the real runtime. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Graph, TensorData } from '../../../../src/core/graph.js';
import type { Engine } from '../../../../src/engine/engine.js';
import { litertWasm } from '../../../../src/engine/tflite/litert-wasm.js';
import { OPERATORS, tfliteBytes, TYPES, type WrittenTensor } from '../../../../src/engine/tflite/write-tflite.js';
import { TINY_TFLITE } from '../../../contract/tiny-models.js';

let folder = '';
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-litert-'));
  engine = await litertWasm.start();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(bytes: Uint8Array, ...outputs: string[]): Promise<Graph> {
  const path = join(folder, 'm.tflite');
  await writeFile(path, bytes);
  return engine.loadGraph(path, 'tflite', outputs);
}

/** y = x, by a reshape, which takes any type and leaves values as they are. */
const same = (tensor: Omit<WrittenTensor, 'name' | 'shape'>): Uint8Array =>
  tfliteBytes({
    tensors: [
      { ...tensor, name: 'x', shape: [1, 4] },
      { ...tensor, name: 'y', shape: [4, 1] },
      { name: 'shape', shape: [2], type: TYPES.INT32, data: new Uint8Array(Int32Array.of(4, 1).buffer) },
    ],
    operators: [{ code: OPERATORS.RESHAPE, inputs: ['x', 'shape'], outputs: ['y'] }],
    inputs: ['x'],
    outputs: ['y'],
  });

async function through(bytes: Uint8Array, data: TensorData): Promise<[string, TensorData]> {
  const graph = await load(bytes);
  const { y } = await graph.run({ x: { shape: [1, 4], data } });
  return [graph.inputs[0].type, y.data];
}

describe('types', () => {
  it('that are not quantised are float32, int32 or uint8', async () => {
    const floats = Float32Array.of(0.5, -2, 1.25, 3);
    const ints = Int32Array.of(1, -2, 3, -4);
    expect(await through(same({}), floats)).toEqual(['float32', floats]);
    expect(await through(same({ type: TYPES.FLOAT16 }), floats)).toEqual(['float32', floats]);
    expect(await through(same({ type: TYPES.INT32 }), ints)).toEqual(['int32', ints]);
    expect(await through(same({ type: TYPES.INT64 }), ints)).toEqual(['int32', ints]);
    expect(await through(same({ type: TYPES.UINT8 }), Uint8Array.of(0, 1, 254, 255))).toEqual([
      'uint8',
      Uint8Array.of(0, 1, 254, 255),
    ]);
  });

  it('that are quantised are floats, of the nearest step', async () => {
    const tensor = { type: TYPES.INT8, quantization: { scale: 0.25, zeroPoint: 10 } };
    const [type, values] = await through(same(tensor), Float32Array.of(0, 1.1, -99, 99));
    expect([type, [...values]]).toEqual(['float32', [0, 1, (-128 - 10) * 0.25, (127 - 10) * 0.25]]);
  });

  it.each([
    ['uint8 of 0…1', TYPES.UINT8, 1 / 255, 0, [0, 1 / 255, 128 / 255, 1]],
    ['int8 of 0…1', TYPES.INT8, 1 / 255, -128, [0, 1 / 255, 128 / 255, 1]],
    ['uint8 of -1…1', TYPES.UINT8, 1 / 128, 128, [-1, -127 / 128, 0, 127 / 128]],
    ['uint8 of 0…255', TYPES.UINT8, 1, 0, [0, 1, 128, 255]],
  ])('take whole pixels where their steps are those of pixels: %s', async (_, type, scale, zeroPoint, expected) => {
    const [taken, values] = await through(
      same({ type, quantization: { scale, zeroPoint } }),
      Uint8Array.of(0, 1, 128, 255),
    );
    expect(taken).toBe('uint8');
    expected.forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
  });
});

it('an int8 input whose steps mean nothing is refused, where pixels above 127 would be negative', async () => {
  await expect(load(same({ type: TYPES.INT8 }))).rejects.toThrow(/input x: expected int8 with one scale/);
});

describe('outputs', () => {
  it('are inner tensors where they are asked for, without the operators behind them', async () => {
    const bytes = tfliteBytes({
      tensors: ['x', 'double', 'end'].map((name) => ({ name, shape: [1, 2] })),
      operators: [
        { code: OPERATORS.ADD, inputs: ['x', 'x'], outputs: ['double'] },
        { code: OPERATORS.CUSTOM, custom: 'TFLite_Detection_PostProcess', inputs: ['double'], outputs: ['end'] },
      ],
      inputs: ['x'],
      outputs: ['end'],
      signature: { boxes: 'end' },
    });
    await expect(load(bytes)).rejects.toThrow(
      /operators: expected those of LiteRT.js, received TFLite_Detection_PostProcess .*NMS is inside/,
    );
    const graph = await load(bytes, 'double');
    expect(await graph.run({ x: { shape: [1, 2], data: Float32Array.of(1, 2) } })).toEqual({
      double: { shape: [1, 2], data: Float32Array.of(2, 4) },
    });
    await expect(load(bytes, 'nowhere')).rejects.toThrow(
      'outputs: expected names of tensors that an operator makes, received "nowhere"',
    );
  });

  it('have the names of the signature', async () => {
    const bytes = tfliteBytes({
      tensors: ['x', 'StatefulPartitionedCall:0'].map((name) => ({ name, shape: [1, 2] })),
      operators: [{ code: OPERATORS.ADD, inputs: ['x', 'x'], outputs: ['StatefulPartitionedCall:0'] }],
      inputs: ['x'],
      outputs: ['StatefulPartitionedCall:0'],
      signature: { boxes: 'StatefulPartitionedCall:0' },
    });
    const { boxes } = await (await load(bytes)).run({ x: { shape: [1, 2], data: Float32Array.of(1, 2) } });
    expect(boxes.data).toEqual(Float32Array.of(2, 4));
  });
});

describe('what LiteRT.js cannot do', () => {
  const withShape = (shapeSignature: number[]) =>
    tfliteBytes({
      tensors: ['x', 'y'].map((name) => ({ name, shape: [1, 1, 1, 3], shapeSignature })),
      operators: [{ code: OPERATORS.RELU, inputs: ['x'], outputs: ['y'] }],
      inputs: ['x'],
      outputs: ['y'],
    });

  it('is an open size; an open batch is one image', async () => {
    await expect(load(withShape([-1, -1, -1, 3]))).rejects.toThrow(
      /input x: expected a fixed shape, received \[\?,\?,\?,3\].*fixed input size, or to ONNX/,
    );
    const graph = await load(withShape([-1, 1, 1, 3]));
    const { y } = await graph.run({ x: { shape: [1, 1, 1, 3], data: Float32Array.of(-1, 2, 3) } });
    expect(y.data).toEqual(Float32Array.of(0, 2, 3));
  });

  it('is an operator of TensorFlow, or of somebody else', async () => {
    const custom = (name: string) =>
      tfliteBytes({
        tensors: ['x', 'y'].map((each) => ({ name: each, shape: [1, 2] })),
        operators: [{ code: OPERATORS.CUSTOM, custom: name, inputs: ['x'], outputs: ['y'] }],
        inputs: ['x'],
        outputs: ['y'],
      });
    await expect(load(custom('FlexErf'))).rejects.toThrow(/received FlexErf .*TFLITE_BUILTINS alone, or to ONNX/);
    // The runtime looks for it when it is first run.
    const strange = load(custom('TheirOwn')).then((graph) =>
      graph.run({ x: { shape: [1, 2], data: new Float32Array(2) } }),
    );
    await expect(strange).rejects.toThrow(/run: expected a forward pass, received .*unresolved custom op: TheirOwn/);
  });

  it('is an operator whose inputs do not fit: an error, never numbers', async () => {
    const bytes = tfliteBytes({
      tensors: [
        { name: 'x', shape: [1, 3] },
        { name: 'w', shape: [5], data: new Uint8Array(20) },
        { name: 'y', shape: [1, 3] },
      ],
      operators: [{ code: OPERATORS.MUL, inputs: ['x', 'w'], outputs: ['y'] }],
      inputs: ['x'],
      outputs: ['y'],
    });
    const outcome = load(bytes).then((graph) => graph.run({ x: { shape: [1, 3], data: new Float32Array(3) } }));
    await expect(outcome).rejects.toThrow(/run: expected a forward pass, received .*failed to prepare/);
  });

  it('is a damaged file: one clear error, whichever byte is wrong', async () => {
    for (let at = 8; at < TINY_TFLITE.length; at += 41) {
      const bytes = Uint8Array.from(TINY_TFLITE);
      bytes[at] ^= 0xff;
      const graph = await load(bytes).catch((error: unknown) => error);
      if (!('run' in (graph as object))) expect(graph).toMatchObject({ code: 'checkpoint' });
    }
  }, 60_000);
});
