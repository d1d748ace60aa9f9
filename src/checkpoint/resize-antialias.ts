/**
 * Bilinear with antialias: a triangle as wide as the reduction, so that a large photograph does not alias. The same
 * numbers as libvips (`sharp(…).resize(w, h, {fit: 'fill', kernel: 'linear'})`) wherever both axes shrink by less
 * than 4: columns first, then rows, 8 bits between them, positions in 1/64 px (halves may round otherwise), weights
 * in 1/4096.
 *
 * Reductions by 4 and more are averaged over whole pixels first, as libvips does, within 1 of its values. Enlarging
 * differs on purpose: libvips 8.18 enlarges half a pixel off, and blurs the other axis; here centres stay centres.
 * Source: libvips libvips/resample/{resize.c,reducev.cpp,reduceh.cpp,templates.h}. Checked against it by
 * test/reference/checkpoint/resize.test.ts.
 */
import type { RgbImage } from '../core/graph.js';
import type { Resizer, Size } from './resize-rows.js';

/** Taps of each target position, padded with zero weights to a multiple of four. */
interface Axis {
  readonly numTaps: number;
  /** target * numTaps source positions, inside the image. */
  readonly at: Int32Array;
  /** target * numTaps weights in 1/4096. */
  readonly weight: Int32Array;
}

const POSITIONS = 64;
const WEIGHT_BITS = 12;
const HALF = 1 << (WEIGHT_BITS - 1);

/** Makes the kernel for one pair of sizes. */
export function antialiasResizer(source: Size, target: Size): Resizer {
  const boxX = boxSize(source.width, target.width);
  const boxY = boxSize(source.height, target.height);
  const small = { width: Math.ceil(source.width / boxX), height: Math.ceil(source.height / boxY) };
  const x = triangleAxis(small.width, target.width, source.width / boxX / target.width);
  const y = triangleAxis(small.height, target.height, source.height / boxY / target.height);
  const column = new Uint8Array(small.width * 3);
  const sums = new Int32Array(small.width * 3);
  return (image) => {
    const averaged = boxX * boxY === 1 ? image : averageBoxes(image, boxX, boxY, small);
    return (j, row) => {
      reduceColumns(averaged, y, j, sums, column);
      reduceRow(column, x, row);
    };
  };
}

/** Whole pixels to average first, leaving a reduction of at least 2 to the triangle. */
function boxSize(source: number, target: number): number {
  return Math.max(1, Math.floor(source / target / 2));
}

function triangleAxis(source: number, target: number, step: number): Axis {
  const shrink = Math.max(1, step);
  const reach = Math.round(shrink);
  const taps = Array.from({ length: target }, (_, i) => trianglePoint(i, step, shrink, reach));
  const numTaps = Math.ceil(Math.max(...taps.map(({ weights }) => weights.length)) / 4) * 4;
  const at = new Int32Array(target * numTaps);
  const weight = new Int32Array(target * numTaps);
  taps.forEach(({ start, weights }, i) => {
    for (let t = 0; t < numTaps; t++) {
      at[i * numTaps + t] = Math.min(Math.max(start + t, 0), source - 1);
      weight[i * numTaps + t] = weights[t] ?? 0;
    }
  });
  return { numTaps, at, weight };
}

/** Weights of the pixels around target position `i`, without the zeros at both ends. */
function trianglePoint(i: number, step: number, shrink: number, reach: number): { start: number; weights: number[] } {
  const centre = (i + 0.5) * step;
  const pixel = Math.floor(centre);
  const fraction = Math.floor((Math.floor((centre - pixel) * POSITIONS * 2) + 1) / 2) / POSITIONS;
  const distances = Array.from({ length: 2 * reach + 1 }, (_, t) => Math.abs(t - reach + 0.5 - fraction));
  const heights = distances.map((distance) => Math.max(0, 1 - distance / shrink));
  const sum = heights.reduce((a, b) => a + b, 0);
  const weights = heights.map((height) => Math.trunc((height / sum) * (1 << WEIGHT_BITS)));
  const first = weights.findIndex((weight) => weight > 0);
  const last = weights.findLastIndex((weight) => weight > 0);
  return { start: pixel - reach + first, weights: weights.slice(first, last + 1) };
}

/** One row of the image reduced along y, at the source's width. Four taps are one pass; more go through `sums`. */
function reduceColumns({ data, width }: RgbImage, y: Axis, j: number, sums: Int32Array, column: Uint8Array): void {
  const { numTaps, at, weight } = y;
  const length = width * 3;
  for (let t = j * numTaps; t < (j + 1) * numTaps; t += 4) {
    const [a, b, c, d] = [at[t] * length, at[t + 1] * length, at[t + 2] * length, at[t + 3] * length];
    const [wa, wb, wc, wd] = [weight[t], weight[t + 1], weight[t + 2], weight[t + 3]];
    if (numTaps === 4) {
      for (let i = 0; i < length; i++) {
        column[i] = (HALF + data[a + i] * wa + data[b + i] * wb + data[c + i] * wc + data[d + i] * wd) >> WEIGHT_BITS;
      }
      return;
    }
    if (t === j * numTaps) sums.fill(HALF);
    for (let i = 0; i < length; i++) sums[i] += data[a + i] * wa + data[b + i] * wb + data[c + i] * wc + data[d + i] * wd;
  }
  for (let i = 0; i < length; i++) column[i] = sums[i] >> WEIGHT_BITS;
}

function reduceRow(column: Uint8Array, { numTaps, at, weight }: Axis, row: Uint8Array): void {
  for (let i = 0, t = 0; i < row.length; i += 3) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    for (const end = t + numTaps; t < end; t += 4) {
      const a = at[t] * 3;
      const b = at[t + 1] * 3;
      const c = at[t + 2] * 3;
      const d = at[t + 3] * 3;
      const wa = weight[t];
      const wb = weight[t + 1];
      const wc = weight[t + 2];
      const wd = weight[t + 3];
      red += column[a] * wa + column[b] * wb + column[c] * wc + column[d] * wd;
      green += column[a + 1] * wa + column[b + 1] * wb + column[c + 1] * wc + column[d + 1] * wd;
      blue += column[a + 2] * wa + column[b + 2] * wb + column[c + 2] * wc + column[d + 2] * wd;
    }
    row[i] = red >> WEIGHT_BITS;
    row[i + 1] = green >> WEIGHT_BITS;
    row[i + 2] = blue >> WEIGHT_BITS;
  }
}

/** Averages boxes of whole pixels; those at the right and bottom edges repeat the last pixel. */
function averageBoxes({ data, width, height }: RgbImage, boxX: number, boxY: number, small: Size): RgbImage {
  const averaged = new Uint8Array(small.width * small.height * 3);
  const sums = new Uint32Array(small.width * 3);
  const area = boxX * boxY;
  for (let j = 0; j < small.height; j++) {
    sums.fill(area >> 1);
    for (let k = 0; k < boxY; k++) {
      const row = Math.min(j * boxY + k, height - 1) * width;
      for (let i = 0; i < small.width * boxX; i++) {
        const p = (row + Math.min(i, width - 1)) * 3;
        const q = Math.floor(i / boxX) * 3;
        sums[q] += data[p];
        sums[q + 1] += data[p + 1];
        sums[q + 2] += data[p + 2];
      }
    }
    for (let i = 0; i < sums.length; i++) averaged[j * sums.length + i] = sums[i] / area;
  }
  return { width: small.width, height: small.height, data: averaged };
}
