/** The order in which a person meets a run's images. */
import { hasNoFiniteLoss } from '../../core/facts/run-manifest.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { rankRows } from '../../core/rank.js';
import { orderValue, type ImageOrder } from '../../core/facts/image-orders.js';

/**
 * Indices of the images, hardest first: value descending, equal ones in file order, images without a number after them,
 * then those without a finite loss, whatever the order, and failed images last.
 * Cost: linear.
 */
export function orderImages(images: readonly ImageSummary[], order: ImageOrder): Int32Array {
  const keys = new Float64Array(images.length);
  const rows = new Int32Array(images.length);
  for (const [i, image] of images.entries()) {
    rows[i] = i;
    keys[i] = image.error !== '' ? -3 : hasNoFiniteLoss(image) ? -2 : finiteOr(orderValue(image, order), -1);
  }
  return rankRows(keys, rows);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
