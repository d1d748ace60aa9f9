/** Checks that stand before every backend, so that a wrong tensor gives the same line whichever of them runs. */
import { MiningError } from '../core/mining-error.js';
import { said } from '../core/said.js';
import type { Tensor, TensorInfo, TensorType } from '../core/graph.js';

export type Feeds = Readonly<Record<string, Tensor>>;

/** `float32 [1,3,416,416]`; an open dimension is `?`, an unknown rank `[…]`. */
export function describeTensor(type: TensorType, shape: readonly number[] | null): string {
  const dims = shape === null ? '…' : shape.map((dim) => (dim < 0 ? '?' : dim)).join(',');
  return `${type} [${dims}]`;
}

/** The type of a tensor by its array. */
export function typeOf(tensor: Tensor): TensorType {
  if (tensor.data instanceof Float32Array) return 'float32';
  return tensor.data instanceof Int32Array ? 'int32' : 'uint8';
}

/** Elements of a tensor of this shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

/**
 * Do the feeds fit the graph's inputs: every input there, of its type and shape, with as many values as its shape says?
 * @param file the checkpoint, named in the error.
 * @throws MiningError 'engine' for the first input that does not fit, and for a feed that the graph does not have.
 */
export function checkFeeds(inputs: readonly TensorInfo[], feeds: Feeds, file: string): void {
  for (const info of inputs) checkFeed(info, feeds[info.name], file);
  const stranger = Object.keys(feeds).find((name) => !inputs.some((info) => info.name === name));
  if (stranger !== undefined) {
    throw new MiningError('engine', 'inputs', inputs.map((info) => info.name).join(', '), stranger, { file });
  }
}

function checkFeed(info: TensorInfo, feed: Tensor | undefined, file: string): void {
  const expected = describeTensor(info.type, info.shape);
  const where = said`input ${info.name}`;
  if (feed === undefined) throw new MiningError('engine', where, expected, 'nothing', { file });
  if (typeOf(feed) !== info.type || !fits(info.shape, feed.shape)) {
    throw new MiningError('engine', where, expected, describeTensor(typeOf(feed), feed.shape), { file });
  }
  if (feed.data.length !== sizeOf(feed.shape)) {
    throw new MiningError('engine', where, said`${sizeOf(feed.shape)} values`, String(feed.data.length), { file });
  }
}

function fits(expected: readonly number[] | null, shape: readonly number[]): boolean {
  if (expected === null) return true;
  return expected.length === shape.length && expected.every((dim, i) => dim < 0 || dim === shape[i]);
}
