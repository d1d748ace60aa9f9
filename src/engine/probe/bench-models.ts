/**
 * The small convolutional network whose forwards a second tell how fast a backend is on this machine: five 3 x 3
 * convolutions over 160 x 160 x 3, 182 million multiplications. Written when it is needed. All its weights are equal,
 * so away from the border its answer is one number, which shows whether a backend computes at all.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tensor } from '../../core/graph.js';
import { OPERATORS, tfliteBytes } from '../tflite/write-tflite.js';

const SIZE = 160;
/** Output channels and stride. */
const LAYERS: readonly (readonly [number, number])[] = [
  [32, 2],
  [64, 2],
  [64, 1],
  [64, 1],
  [128, 2],
];
const WEIGHT = 0.01;

interface Layer {
  readonly name: string;
  readonly input: string;
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}
const layers: readonly Layer[] = LAYERS.map(([to, stride], i) => ({
  name: `relu${i}`,
  input: i === 0 ? 'x' : `relu${i - 1}`,
  from: LAYERS[i - 1]?.[0] ?? 3,
  to,
  stride,
}));
const LAST = `relu${layers.length - 1}`;

/** Every input value, and what comes out in the middle. */
export const BENCH_INPUT = 0.5;
export const BENCH_ANSWER = layers.reduce((value, { from }) => value * 9 * from * WEIGHT, BENCH_INPUT);

/** The value in the middle of channel 0 of an answer [1, C, H, W] or [1, H, W, C]; NaN: it is no such answer. */
export function middleOf({ shape, data }: Tensor): number {
  const side = SIZE / 8;
  const pixel = (side / 2) * side + side / 2;
  const [, second, , last = NaN] = shape;
  return data[second === side ? pixel * last : pixel] ?? NaN;
}

/** How the network is written into a folder, by format. @returns its path. */
const WRITERS: Readonly<Record<string, (folder: string) => Promise<string>>> = {
  onnx: (folder) => written(join(folder, 'bench.onnx'), onnxBytes()),
  tflite: (folder) => written(join(folder, 'bench.tflite'), liteBytes()),
  async 'tfjs-graph'(folder) {
    await writeFile(join(folder, 'bench.bin'), Buffer.concat(layers.map(weights)));
    return written(join(folder, 'model.json'), JSON.stringify(graphModel()));
  },
};

/** Writes the network into a folder. @returns its path; null where it cannot be written in any of the formats. */
export async function writeBenchModel(
  folder: string,
  formats: readonly string[],
): Promise<{ readonly path: string; readonly format: string } | null> {
  for (const format of formats) {
    const write = WRITERS[format];
    if (write !== undefined) return { path: await write(folder), format };
  }
  return null;
}

async function written(path: string, content: string | Uint8Array): Promise<string> {
  await writeFile(path, content);
  return path;
}

function weights({ from, to }: Layer): Uint8Array {
  return new Uint8Array(new Float32Array(9 * from * to).fill(WEIGHT).buffer);
}

function graphModel(): object {
  const float = { type: 'DT_FLOAT' };
  const dim = [1, SIZE, SIZE, 3].map((size) => ({ size: String(size) }));
  const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
  const list = (...values: number[]) => ({ list: { i: values.map(String) } });
  const node = layers.flatMap(({ name, input, stride }) => [
    { name: `${name}/w`, op: 'Const', attr: { dtype: float } },
    {
      name: `${name}/conv`,
      op: 'Conv2D',
      input: [input, `${name}/w`],
      attr: {
        T: float,
        strides: list(1, stride, stride, 1),
        dilations: list(1, 1, 1, 1),
        padding: text('SAME'),
        data_format: text('NHWC'),
      },
    },
    { name, op: 'Relu', input: [`${name}/conv`], attr: { T: float } },
  ]);
  return {
    format: 'graph-model',
    modelTopology: {
      node: [{ name: 'x', op: 'Placeholder', attr: { dtype: float, shape: { shape: { dim } } } }, ...node],
      versions: { producer: 1 },
    },
    weightsManifest: [
      {
        paths: ['bench.bin'],
        weights: layers.map(({ name, from, to }) => ({ name: `${name}/w`, shape: [3, 3, from, to], dtype: 'float32' })),
      },
    ],
  };
}

/** Of the schema's union of options, CONV_2D's; the number of a RELU in one of its fields. */
const CONV_2D_OPTIONS = 1;
const SAME = 0;
const RELU = 1;

function liteBytes(): Uint8Array {
  const sides = layers.map(
    (_, i) => SIZE / layers.slice(0, i + 1).reduce((product, { stride }) => product * stride, 1),
  );
  const constants = layers.flatMap((layer) => [
    { name: `${layer.name}/w`, shape: [layer.to, 3, 3, layer.from], data: weights(layer) },
    { name: `${layer.name}/b`, shape: [layer.to], data: new Uint8Array(4 * layer.to) },
  ]);
  const made = layers.map(({ name, to }, i) => ({ name, shape: [1, sides[i] ?? 0, sides[i] ?? 0, to] }));
  return tfliteBytes({
    tensors: [{ name: 'x', shape: [1, SIZE, SIZE, 3] }, ...constants, ...made],
    operators: layers.map(({ name, input, stride }) => ({
      code: OPERATORS.CONV_2D,
      inputs: [input, `${name}/w`, `${name}/b`],
      outputs: [name],
      options: { type: CONV_2D_OPTIONS, fields: [SAME, stride, stride, RELU, 1, 1] },
    })),
    inputs: ['x'],
    outputs: [LAST],
  });
}

/** Source: onnx/onnx.proto; one field of protobuf's wire format: a number is a varint, the rest length-delimited. */
function onnxBytes(): Uint8Array {
  const nodes = layers.flatMap(({ name, input, stride }) => [
    node('Conv', [input, `${name}/w`], `${name}/conv`, ints('strides', [stride, stride]), ints('pads', [1, 1, 1, 1])),
    node('Relu', [`${name}/conv`], name),
  ]);
  const initializers = layers.map((layer) =>
    message([
      ...[layer.to, layer.from, 3, 3].map((size) => field(1, size)),
      field(2, 1),
      field(8, `${layer.name}/w`),
      field(9, weights(layer)),
    ]),
  );
  const graph = message([
    ...nodes.map((each) => field(1, each)),
    field(2, 'bench'),
    ...initializers.map((each) => field(5, each)),
    field(11, valueInfo('x', [1, 3, SIZE, SIZE])),
    field(12, valueInfo(LAST, [1, layers.at(-1)?.to ?? 3, SIZE / 8, SIZE / 8])),
  ]);
  return message([field(1, 8), field(7, graph), field(8, message([field(1, ''), field(2, 13)]))]);
}

function node(op: string, inputs: readonly string[], output: string, ...attributes: readonly Uint8Array[]): Uint8Array {
  return message([
    ...inputs.map((name) => field(1, name)),
    field(2, output),
    field(4, op),
    ...attributes.map((attribute) => field(5, attribute)),
  ]);
}

function ints(name: string, values: readonly number[]): Uint8Array {
  return message([field(1, name), ...values.map((value) => field(8, value)), field(20, 7)]);
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const dims = message(shape.map((size) => field(1, message([field(1, size)]))));
  return message([field(1, name), field(2, message([field(1, message([field(1, 1), field(2, dims)]))]))]);
}

function message(fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function field(number: number, value: number | string | Uint8Array): Uint8Array {
  if (typeof value === 'number') return Buffer.from([...varint(number * 8), ...varint(value)]);
  const body = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([Buffer.from([...varint(number * 8 + 2), ...varint(body.length)]), body]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
