/**
 * Box regression targets of the Fast R-CNN family: a box told relative to the region it started from.
 *
 * With region and target given by centre and size: dx = wx * (tx - rx) / rw, dw = ww * ln(tw / rw), likewise y and h.
 * Source: R-CNN (arXiv 1311.2524, appendix C); the weights and the clamp as in detectron2
 * `detectron2/modeling/box_regression.py`. Deviation: none; widths are continuous, no + 1.
 */
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import type { Boxes, RealColumn } from '../tables.js';

/** Weights of dx, dy, dw, dh: 1 / std of the targets. */
export type DeltaWeights = readonly [number, number, number, number];

/** Fast R-CNN's target normalisation: stds .1, .1, .2, .2. */
export const FAST_RCNN_WEIGHTS: DeltaWeights = [10, 10, 5, 5];

/** Largest dw, dh that decoding takes: a box grows at most from 16 px to 1000 px. */
export const MAX_SIZE_DELTA = Math.log(1000 / 16);

/**
 * Deltas that turn `region` into `target`, weighted; (dx, dy, dw, dh) into `out[0..3]`.
 * All four are NaN where the region or the target is degenerate or not finite.
 */
export function encodeDelta(
  out: Float64Array,
  regions: Boxes,
  regionRow: number,
  targets: Boxes,
  targetRow: number,
  weights: DeltaWeights,
): void {
  const x1 = regions.x1[regionRow];
  const y1 = regions.y1[regionRow];
  const width = regions.x2[regionRow] - x1;
  const height = regions.y2[regionRow] - y1;
  const targetX1 = targets.x1[targetRow];
  const targetY1 = targets.y1[targetRow];
  const targetWidth = targets.x2[targetRow] - targetX1;
  const targetHeight = targets.y2[targetRow] - targetY1;
  if (!(width > 0 && height > 0 && targetWidth > 0 && targetHeight > 0)) {
    out.fill(NaN, 0, 4);
    return;
  }
  out[0] = (weights[0] * (targetX1 + 0.5 * targetWidth - x1 - 0.5 * width)) / width;
  out[1] = (weights[1] * (targetY1 + 0.5 * targetHeight - y1 - 0.5 * height)) / height;
  out[2] = weights[2] * Math.log(targetWidth / width);
  out[3] = weights[3] * Math.log(targetHeight / height);
  if (!(Math.abs(out[0]) + Math.abs(out[1]) + Math.abs(out[2]) + Math.abs(out[3]) < Infinity)) out.fill(NaN, 0, 4);
}

/**
 * Where the deltas of a row begin, for deltas of R * 4 (class-agnostic) or R * 4K (by class).
 * @param label foreground class, [0, K).
 */
export function deltaStart(numDeltas: number, numRois: number, row: number, label: number): number {
  const width = numDeltas / numRois;
  return row * width + (width === 4 ? 0 : 4 * label);
}

/**
 * Boxes that weighted deltas make of their regions, image px, float64, unclipped.
 * dw and dh are clamped to MAX_SIZE_DELTA. A NaN delta gives a NaN box. Zero rows give zero rows.
 * @param deltas R * 4, or R * 4K with `deltaClass`.
 * @param deltaClass the class whose deltas decode each row, [0, K) (R); needed where deltas go by class.
 * @throws MiningError 'mining' when the sizes do not fit together.
 */
export function decodeDeltas(
  regions: Boxes,
  deltas: RealColumn,
  weights: DeltaWeights,
  deltaClass: Int32Array | null = null,
): Boxes {
  const numRois = regions.x1.length;
  checkDeltas(deltas.length, numRois, deltaClass);
  const x1 = new Float64Array(numRois);
  const y1 = new Float64Array(numRois);
  const x2 = new Float64Array(numRois);
  const y2 = new Float64Array(numRois);
  for (let row = 0; row < numRois; row++) {
    const start = deltaStart(deltas.length, numRois, row, deltaClass === null ? 0 : deltaClass[row]);
    const regionWidth = regions.x2[row] - regions.x1[row];
    const regionHeight = regions.y2[row] - regions.y1[row];
    const centreX = regions.x1[row] + (0.5 + deltas[start] / weights[0]) * regionWidth;
    const centreY = regions.y1[row] + (0.5 + deltas[start + 1] / weights[1]) * regionHeight;
    const width = regionWidth * Math.exp(Math.min(deltas[start + 2] / weights[2], MAX_SIZE_DELTA));
    const height = regionHeight * Math.exp(Math.min(deltas[start + 3] / weights[3], MAX_SIZE_DELTA));
    x1[row] = centreX - 0.5 * width;
    y1[row] = centreY - 0.5 * height;
    x2[row] = centreX + 0.5 * width;
    y2[row] = centreY + 0.5 * height;
  }
  return { x1, y1, x2, y2 };
}

function checkDeltas(numDeltas: number, numRois: number, deltaClass: Int32Array | null): void {
  const width = numRois === 0 ? 4 : numDeltas / numRois;
  const fits = deltaClass === null ? width === 4 : width >= 4 && width % 4 === 0 && deltaClass.length === numRois;
  if (!fits || (numRois === 0 && numDeltas !== 0)) {
    const expected =
      deltaClass === null ? said`${numRois} * 4 numbers` : said`${numRois} * 4K numbers and ${numRois} classes`;
    throw new MiningError('mining', 'deltas', expected, said`${numDeltas} numbers`);
  }
}
