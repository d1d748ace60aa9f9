/**
 * OpenCV's INTER_LINEAR for 8-bit images, to the bit: half-pixel centres, two taps an axis however much the image
 * shrinks, weights in 1/2048.
 * Source: opencv modules/imgproc/src/resize.cpp (`HResizeLinear`, `VResizeLinear` of uchar). Checked against cv2 5.0.0
 * by test/reference/checkpoint/resize.test.ts.
 */
import type { RgbImage } from '../../core/graph.js';
import type { Resizer, Size } from './resize-rows.js';

/** For each target position: two source positions and their weights. */
interface Axis {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

const WEIGHT_ONE = 2048;

/** Makes the kernel for one pair of sizes. */
export function opencvResizer(source: Size, target: Size): Resizer {
  const x = linearAxis(source.width, target.width, 'clamp-weights');
  const y = linearAxis(source.height, target.height, 'clamp-rows');
  // The two source rows in use, resized along x, in 1/128.
  let upper = new Int32Array(target.width * 3);
  let lower = new Int32Array(target.width * 3);
  return (image) => {
    let upperRow = -1;
    let lowerRow = -1;
    return (j, row) => {
      const [first, second] = [y.first[j], y.second[j]];
      if (upperRow !== first && lowerRow === first) {
        [upper, lower] = [lower, upper];
        [upperRow, lowerRow] = [lowerRow, upperRow];
      }
      if (upperRow !== first) resizeRow(image, first, x, upper);
      if (lowerRow !== second) resizeRow(image, second, x, lower);
      upperRow = first;
      lowerRow = second;
      blendRows(upper, lower, y.firstWeight[j], y.secondWeight[j], row);
    };
  };
}

/**
 * OpenCV clamps at the borders in two ways that round differently: columns move the weight onto the border pixel,
 * rows keep both weights and read the border row twice.
 */
function linearAxis(source: number, target: number, border: 'clamp-weights' | 'clamp-rows'): Axis {
  const axis: Axis = {
    first: new Int32Array(target),
    second: new Int32Array(target),
    firstWeight: new Int32Array(target),
    secondWeight: new Int32Array(target),
  };
  const scale = 1 / (target / source);
  for (let i = 0; i < target; i++) {
    const centre = Math.fround((i + 0.5) * scale - 0.5);
    let at = Math.floor(centre);
    let weight = Math.fround(centre - at);
    if (border === 'clamp-weights' && (at < 0 || at >= source - 1)) {
      at = at < 0 ? 0 : source - 1;
      weight = 0;
    }
    axis.first[i] = Math.min(Math.max(at, 0), source - 1);
    axis.second[i] = Math.min(Math.max(at + 1, 0), source - 1);
    axis.firstWeight[i] = roundHalfEven(Math.fround(1 - weight) * WEIGHT_ONE);
    axis.secondWeight[i] = roundHalfEven(weight * WEIGHT_ONE);
  }
  return axis;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}

function resizeRow({ data, width }: RgbImage, row: number, x: Axis, target: Int32Array): void {
  const start = row * width * 3;
  for (let i = 0, at = 0; at < target.length; i++, at += 3) {
    const p = start + x.first[i] * 3;
    const q = start + x.second[i] * 3;
    const wp = x.firstWeight[i];
    const wq = x.secondWeight[i];
    target[at] = (data[p] * wp + data[q] * wq) >> 4;
    target[at + 1] = (data[p + 1] * wp + data[q + 1] * wq) >> 4;
    target[at + 2] = (data[p + 2] * wp + data[q + 2] * wq) >> 4;
  }
}

function blendRows(
  upper: Int32Array,
  lower: Int32Array,
  upperWeight: number,
  lowerWeight: number,
  row: Uint8Array,
): void {
  for (let i = 0; i < row.length; i++) {
    row[i] = (((upper[i] * upperWeight) >> 16) + ((lower[i] * lowerWeight) >> 16) + 2) >> 2;
  }
}
