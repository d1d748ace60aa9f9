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
import type { RgbImage } from '../../core/graph.js';
import type { Resizer, Size } from './resize-rows.js';

/** Consecutive taps of each target position, padded with zero weights to a multiple of four. */
interface Axis {
  readonly numTaps: number;
  /** First source position of each target position; taps may reach over both ends, where the last pixel repeats. */
  readonly start: Int32Array;
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
  const x = triangleAxis(target.width, source.width / boxX / target.width);
  const y = triangleAxis(target.height, source.height / boxY / target.height);
  const column: Column = {
    pixels: new Uint8Array((small.width + 2 * x.numTaps) * 3),
    margin: x.numTaps,
    width: small.width,
  };
  const sums = new Int32Array(small.width * 3);
  return (image) => {
    const averaged = boxX * boxY === 1 ? image : averageBoxes(image, boxX, boxY, small);
    return (j, row) => {
      if (y.numTaps === 4) reduceColumns4(averaged, y, j, column);
      else reduceColumns(averaged, y, j, sums, column);
      repeatEnds(column);
      if (x.numTaps === 4) reduceRow4(column, x, row);
      else reduceRow(column, x, row);
    };
  };
}

/** One row of the image reduced along y, at the source's width, with a margin of repeated pixels at both ends. */
interface Column {
  readonly pixels: Uint8Array;
  readonly margin: number;
  readonly width: number;
}

/** Whole pixels to average first, leaving a reduction of at least 2 to the triangle. */
function boxSize(source: number, target: number): number {
  return Math.max(1, Math.floor(source / target / 2));
}

/** Kernel: the weights of the pixels around each target position, without the zeros at both ends. */
function triangleAxis(target: number, step: number): Axis {
  const shrink = Math.max(1, step);
  const reach = Math.round(shrink);
  const span = 2 * reach + 1;
  const heights = new Float64Array(span);
  const weights = new Int32Array(target * span);
  const start = new Int32Array(target);
  const end = new Int32Array(target);
  let longest = 0;
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * step;
    const pixel = Math.floor(centre);
    const fraction = Math.floor((Math.floor((centre - pixel) * POSITIONS * 2) + 1) / 2) / POSITIONS;
    let sum = 0;
    for (let t = 0; t < span; t++) sum += heights[t] = Math.max(0, 1 - Math.abs(t - reach + 0.5 - fraction) / shrink);
    let first = span;
    for (let t = 0; t < span; t++) {
      const weight = Math.trunc((heights[t] / sum) * (1 << WEIGHT_BITS));
      weights[i * span + t] = weight;
      if (weight === 0) continue;
      first = Math.min(first, t);
      end[i] = t + 1;
    }
    start[i] = first;
    longest = Math.max(longest, end[i] - first);
  }
  const numTaps = Math.ceil(longest / 4) * 4;
  const weight = new Int32Array(target * numTaps);
  for (let i = 0; i < target; i++) {
    weight.set(weights.subarray(i * span + start[i], i * span + end[i]), i * numTaps);
    start[i] += Math.floor((i + 0.5) * step) - reach;
  }
  return { numTaps, start, weight };
}

/** The usual case, a reduction by less than 2: at most four taps. */
function reduceColumns4(
  { data, width, height }: RgbImage,
  { start, weight }: Axis,
  j: number,
  { pixels, margin }: Column,
): void {
  const length = width * 3;
  const row = (tap: number) => Math.min(Math.max(start[j] + tap, 0), height - 1) * length;
  const [wa, wb, wc, wd] = weight.subarray(j * 4, j * 4 + 4);
  if (wd === 0) blend3Rows(data, row(0), row(1), row(2), wa, wb, wc, pixels, margin * 3, length);
  else blend4Rows(data, row(0), row(1), row(2), row(3), wa, wb, wc, wd, pixels, margin * 3, length);
}

/**
 * Scalars instead of objects, and Math.imul: V8 makes the loops a quarter faster. A reduction by 1.5 has three taps as
 * a rule.
 */
function blend3Rows(
  data: Uint8Array,
  a: number,
  b: number,
  c: number,
  wa: number,
  wb: number,
  wc: number,
  target: Uint8Array,
  to: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    target[to + i] =
      (HALF + Math.imul(data[a + i], wa) + Math.imul(data[b + i], wb) + Math.imul(data[c + i], wc)) >> WEIGHT_BITS;
  }
}

function blend4Rows(
  data: Uint8Array,
  a: number,
  b: number,
  c: number,
  d: number,
  wa: number,
  wb: number,
  wc: number,
  wd: number,
  target: Uint8Array,
  to: number,
  length: number,
): void {
  for (let i = 0; i < length; i++) {
    const sum =
      Math.imul(data[a + i], wa) + Math.imul(data[b + i], wb) + Math.imul(data[c + i], wc) + Math.imul(data[d + i], wd);
    target[to + i] = (HALF + sum) >> WEIGHT_BITS;
  }
}

