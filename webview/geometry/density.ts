/** A low-resolution map of where the boxes lie that are not drawn as lines. */
import type { Boxes } from '../../src/core/tables.js';
import type { Size } from './viewport.js';

/** Cells along the image's longer side. */
const LONG_SIDE = 96;

export interface Density {
  readonly numColumns: number;
  readonly numRows: number;
  /** Row-major, [0, 1]: square root of the mass over the largest; all 0 where there are no boxes. */
  readonly value: Float32Array;
}

/**
 * Spreads a mass of 1 for each box evenly over its area, so that a crowd of small boxes stands out and a few large
 * ones do not wash over the picture.
 * Boxes outside the image or with corners that are not finite add nothing.
 * Cost: O(boxes + cells), by differences that are summed once.
 */
export function boxDensity(boxes: Boxes, rows: ArrayLike<number>, image: Size): Density {
  const cell = Math.max(image.width, image.height, 1) / LONG_SIDE;
  const numColumns = Math.max(1, Math.ceil(image.width / cell));
  const numRows = Math.max(1, Math.ceil(image.height / cell));
  const pitch = numColumns + 1;
  const sums = new Float64Array(pitch * (numRows + 1));
  for (let i = 0; i < rows.length; i++) addBox(sums, pitch, boxes, rows[i], cell, numColumns, numRows);
  return { numColumns, numRows, value: normalise(sums, pitch, numColumns, numRows) };
}

function addBox(
  sums: Float64Array,
  pitch: number,
  boxes: Boxes,
  row: number,
  cell: number,
  numColumns: number,
  numRows: number,
): void {
  const left = clamp(Math.floor(boxes.x1[row] / cell), numColumns - 1);
  const top = clamp(Math.floor(boxes.y1[row] / cell), numRows - 1);
  const right = clamp(Math.ceil(boxes.x2[row] / cell), numColumns);
  const bottom = clamp(Math.ceil(boxes.y2[row] / cell), numRows);
  if (!(right > left && bottom > top)) return;
  const mass = 1 / ((right - left) * (bottom - top));
  const add = (at: number, amount: number) => (sums[at] = sums[at] + amount);
  add(top * pitch + left, mass);
  add(top * pitch + right, -mass);
  add(bottom * pitch + left, -mass);
  add(bottom * pitch + right, mass);
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}

function normalise(sums: Float64Array, pitch: number, numColumns: number, numRows: number): Float32Array {
  const value = new Float32Array(numColumns * numRows);
  const above = new Float64Array(numColumns);
  let most = 0;
  for (let r = 0; r < numRows; r++) {
    let run = 0;
    for (let c = 0; c < numColumns; c++) {
      run += sums[r * pitch + c];
      above[c] = above[c] + run;
      value[r * numColumns + c] = above[c];
      most = Math.max(most, above[c]);
    }
  }
  // The last bits of cancelled sums must not show as a tint where nothing lies.
  for (let i = 0; i < value.length; i++) value[i] = most > 1e-9 ? Math.sqrt(Math.max(value[i] / most - 1e-6, 0)) : 0;
  return value;
}
