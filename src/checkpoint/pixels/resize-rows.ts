/** What a resize kernel offers: rows of the smaller or larger image, one after the other. */
import type { RgbImage } from '../../core/graph.js';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Writes row `j` of the resized image into `row`: width * 3 bytes, RGB. Rows are asked for from top to bottom. */
export type WriteRow = (j: number, row: Uint8Array) => void;

/** Prepared for one pair of sizes; takes any image of the source size. */
export type Resizer = (image: RgbImage) => WriteRow;

/** Of an image that keeps its size: every kernel here leaves its pixels as they are. */
export const copyRows: Resizer =
  ({ data, width }) =>
  (j, row) =>
    row.set(data.subarray(j * width * 3, (j + 1) * width * 3));
