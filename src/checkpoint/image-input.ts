/** The input of a graph that takes the image, its size and form, and what the other inputs are fed. */
import type { Graph, Tensor, TensorInfo } from '../core/graph.js';
import { MiningError } from '../core/mining-error.js';
import { said } from '../core/said.js';
import type { GraphContract } from './files/contract.js';
import type { InputForm } from './pixels/preprocess.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface ImageInput {
  readonly name: string;
  readonly form: InputForm;
  /** Pixels as they are; TensorFlow.js has no bytes and takes integers for them. */
  readonly takesBytes: boolean;
  /** Images a forward takes, all the same one; null: no such axis. */
  readonly batch: number | null;
  /** May an image bring its own size? */
  readonly isOpen: boolean;
  /** Every feed of a forward. @param values of one image of this size. */
  feeds(values: Float32Array, size: Size): Readonly<Record<string, Tensor>>;
}

/** Inputs beside the image that exporters name alike; each as if the image were the input: no resize to undo. */
const SIDE_INPUTS: Readonly<Record<string, (size: Size) => { shape: readonly number[]; values: readonly number[] }>> = {
  // RT-DETR, D-FINE, DEIM: (w, h), to which boxes are scaled.
  orig_target_sizes: ({ width, height }) => ({ shape: [2], values: [width, height] }),
  // Paddle: (h, w), and the resize as (y, x), by which boxes are divided.
  im_shape: ({ width, height }) => ({ shape: [2], values: [height, width] }),
  scale_factor: () => ({ shape: [2], values: [1, 1] }),
  // Hugging Face: 1 where the image lies, which is everywhere.
  pixel_mask: ({ width, height }) => ({
    shape: [height, width],
    values: new Array<number>(height * width).fill(1),
  }),
};

/**
 * Finds the image among a graph's inputs.
 * @param asked sizes for an open input, first come first served: of the contract, of a sidecar, of the family.
 * @throws MiningError 'checkpoint' when no input or several could be the image, another is unknown, or the contract's
 * size is not the graph's.
 */
export function imageInputOf(
  graph: Graph,
  path: string,
  contract: GraphContract | null,
  asked: readonly (Size | undefined)[],
): ImageInput {
  const images = graph.inputs.filter((info) => SIDE_INPUTS[info.name] === undefined && layoutOf(info) !== null);
  const others = graph.inputs.filter((info) => SIDE_INPUTS[info.name] === undefined && !images.includes(info));
  const [info] = images;
  const layout = info === undefined ? null : layoutOf(info);
  if (info === undefined || layout === null || images.length > 1 || others.length > 0) throw noImage(graph, path);
  const form = sizedForm(info, layout, contract, asked, path);
  const axes = info.shape ?? [];
  const batch = axes.length === 3 ? null : Math.max(1, axes[0] ?? 1);
  const sideInputs = graph.inputs.filter((other) => other !== info);
  return {
    name: info.name,
    form,
    takesBytes: info.type !== 'float32',
    batch,
    isOpen: spatialAxes(info, layout).every((dim) => dim < 0),
    feeds: (values, size) => ({
      [info.name]: imageTensor(info, layout, batch, values, size),
      ...Object.fromEntries(sideInputs.map((other) => [other.name, sideTensor(other, size, batch ?? 1)])),
    }),
  };
}

/** Where an image's channels stand: second or last of four axes, first or last of three. Four open axes: second. */
function layoutOf({ shape }: TensorInfo): InputForm['layout'] | null {
  const channels = shape?.length === 4 ? shape.slice(1) : shape?.length === 3 ? shape : [];
  if (channels[0] === 3) return 'nchw';
  if (channels[2] === 3) return 'nhwc';
  return shape?.length === 4 && channels.every((dim) => dim < 0) ? 'nchw' : null;
}

/** Height and width. */
function spatialAxes({ shape }: TensorInfo, layout: InputForm['layout']): readonly [number, number] {
  const axes = shape ?? [];
  const [height = -1, width = -1] = layout === 'nchw' ? axes.slice(-2) : axes.slice(-3, -1);
  return [height, width];
}

function sizedForm(
  info: TensorInfo,
  layout: InputForm['layout'],
  contract: GraphContract | null,
  asked: readonly (Size | undefined)[],
  path: string,
): InputForm {
  const [fixedHeight, fixedWidth] = spatialAxes(info, layout);
  const size = asked.find((each) => each !== undefined) ?? { width: 640, height: 640 };
  const width = fixedWidth > 0 ? fixedWidth : size.width;
  const height = fixedHeight > 0 ? fixedHeight : size.height;
  const own = contract?.input;
  if (own !== undefined && (own.width !== width || own.height !== height)) {
    const expected = said`${width} x ${height} as the model has it`;
    throw new MiningError('checkpoint', 'contract.input', expected, `${own.width} x ${own.height}`, { file: path });
  }
  return { width, height, layout };
}

function noImage(graph: Graph, path: string): MiningError {
  const received = graph.inputs.map(({ name, type, shape }) => `${name} ${type} [${shape?.join(',') ?? '…'}]`);
  const expected = said`one image, [1,3,H,W] or [1,H,W,3]; beside it ${Object.keys(SIDE_INPUTS).join(', ')}`;
  return new MiningError('checkpoint', 'inputs', expected, received.join('; ') || 'none', { file: path });
}

function imageTensor(
  info: TensorInfo,
  layout: InputForm['layout'],
  batch: number | null,
  values: Float32Array,
  { width, height }: Size,
): Tensor {
  const one = layout === 'nchw' ? [3, height, width] : [height, width, 3];
  return { shape: batch === null ? one : [batch, ...one], data: typed(info, values, batch ?? 1) };
}

function sideTensor(info: TensorInfo, size: Size, batch: number): Tensor {
  const fill = SIDE_INPUTS[info.name];
  if (fill === undefined) throw new TypeError(`${info.name} is no side input`);
  const { shape, values } = fill(size);
  return { shape: [batch, ...shape], data: typed(info, Float32Array.from(values), batch) };
}

function typed({ type }: TensorInfo, values: Float32Array, times: number): Tensor['data'] {
  const all = times === 1 ? values : repeated(values, times);
  if (type === 'float32') return all;
  return type === 'uint8' ? Uint8Array.from(all) : Int32Array.from(all);
}

function repeated(values: Float32Array, times: number): Float32Array {
  const all = new Float32Array(values.length * times);
  for (let i = 0; i < times; i++) all.set(values, i * values.length);
  return all;
}

/** What a forward gave for the first image of a batch. */
export function firstOfBatch(
  outputs: Readonly<Record<string, Tensor>>,
  batch: number | null,
): Readonly<Record<string, Tensor>> {
  if (batch === null || batch === 1) return outputs;
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { shape, data }]) =>
      shape[0] === batch
        ? [name, { shape: [1, ...shape.slice(1)], data: data.subarray(0, data.length / batch) }]
        : [name, { shape, data }],
    ),
  );
}
