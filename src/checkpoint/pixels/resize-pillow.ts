/**
 * Pillow's BILINEAR for 8-bit images, to the bit: a triangle as wide as the reduction, rows first, then columns, 8 bits
 * between them, weights in 1/2^22. What Hugging Face's and torchvision's processors do to PIL images.
 * Source: Pillow src/libImaging/Resample.c (MIT-CMU): precompute_coeffs, normalize_coeffs_8bpc. Held to the bytes of
 * Pillow 11 and 12 by test/reference/checkpoint/resize.test.ts; Pillow 13 takes columns first where the height shrinks
 * by more than twice what the width does, which moves a byte by 1.
 */
import type { RgbImage } from '../../core/graph.js';
import type { Resizer, Size } from './resize-rows.js';

/** For each target position: the first source position, how many, and their weights from `at * numTaps` on. */
interface Axis {
  readonly numTaps: number;
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weight: Int32Array;
}

const BITS = 22;
const HALF = 1 << (BITS - 1);

/** Makes the kernel for one pair of sizes. */
export function pillowResizer(source: Size, target: Size): Resizer {
  const x = triangleAxis(source.width, target.width);
  const y = triangleAxis(source.height, target.height);
  const width = target.width * 3;
  // Source rows resized along x: as many as one target row needs.
  const kept = new Uint8Array(y.numTaps * width);
  const sums = new Int32Array(width);
  return (image) => {
    let next = 0;
    return (j, row) => {
      const end = y.first[j] + y.count[j];
      for (next = Math.max(next, y.first[j]); next < end; next++) {
        const at = (next % y.numTaps) * width;
        resizeRow(image, next, x, kept.subarray(at, at + width));
      }
      sums.fill(HALF);
      for (let t = 0; t < y.count[j]; t++) {
        const at = ((y.first[j] + t) % y.numTaps) * width;
        const weight = y.weight[j * y.numTaps + t];
        for (let i = 0; i < width; i++) sums[i] += kept[at + i] * weight;
      }
      for (let i = 0; i < width; i++) row[i] = toByte(sums[i]);
    };
  };
}

function triangleAxis(source: number, target: number): Axis {
  const scale = source / target;
  const support = Math.max(1, scale);
  const numTaps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(target);
  const count = new Int32Array(target);
  const weight = new Int32Array(target * numTaps);
  const heights = new Float64Array(numTaps);
  for (let i = 0; i < target; i++) {
    const centre = (i + 0.5) * scale;
    first[i] = Math.max(0, Math.trunc(centre - support + 0.5));
    count[i] = Math.min(source, Math.trunc(centre + support + 0.5)) - first[i];
    let sum = 0;
    for (let t = 0; t < count[i]; t++)
      sum += heights[t] = Math.max(0, 1 - Math.abs((t + first[i] - centre + 0.5) / support));
    for (let t = 0; t < count[i]; t++) weight[i * numTaps + t] = Math.trunc(0.5 + (heights[t] / sum) * (1 << BITS));
  }
  return { numTaps, first, count, weight };
}

function resizeRow({ data, width }: RgbImage, row: number, x: Axis, target: Uint8Array): void {
  const start = row * width * 3;
  for (let i = 0, at = 0; at < target.length; i++, at += 3) {
    let [red, green, blue] = [HALF, HALF, HALF];
    for (let t = 0, p = start + x.first[i] * 3, w = i * x.numTaps; t < x.count[i]; t++, p += 3, w++) {
      const weight = x.weight[w];
      red += data[p] * weight;
      green += data[p + 1] * weight;
      blue += data[p + 2] * weight;
    }
    target[at] = toByte(red);
    target[at + 1] = toByte(green);
    target[at + 2] = toByte(blue);
  }
}

function toByte(sum: number): number {
  return Math.min(Math.max(sum >> BITS, 0), 255);
}
