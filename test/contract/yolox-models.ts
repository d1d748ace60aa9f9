/**
 * One small network of YOLOX's form, with the same weights as ONNX and as a TensorFlow.js graph, and a contract beside
 * each.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../src/core/seeded-random.js';
import { initializer, intAttribute, intsAttribute, node, onnxModel, valueInfo } from './tiny-models.js';

const [WIDTH, HEIGHT] = [160, 128];
const CLASSES = ['screw', 'nut', 'washer', 'coin', 'button', 'key'];
const CHANNELS = [3, 8, 12, 16, 16, 16];
const COLUMNS = 5 + CLASSES.length;
/** Body layers whose features have the strides 8, 16, 32. */
const LEVELS = [2, 3, 4];

/** A convolution; kernel [side, side, from, to] as TensorFlow has it. */
interface Conv {
  readonly name: string;
  readonly input: string;
  readonly side: number;
  readonly stride: number;
  readonly from: number;
  readonly to: number;
  readonly then: 'Relu' | 'Sigmoid' | null;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

function convs(): Conv[] {
  const random = seededRandom(11);
  const conv = (
    name: string,
    input: string,
    side: number,
    stride: number,
    from: number,
    to: number,
    then: Conv['then'],
    bias: number,
  ): Conv => {
    const scale = Math.sqrt(6 / (side * side * from));
    const kernel = Float32Array.from({ length: side * side * from * to }, () => (random.next() * 2 - 1) * scale);
    return { name, input, side, stride, from, to, then, kernel, bias: new Float32Array(to).fill(bias) };
  };
  const body = CHANNELS.slice(1).map((to, i) =>
    conv(`body${i}`, i === 0 ? 'images' : `body${i - 1}_out`, 3, 2, CHANNELS[i], to, 'Relu', 0.1),
  );
  const heads = LEVELS.flatMap((layer) => [
    conv(`boxes${layer}`, `body${layer}_out`, 1, 1, CHANNELS[layer + 1], 4, null, 0),
    conv(`scores${layer}`, `body${layer}_out`, 1, 1, CHANNELS[layer + 1], COLUMNS - 4, 'Sigmoid', -2),
  ]);
  return [...body, ...heads];
}

const contract = (graph: string) =>
  JSON.stringify({
    family: 'yolox',
    graph,
    classes: CLASSES,
    decoded: false,
    preprocess: { mean: [128, 128, 128], std: [64, 64, 64], pad: 128 },
  });

/** Writes FOLDER/yolox.onnx, FOLDER/model.json and their contracts. @returns the contracts' paths. */
export async function writeYolox(folder: string): Promise<{ onnx: string; tfjs: string }> {
  const layers = convs();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'yolox.onnx'), onnxOf(layers));
  const { json, weights } = tfjsOf(layers);
  await writeFile(join(folder, 'weights.bin'), weights);
  await writeFile(join(folder, 'model.json'), JSON.stringify(json));
  const paths = { onnx: join(folder, 'yolox.ohem.json'), tfjs: join(folder, 'model.ohem.json') };
  await writeFile(paths.onnx, contract('yolox.onnx'));
  await writeFile(paths.tfjs, contract('model.json'));
  return paths;
}

function onnxOf(layers: readonly Conv[]): Uint8Array {
  const nodes = layers.flatMap(({ name, input, side, stride, then }) => {
    // What SAME means in TensorFlow where sizes are even: the odd pixel goes to the end.
    const pads = side === 1 ? [0, 0, 0, 0] : [0, 0, 1, 1];
    const conv = node(
      'Conv',
      [input, `${name}/k`, `${name}/b`],
      [then === null ? `${name}_out` : name],
      intsAttribute('strides', [stride, stride]),
      intsAttribute('pads', pads),
    );
    return then === null ? [conv] : [conv, node(then, [name], [`${name}_out`])];
  });
  const levels = LEVELS.flatMap((layer) => [
    node('Concat', [`boxes${layer}_out`, `scores${layer}_out`], [`both${layer}`], intAttribute('axis', 1)),
    node('Transpose', [`both${layer}`], [`last${layer}`], intsAttribute('perm', [0, 2, 3, 1])),
    node('Reshape', [`last${layer}`, 'rows_shape'], [`rows${layer}`]),
  ]);
  const weights = layers.flatMap((layer) => [
    initializer(`${layer.name}/k`, [layer.to, layer.from, layer.side, layer.side], asOihw(layer)),
    initializer(`${layer.name}/b`, [layer.to], layer.bias),
  ]);
  return onnxModel({
    nodes: [
      ...nodes,
      ...levels,
      node(
        'Concat',
        LEVELS.map((layer) => `rows${layer}`),
        ['rows'],
        intAttribute('axis', 1),
      ),
    ],
    inputs: [valueInfo('images', [1, 3, HEIGHT, WIDTH])],
    outputs: [valueInfo('rows', [1, 420, COLUMNS])],
    initializers: [...weights, initializer('rows_shape', [3], BigInt64Array.of(1n, -1n, BigInt(COLUMNS)))],
  });
}