function reduceColumns(
  { data, width, height }: RgbImage,
  y: Axis,
  j: number,
  sums: Int32Array,
  { pixels, margin }: Column,
): void {
  const length = width * 3;
  sums.fill(HALF);
  for (let tap = 0; tap < y.numTaps; tap++) {
    const w = y.weight[j * y.numTaps + tap];
    if (w === 0) continue;
    const from = Math.min(Math.max(y.start[j] + tap, 0), height - 1) * length;
    for (let i = 0; i < length; i++) sums[i] += data[from + i] * w;
  }
  const to = margin * 3;
  for (let i = 0; i < length; i++) pixels[to + i] = sums[i] >> WEIGHT_BITS;
}

function repeatEnds({ pixels, margin, width }: Column): void {
  const last = (margin + width - 1) * 3;
  for (let i = 0; i < margin * 3; i++) {
    pixels[i] = pixels[margin * 3 + (i % 3)];
    pixels[last + 3 + i] = pixels[last + (i % 3)];
  }
}

function reduceRow4({ pixels, margin }: Column, { start, weight }: Axis, row: Uint8Array): void {
  for (let i = 0, to = 0; to < row.length; i++, to += 3) {
    const p = (start[i] + margin) * 3;
    const wa = weight[i * 4];
    const wb = weight[i * 4 + 1];
    const wc = weight[i * 4 + 2];
    const wd = weight[i * 4 + 3];
    let red = HALF + Math.imul(pixels[p], wa) + Math.imul(pixels[p + 3], wb) + Math.imul(pixels[p + 6], wc);
    let green = HALF + Math.imul(pixels[p + 1], wa) + Math.imul(pixels[p + 4], wb) + Math.imul(pixels[p + 7], wc);
    let blue = HALF + Math.imul(pixels[p + 2], wa) + Math.imul(pixels[p + 5], wb) + Math.imul(pixels[p + 8], wc);
    if (wd !== 0) {
      red += Math.imul(pixels[p + 9], wd);
      green += Math.imul(pixels[p + 10], wd);
      blue += Math.imul(pixels[p + 11], wd);
    }
    row[to] = red >> WEIGHT_BITS;
    row[to + 1] = green >> WEIGHT_BITS;
    row[to + 2] = blue >> WEIGHT_BITS;
  }
}

function reduceRow({ pixels, margin }: Column, { numTaps, start, weight }: Axis, row: Uint8Array): void {
  for (let i = 0, to = 0; to < row.length; i++, to += 3) {
    let red = HALF;
    let green = HALF;
    let blue = HALF;
    for (let tap = 0, p = (start[i] + margin) * 3; tap < numTaps; tap++, p += 3) {
      const w = weight[i * numTaps + tap];
      red += pixels[p] * w;
      green += pixels[p + 1] * w;
      blue += pixels[p + 2] * w;
    }
    row[to] = red >> WEIGHT_BITS;
    row[to + 1] = green >> WEIGHT_BITS;
    row[to + 2] = blue >> WEIGHT_BITS;
  }
}

/** Averages boxes of whole pixels; those at the right and bottom edges repeat the last pixel. */
function averageBoxes({ data, width, height }: RgbImage, boxX: number, boxY: number, small: Size): RgbImage {
  const averaged = new Uint8Array(small.width * small.height * 3);
  const sums = new Uint32Array(small.width * 3);
  const area = boxX * boxY;
  for (let j = 0; j < small.height; j++) {
    sums.fill(area >> 1);
    for (let k = 0; k < boxY; k++) addRow(data, Math.min(j * boxY + k, height - 1) * width * 3, width * 3, boxX, sums);
    for (let i = 0; i < sums.length; i++) averaged[j * sums.length + i] = sums[i] / area;
  }
  return { width: small.width, height: small.height, data: averaged };
}

/** Adds a row of `length` bytes from `start` on, `boxX` pixels to each sum. */
function addRow(data: Uint8Array, start: number, length: number, boxX: number, sums: Uint32Array): void {
  const end = start + length;
  for (let to = 0, p = start; to < sums.length; to += 3) {
    let red = 0;
    let green = 0;
    let blue = 0;
    const numInside = Math.min(boxX, (end - p) / 3);
    for (const stop = p + numInside * 3; p < stop; p += 3) {
      red += data[p];
      green += data[p + 1];
      blue += data[p + 2];
    }
    const numRepeated = boxX - numInside;
    sums[to] += red + numRepeated * data[end - 3];
    sums[to + 1] += green + numRepeated * data[end - 2];
    sums[to + 2] += blue + numRepeated * data[end - 1];
  }
}
