/**
 * RoIAlign: a fixed grid of bilinear samples from each box of a feature map, averaged bin by bin.
 *
 * Source: Mask R-CNN (arXiv 1703.06870, section 3); sampling places and borders as torchvision
 * `torchvision/csrc/ops/cpu/roi_align_kernel.cpp` with `aligned=True`. Deviation: a box that is degenerate or not
 * finite pools to zeros.
 *
 * Bilinear weights are a product of one along x and one along y. So the samples of one bin collapse to a few rows and
 * a few columns with summed weights ("taps"), and a bin costs rows * columns cells instead of 4 * samples² cells.
 */
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import type { Boxes } from '../tables.js';

export interface RoiAlignOptions {
  /** P: bins along each side. */
  readonly pooledSize: number;
  /** Feature cells per px: 1 / stride. */
  readonly spatialScale: number;
  /** Samples of a bin along each side. */
  readonly samplingRatio: number;
}

/** Rows (or columns) that feed each bin along one axis: `width` slots a bin, weight 0 marks an unused slot. */
interface AxisTaps {
  readonly width: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/**
 * Pools R boxes: R * P * P * C, row-major [R, P, P, C].
 * @param features H * W * C, row-major [H, W, C].
 * @param boxes image px; parts outside the map by more than one cell read zeros. Zero rows give an empty array.
 * @throws MiningError 'mining' when `features` does not have H * W * C numbers.
 * Cost: R * P² * C * (at most 4 * samplingRatio²).
 */
export function roiAlign(
  features: Float32Array,
  height: number,
  width: number,
  channels: number,
  boxes: Boxes,
  options: RoiAlignOptions,
): Float32Array {
  if (features.length !== height * width * channels) {
    throw new MiningError('mining', 'features', said`${height} * ${width} * ${channels} numbers`, `${features.length}`);
  }
  const numRois = boxes.x1.length;
  const size = options.pooledSize;
  const pooled = new Float32Array(numRois * size * size * channels);
  const rows = axisTaps(options);
  const columns = axisTaps(options);
  for (let roi = 0; roi < numRois; roi++) {
    if (!placeTaps(boxes, roi, height, width, options, rows, columns)) continue;
    for (let bin = 0; bin < size * size; bin++) {
      poolBin(
        pooled,
        (roi * size * size + bin) * channels,
        features,
        width,
        channels,
        rows,
        Math.floor(bin / size),
        columns,
        bin % size,
      );
    }
  }
  return pooled;
}

/** One bin: the weighted sum of its cells. */
function poolBin(
  pooled: Float32Array,
  out: number,
  features: Float32Array,
  mapWidth: number,
  channels: number,
  rows: AxisTaps,
  binY: number,
  columns: AxisTaps,
  binX: number,
): void {
  for (let i = binY * rows.width; i < (binY + 1) * rows.width; i++) {
    const weightY = rows.weight[i];
    if (weightY === 0) continue;
    for (let j = binX * columns.width; j < (binX + 1) * columns.width; j++) {
      const weight = weightY * columns.weight[j];
      if (weight === 0) continue;
      const cell = (rows.index[i] * mapWidth + columns.index[j]) * channels;
      for (let c = 0; c < channels; c++) pooled[out + c] += weight * features[cell + c];
    }
  }
}

/** RoIAlign as a sparse matrix of R * P² rows: what a training framework multiplies with, to have a gradient. */
export interface RoiAlignTaps {
  /** Cells that feed one bin; unused ones have weight 0. */
  readonly tapsPerBin: number;
  /** R * P² * tapsPerBin cells, y * W + x. */
  readonly cell: Int32Array;
  readonly weight: Float32Array;
}

/**
 * The cells and weights by which `roiAlign` pools; the same numbers, for a gather and a weighted sum.
 * @param boxes image px. Zero rows give empty arrays.
 */
export function roiAlignTaps(height: number, width: number, boxes: Boxes, options: RoiAlignOptions): RoiAlignTaps {
  const numRois = boxes.x1.length;
  const size = options.pooledSize;
  const rows = axisTaps(options);
  const columns = axisTaps(options);
  const tapsPerBin = rows.width * columns.width;
  const cell = new Int32Array(numRois * size * size * tapsPerBin);
  const weight = new Float32Array(cell.length);
  for (let roi = 0; roi < numRois; roi++) {
    if (!placeTaps(boxes, roi, height, width, options, rows, columns)) continue;
    let at = roi * size * size * tapsPerBin;
    for (let bin = 0; bin < size * size; bin++) {
      const i0 = Math.floor(bin / size) * rows.width;
      const j0 = (bin % size) * columns.width;
      for (let tap = 0; tap < tapsPerBin; tap++, at++) {
        const i = i0 + Math.floor(tap / columns.width);
        const j = j0 + (tap % columns.width);
        cell[at] = rows.index[i] * width + columns.index[j];
        weight[at] = rows.weight[i] * columns.weight[j];
      }
    }
  }
  return { tapsPerBin, cell, weight };
}

function axisTaps({ pooledSize, samplingRatio }: RoiAlignOptions): AxisTaps {
  const width = 2 * samplingRatio;
  return { width, index: new Int32Array(pooledSize * width), weight: new Float64Array(pooledSize * width) };
}

/** Fills both axes for one RoI; false where the box is degenerate or not finite. */
function placeTaps(
  boxes: Boxes,
  roi: number,
  height: number,
  width: number,
  options: RoiAlignOptions,
  rows: AxisTaps,
  columns: AxisTaps,
): boolean {
  const { spatialScale, pooledSize, samplingRatio } = options;
  const x1 = boxes.x1[roi] * spatialScale - 0.5;
  const y1 = boxes.y1[roi] * spatialScale - 0.5;
  const x2 = boxes.x2[roi] * spatialScale - 0.5;
  const y2 = boxes.y2[roi] * spatialScale - 0.5;
  if (!(x2 > x1 && y2 > y1 && x2 - x1 + (y2 - y1) < Infinity)) return false;
  placeAxis(rows, y1, (y2 - y1) / pooledSize, height, pooledSize, samplingRatio);
  placeAxis(columns, x1, (x2 - x1) / pooledSize, width, pooledSize, samplingRatio);
  return true;
}

/** Samples at start + (bin + (s + .5) / S) * step; neighbours of one bin that share a cell share a slot. */
function placeAxis(taps: AxisTaps, start: number, step: number, length: number, bins: number, samples: number): void {
  taps.weight.fill(0);
  taps.index.fill(0);
  for (let bin = 0; bin < bins; bin++) {
    const first = bin * taps.width;
    let used = first;
    for (let s = 0; s < samples; s++) {
      const place = start + (bin + (s + 0.5) / samples) * step;
      if (place < -1 || place > length) continue;
      const inside = Math.min(Math.max(place, 0), length - 1);
      const low = Math.floor(inside);
      const high = Math.min(low + 1, length - 1);
      used = addTap(taps, first, used, low, (1 - (inside - low)) / samples);
      used = addTap(taps, first, used, high, (inside - low) / samples);
    }
  }
}

/** Adds weight to the slot of a cell, or opens one; returns the end of the used slots. */
function addTap(taps: AxisTaps, first: number, used: number, index: number, weight: number): number {
  if (weight === 0) return used;
  for (let slot = first; slot < used; slot++) {
    if (taps.index[slot] === index) {
      taps.weight[slot] += weight;
      return used;
    }
  }
  taps.index[used] = index;
  taps.weight[used] = weight;
  return used + 1;
}
