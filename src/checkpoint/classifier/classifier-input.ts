/** Where a classifier takes its images: [N,H,W], [N,H,W,C] or [N,C,H,W], C 1 or 3. */
import type { Tensor, TensorInfo } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import type { GraphContract } from '../files/contract.js';
import type { InputForm } from '../pixels/preprocess.js';

export interface ClassifierInput {
  readonly name: string;
  readonly form: InputForm;
  readonly numChannels: 1 | 3;
  /** Shape without the batch. */
  readonly shape: readonly number[];
  /** Images a call: the batch that the graph fixes; null: any. */
  readonly batch: number | null;
  readonly type: 'float32' | 'int32' | 'uint8';
}

/**
 * Finds the only input, which takes images.
 * @param contract gives the size where the graph leaves it open.
 * @throws MiningError 'checkpoint' for other inputs, and an open size that nobody gives.
 */
export function classifierInput(
  inputs: readonly TensorInfo[],
  contract: GraphContract | null,
  path: string,
): ClassifierInput {
  const [info] = inputs;
  const shape = info?.shape ?? [];
  const layout = layoutOf(shape);
  if (inputs.length !== 1 || layout === null) {
    const received = inputs
      .map(({ name, type, shape: dims }) => `${name} ${type} [${dims?.join(',') ?? '…'}]`)
      .join('; ');
    throw new MiningError(
      'checkpoint',
      'inputs',
      'one [N,H,W], [N,H,W,C] or [N,C,H,W] of 1 or 3 channels',
      received || 'none',
      { file: path },
    );
  }
  const { numChannels } = layout;
  const height = layout.height > 0 ? layout.height : contract?.input?.height;
  const width = layout.width > 0 ? layout.width : contract?.input?.width;
  if (height === undefined || width === undefined) {
    throw new MiningError('checkpoint', 'contract.input', 'a size, which the model leaves open', 'none', {
      file: path,
    });
  }
  const perImage =
    shape.length === 3 ? [height, width] : layout.isNchw ? [numChannels, height, width] : [height, width, numChannels];
  return {
    name: info.name,
    form: { width, height, layout: layout.isNchw ? 'nchw' : 'nhwc' },
    numChannels,
    shape: perImage,
    batch: shape[0] > 0 ? shape[0] : null,
    type: info.type,
  };
}

interface Layout {
  readonly isNchw: boolean;
  readonly numChannels: 1 | 3;
  readonly height: number;
  readonly width: number;
}

function layoutOf(shape: readonly number[]): Layout | null {
  const isChannels = (dim: number): dim is 1 | 3 => dim === 1 || dim === 3;
  const [, a, b, c] = shape;
  if (shape.length === 3) return { isNchw: false, numChannels: 1, height: a, width: b };
  if (shape.length !== 4) return null;
  if (isChannels(c) && !isChannels(a)) return { isNchw: false, numChannels: c, height: a, width: b };
  return isChannels(a) ? { isNchw: true, numChannels: a, height: b, width: c } : null;
}

/** Values of one image. */
export function numValues(input: ClassifierInput): number {
  return input.shape.reduce((a, b) => a * b, 1);
}

/** Images one after the other as the input's tensor: integer inputs take the pixels' own values. */
export function tensorOf(input: ClassifierInput, data: Float32Array): Tensor {
  const shape = [data.length / numValues(input), ...input.shape];
  if (input.type === 'float32') return { shape, data };
  return {
    shape,
    data: input.type === 'int32' ? Int32Array.from(data, Math.round) : Uint8Array.from(data, Math.round),
  };
}
