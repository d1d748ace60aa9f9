/** The order in which a person meets a run's images. */
import { withoutLoss, type ImageList } from '../../core/facts/image-list.js';
import { IMAGE_ORDERS, type ImageOrder } from '../../core/facts/image-orders.js';
import { rankRows } from '../../core/rank.js';

/**
 * Indices of the images, hardest first: value descending, equal ones in file order, images without a number after them,
 * then those without a finite loss, whatever the order, and failed images last.
 * Cost: linear, over five columns.
 */
export function orderImages(images: ImageList, order: ImageOrder): Int32Array {
  const values = images.column(IMAGE_ORDERS[order].column);
  const failed = images.given('error');
  const lossless = withoutLoss(images);
  const keys = new Float64Array(values.length);
  const rows = new Int32Array(values.length);
  for (let i = 0; i < rows.length; i++) {
    rows[i] = i;
    keys[i] = failed[i] === 1 ? -3 : lossless[i] === 1 ? -2 : finiteOr(values[i] ?? -1, -1);
  }
  return rankRows(keys, rows);
}

function finiteOr(value: number, otherwise: number): number {
  return Number.isFinite(value) ? value : otherwise;
}
