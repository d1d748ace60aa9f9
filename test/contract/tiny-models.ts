/** ONNX and TensorFlow.js models of a few bytes, written by code, with answers that a person can check. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OPERATORS, tfliteBytes } from '../../src/engine/tflite/write-tflite.js';

/** One field of protobuf's wire format: a number is a varint, bytes and strings are length-delimited. */
export function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  const body = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(body.length)]), body]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

export const message = (...fields: Uint8Array[]): Uint8Array => Buffer.concat(fields);

export const FLOAT = 1;
export const UINT8 = 2;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

/** A ValueInfoProto; a string dimension is symbolic. */
export function valueInfo(name: string, shape: readonly (number | string)[], type = FLOAT): Uint8Array {
  const dims = shape.map((dim) => field(1, typeof dim === 'number' ? field(1, dim) : field(2, dim)));
  const tensor = message(field(1, type), field(2, message(...dims)));
  return message(field(1, name), field(2, field(1, tensor)));
}

/** A NodeProto. */
export function node(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  ...attributes: Uint8Array[]
): Uint8Array {
  return message(
    ...inputs.map((name) => field(1, name)),
    ...outputs.map((name) => field(2, name)),
    field(4, op),
    ...attributes.map((attribute) => field(5, attribute)),
  );
}

/** An integer attribute of a node. */
export const intAttribute = (name: string, value: number): Uint8Array =>
  message(field(1, name), field(3, value), field(20, 2));

/** An attribute of several integers. */
export const intsAttribute = (name: string, values: readonly number[]): Uint8Array =>
  message(field(1, name), ...values.map((value) => field(8, value)), field(20, 7));

/** A float32 (or int64) initializer. */
export function initializer(name: string, shape: readonly number[], values: Float32Array | BigInt64Array): Uint8Array {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const type = values instanceof Float32Array ? FLOAT : INT64;
  return message(...shape.map((dim) => field(1, dim)), field(2, type), field(8, name), field(9, raw));
}

export interface OnnxParts {
  readonly nodes: readonly Uint8Array[];
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly initializers?: readonly Uint8Array[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A ModelProto of IR version 8, opset 13. */
export function onnxModel({ nodes, inputs, outputs, initializers = [], metadata = {} }: OnnxParts): Uint8Array {
  const graph = message(
    ...nodes.map((each) => field(1, each)),
    field(2, 'g'),
    ...initializers.map((each) => field(5, each)),
    ...inputs.map((each) => field(11, each)),
    ...outputs.map((each) => field(12, each)),
  );
  const props = Object.entries(metadata).map(([key, value]) => field(14, message(field(1, key), field(2, value))));
  return message(field(1, 8), field(7, graph), field(8, message(field(1, ''), field(2, 13))), ...props);
}

/** y = x + x over float32 [2]: the smoke model of src/engine/onnx/onnxruntime-graph.ts. */
export const SMOKE_ONNX = onnxModel({
  nodes: [node('Add', ['x', 'x'], ['y'])],
  inputs: [valueInfo('x', [2])],
  outputs: [valueInfo('y', [2])],
});

/** sum = x * [1, 10, 100] + 1 for x [n, 3]; relu = max(sum, 0). */
export const TINY_ONNX = onnxModel({
  nodes: [
    node('Mul', ['x', 'scale'], ['product']),
    node('Add', ['product', 'one'], ['sum']),
    node('Relu', ['sum'], ['relu']),
  ],
  inputs: [valueInfo('x', ['n', 3])],
  outputs: [valueInfo('sum', ['n', 3]), valueInfo('relu', ['n', 3])],
  initializers: [initializer('scale', [3], Float32Array.of(1, 10, 100)), initializer('one', [1], Float32Array.of(1))],
  metadata: { author: 'test', names: '{0: "a"}' },
});

/** The same function as TINY_ONNX for x [1, 3], as a TensorFlow Lite model. */
export const TINY_TFLITE = tfliteBytes({
  tensors: [
    ...['x', 'product', 'sum', 'relu'].map((name) => ({ name, shape: [1, 3] })),
    { name: 'scale', shape: [3], data: new Uint8Array(Float32Array.of(1, 10, 100).buffer) },
    { name: 'one', shape: [1], data: new Uint8Array(Float32Array.of(1).buffer) },
  ],
  operators: [
    { code: OPERATORS.MUL, inputs: ['x', 'scale'], outputs: ['product'] },
    { code: OPERATORS.ADD, inputs: ['product', 'one'], outputs: ['sum'] },
    { code: OPERATORS.RELU, inputs: ['sum'], outputs: ['relu'] },
  ],
  inputs: ['x'],
  outputs: ['sum', 'relu'],
});

interface TfjsNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: object;
}

const dims = (shape: readonly number[]) => ({ dim: shape.map((size) => ({ size: String(size) })) });
const signatureOf = (name: string, shape: readonly number[]) => ({
  name: `${name}:0`,
  dtype: 'DT_FLOAT',
  tensorShape: dims(shape),
});

/** The same function as TINY_ONNX, as a TensorFlow.js graph model: model.json and weights.bin. */
export async function writeTinyGraphModel(folder: string): Promise<string> {
  const constant = (name: string, shape: readonly number[]): TfjsNode => ({
    name,
    op: 'Const',
    attr: { dtype: { type: 'DT_FLOAT' }, value: { tensor: { dtype: 'DT_FLOAT', tensorShape: dims(shape) } } },
  });
  const float = { T: { type: 'DT_FLOAT' } };
  const nodes: TfjsNode[] = [
    { name: 'x', op: 'Placeholder', attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: dims([-1, 3]) } } },
    constant('scale', [3]),
    constant('one', [1]),
    { name: 'product', op: 'Mul', input: ['x', 'scale'], attr: float },
    { name: 'plus', op: 'AddV2', input: ['product', 'one'], attr: float },
    { name: 'Relu', op: 'Relu', input: ['plus'], attr: float },
  ];
  const json = {
    format: 'graph-model',
    modelTopology: { node: nodes, versions: { producer: 1 } },
    signature: {
      inputs: { x: signatureOf('x', [-1, 3]) },
      outputs: { sum: signatureOf('plus', [-1, 3]), relu: signatureOf('Relu', [-1, 3]) },
    },
    userDefinedMetadata: { author: 'test', names: ['a'] },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [
          { name: 'scale', shape: [3], dtype: 'float32' },
          { name: 'one', shape: [1], dtype: 'float32' },
        ],
      },
    ],
  };
  return writeModel(folder, json, Float32Array.of(1, 10, 100, 1));
}

