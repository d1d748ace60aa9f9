/** Losses of background that are all the same say nothing about which RoI is hard. */
import type { RoiTable } from '../tables.js';

/** Fewer equal losses may be chance. */
const LEAST_ROWS = 10;

/**
 * Makes the class losses of background NaN, so that none is ranked by its row, where all of at least 10 are one number:
 * an objectness of 1 everywhere, scores of 0 everywhere. Losses that are NaN already do not count.
 * @returns the loss that they had; null where they differ.
 * Cost: R.
 */
export function voidFlatLosses({ numRois, numClasses, gtClass, lossCls }: RoiTable): number | null {
  let flat = NaN;
  let count = 0;
  for (let row = 0; row < numRois; row++) {
    if (gtClass[row] !== numClasses || Number.isNaN(lossCls[row])) continue;
    if (count++ === 0) flat = lossCls[row];
    else if (lossCls[row] !== flat) return null;
  }
  if (count < LEAST_ROWS) return null;
  for (let row = 0; row < numRois; row++) if (gtClass[row] === numClasses) lossCls[row] = NaN;
  return flat;
}