/** [side, side, from, to] -> [to, from, side, side] */
function asOihw({ side, from, to, kernel }: Conv): Float32Array {
  const out = new Float32Array(kernel.length);
  for (let cell = 0, at = 0; cell < side * side; cell++) {
    for (let i = 0; i < from; i++)
      for (let o = 0; o < to; o++, at++) out[(o * from + i) * side * side + cell] = kernel[at];
  }
  return out;
}

function tfjsOf(layers: readonly Conv[]): { json: object; weights: Uint8Array } {
  const float = { type: 'DT_FLOAT' };
  const ints = (...values: number[]) => ({ list: { i: values.map(String) } });
  const text = (value: string) => ({ s: Buffer.from(value).toString('base64') });
  const constant = (name: string, type: string) => ({ name, op: 'Const', attr: { dtype: { type } } });
  const nodes = layers.flatMap(({ name, input, stride, then }) => [
    constant(`${name}/k`, 'DT_FLOAT'),
    constant(`${name}/b`, 'DT_FLOAT'),
    {
      name: `${name}/conv`,
      op: 'Conv2D',
      input: [input, `${name}/k`],
      attr: {
        T: float,
        strides: ints(1, stride, stride, 1),
        dilations: ints(1, 1, 1, 1),
        padding: text('SAME'),
        data_format: text('NHWC'),
      },
    },
    {
      name: then === null ? `${name}_out` : name,
      op: 'BiasAdd',
      input: [`${name}/conv`, `${name}/b`],
      attr: { T: float, data_format: text('NHWC') },
    },
    ...(then === null ? [] : [{ name: `${name}_out`, op: then, input: [name], attr: { T: float } }]),
  ]);
  const concat = (name: string, inputs: readonly string[], axis: string) => ({
    name,
    op: 'ConcatV2',
    input: [...inputs, axis],
    attr: { T: float, N: { i: String(inputs.length) }, Tidx: { type: 'DT_INT32' } },
  });
  const levels = LEVELS.flatMap((layer) => [
    concat(`both${layer}`, [`boxes${layer}_out`, `scores${layer}_out`], 'axis3'),
    {
      name: `rows${layer}`,
      op: 'Reshape',
      input: [`both${layer}`, 'rows_shape'],
      attr: { T: float, Tshape: { type: 'DT_INT32' } },
    },
  ]);
  const integers = [
    { name: 'axis3', shape: [], values: [3] },
    { name: 'axis1', shape: [], values: [1] },
    { name: 'rows_shape', shape: [3], values: [1, -1, COLUMNS] },
  ];
  const dim = [1, HEIGHT, WIDTH, 3].map((size) => ({ size: String(size) }));
  const json = {
    format: 'graph-model',
    modelTopology: {
      versions: { producer: 1 },
      node: [
        { name: 'images', op: 'Placeholder', attr: { dtype: float, shape: { shape: { dim } } } },
        ...nodes,
        ...integers.map(({ name }) => constant(name, 'DT_INT32')),
        ...levels,
        concat(
          'rows',
          LEVELS.map((layer) => `rows${layer}`),
          'axis1',
        ),
      ],
    },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: [
          ...layers.flatMap(({ name, side, from, to }) => [
            { name: `${name}/k`, shape: [side, side, from, to], dtype: 'float32' },
            { name: `${name}/b`, shape: [to], dtype: 'float32' },
          ]),
          ...integers.map(({ name, shape }) => ({ name, shape, dtype: 'int32' })),
        ],
      },
    ],
  };
  const arrays = [
    ...layers.flatMap(({ kernel, bias }) => [kernel, bias]),
    ...integers.map(({ values }) => Int32Array.from(values)),
  ];
  return { json, weights: Buffer.concat(arrays.map(({ buffer }) => new Uint8Array(buffer))) };
}
