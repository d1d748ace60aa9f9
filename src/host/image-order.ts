/** The order in which a person meets a run's images. */
import type { ImageSummary } from '../core/run-manifest.js';
import type { ImageOrder } from './settings-schema.js';

const COLUMN = { sum: 'lossSum', mean: 'lossMean', maximum: 'lossMax' } as const;

/** The loss that an order compares, nats; 0 where no RoI is selected. */
export function orderLoss(image: ImageSummary, order: ImageOrder): number {
  return image[COLUMN[order]];
}

/**
 * Indices of the images, hardest first: loss descending, equal losses and images without a number in file order,
 * failed images last.
 * Cost: n log n.
 */
export function orderImages(images: readonly ImageSummary[], order: ImageOrder): Int32Array {
  const key = Float64Array.from(images, (image) => (image.error === '' ? finiteOr(orderLoss(image, order), -1) : -2));
  return Int32Array.from(images.keys()).sort((a, b) => key[b] - key[a] || a - b);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
