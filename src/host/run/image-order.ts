/** The order in which a person meets a run's images. */
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import type { ImageOrder } from '../base/settings-schema.js';

const COLUMN = {
  sum: 'lossSum',
  mean: 'lossMean',
  maximum: 'lossMax',
  entropy: 'entropy',
  mistakenness: 'mistakenness',
} as const;

/**
 * What an order compares: a loss in nats (0 where no RoI is selected), an entropy in nats or a mistakenness in [0, 1]
 * (-1 unknown).
 */
export function orderValue(image: ImageSummary, order: ImageOrder): number {
  return image[COLUMN[order]];
}

/**
 * Indices of the images, hardest first: value descending, equal ones in file order, images without a number after them,
 * failed images last.
 * Cost: n log n.
 */
export function orderImages(images: readonly ImageSummary[], order: ImageOrder): Int32Array {
  const keys = Float64Array.from(images, (image) => (image.error === '' ? finiteOr(orderValue(image, order), -1) : -2));
  const keyOf = (image: number) => keys[image] ?? -2;
  return Int32Array.from(images.keys()).sort((a, b) => keyOf(b) - keyOf(a) || a - b);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
