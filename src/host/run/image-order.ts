/** The order in which a person meets a run's images. */
import { hasNoFiniteLoss } from '../../core/facts/run-manifest.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { orderValue, type ImageOrder } from '../../core/facts/image-orders.js';

/**
 * Indices of the images, hardest first: value descending, equal ones in file order, images without a number after them,
 * then those without a finite loss, whatever the order, and failed images last.
 * Cost: n log n.
 */
export function orderImages(images: readonly ImageSummary[], order: ImageOrder): Int32Array {
  const keys = Float64Array.from(images, (image) => {
    if (image.error !== '') return -3;
    return hasNoFiniteLoss(image) ? -2 : finiteOr(orderValue(image, order), -1);
  });
  const keyOf = (image: number) => keys[image] ?? -3;
  return Int32Array.from(images.keys()).sort((a, b) => keyOf(b) - keyOf(a) || a - b);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