/** dense(x) = x · [[1], [10], [100]] + 1 for x [n, 3], as a layers model. */
export async function writeTinyLayersModel(folder: string): Promise<string> {
  const dense = {
    class_name: 'Dense',
    config: {
      name: 'dense',
      trainable: true,
      batch_input_shape: [null, 3],
      dtype: 'float32',
      units: 1,
      activation: 'linear',
      use_bias: true,
    },
  };
  const json = {
    format: 'layers-model',
    modelTopology: {
      keras_version: '2.2.4',
      backend: 'tensorflow',
      model_config: { class_name: 'Sequential', config: { name: 's', layers: [dense] } },
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [
          { name: 'dense/kernel', shape: [3, 1], dtype: 'float32' },
          { name: 'dense/bias', shape: [1], dtype: 'float32' },
        ],
      },
    ],
  };
  return writeModel(folder, json, Float32Array.of(1, 10, 100, 1));
}

async function writeModel(folder: string, json: object, weights: Float32Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.bin'), new Uint8Array(weights.buffer));
  const path = join(folder, 'model.json');
  await writeFile(path, JSON.stringify(json));
  return path;
}

/** One entry of a protobuf map with string keys. */
const entry = (number: number, key: string, value: Uint8Array): Uint8Array =>
  field(number, message(field(1, key), field(2, value)));
/** -1 is a varint of ten bytes. */
const MINUS_ONE = Buffer.from([0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
const tensorShape = (shape: readonly number[]): Uint8Array =>
  message(...shape.map((dim) => field(2, dim < 0 ? MINUS_ONE : field(1, dim))));

/** The same function as TINY_ONNX, as a SavedModel without variables: FOLDER/saved_model.pb. @returns the folder. */
export async function writeTinySavedModel(folder: string): Promise<string> {
  const type = field(6, FLOAT);
  const nodeDef = (
    name: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Uint8Array>>,
  ) =>
    field(
      1,
      message(
        field(1, name),
        field(2, op),
        ...inputs.map((input) => field(3, input)),
        ...Object.entries(attributes).map(([key, value]) => entry(5, key, value)),
      ),
    );
  const constant = (name: string, values: Float32Array) => {
    const tensor = message(
      field(1, FLOAT),
      field(2, tensorShape([values.length])),
      field(4, new Uint8Array(values.buffer)),
    );
    return nodeDef(name, 'Const', [], { dtype: type, value: field(8, tensor) });
  };
  const graph = message(
    nodeDef('x', 'Placeholder', [], { dtype: type, shape: field(7, tensorShape([-1, 3])) }),
    constant('scale', Float32Array.of(1, 10, 100)),
    constant('one', Float32Array.of(1)),
    nodeDef('product', 'Mul', ['x', 'scale'], { T: type }),
    nodeDef('plus', 'AddV2', ['product', 'one'], { T: type }),
    nodeDef('relu', 'Relu', ['plus'], { T: type }),
  );
  const info = (name: string) => message(field(1, `${name}:0`), field(2, FLOAT), field(3, tensorShape([-1, 3])));
  const signature = message(
    entry(1, 'x', info('x')),
    entry(2, 'sum', info('plus')),
    entry(2, 'relu', info('relu')),
    field(3, 'tensorflow/serving/predict'),
  );
  const metaGraph = message(field(1, field(4, 'serve')), field(2, graph), entry(5, 'serving_default', signature));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'saved_model.pb'), message(field(1, 1), field(2, metaGraph)));
  return folder;
}
