/** The minibatches that a run is decided in: the panel, the tree, the command line and the exports have the same. */
import { sliceRoiTable } from '../concat-roi-tables.js';
import { rankRows } from '../rank.js';
import { NONE, type RoiTable, type Selection } from '../tables.js';
import type { MiningConfig } from './mining-options.js';
import { samplerOf } from './samplers/index.js';
import { selectHardExamples } from './select.js';

/** Consecutive images of a run, from its first on, that are decided together: 1 where the preset decides each alone. */
export function minibatchSize({ preset, imagesPerBatch }: MiningConfig): number {
  return samplerOf(preset).scope === 'image' ? 1 : imagesPerBatch;
}

/** Several minibatches: ranks are within the row's own, `order` is hardest first over all rows. */
export interface BatchedSelection extends Omit<Selection, 'clsLoss' | 'locLoss'> {
  /** R: rows that are ranked in the row's minibatch. */
  readonly rankedWith: Int32Array;
  /** >= 1 */
  readonly numBatches: number;
}

/**
 * Decides the first images of a run, each minibatch by itself.
 * @param rois R rows; `imageIndex` is the image's place in the run, ascending. Images may lack rows.
 * @throws as `selectHardExamples`.
 * Cost: as `selectHardExamples` of each minibatch, and one sort of all rows.
 */
export function selectInMinibatches(rois: RoiTable, config: MiningConfig): BatchedSelection {
  const size = minibatchSize(config);
  const batchOf = rois.imageIndex.map((image) => Math.floor(image / size));
  const merged = {
    status: new Uint8Array(rois.numRois),
    suppressedBy: new Int32Array(rois.numRois).fill(NONE),
    rankLoss: new Float64Array(rois.numRois),
    counts: new Int32Array(0),
    keepNum: 0,
  };
  // Such a preset asks nobody beside the image: all rows at once are decided alike, without a table for each.
  const parts = size === 1 ? [{ start: 0, end: rois.numRois }] : partsOf(batchOf);
  for (const { start, end } of parts) {
    const part = selectHardExamples(sliceRoiTable(rois, start, end), config);
    merged.status.set(part.status, start);
    merged.rankLoss.set(part.rankLoss, start);
    merged.suppressedBy.set(
      part.suppressedBy.map((row) => (row === NONE ? NONE : row + start)),
      start,
    );
    merged.counts = part.counts.map((count, code) => count + (merged.counts[code] ?? 0));
    merged.keepNum += part.keepNum;
  }
  const numBatches = Math.max(new Set(batchOf).size, 1);
  return { ...merged, ...rankInBatches(merged.rankLoss, batchOf), numBatches };
}

/** Rows [start, end) of each minibatch. */
function partsOf(batchOf: Int32Array): { readonly start: number; readonly end: number }[] {
  const parts: { start: number; end: number }[] = [];
  for (let start = 0; start < batchOf.length;) {
    let end = start + 1;
    while (end < batchOf.length && batchOf[end] === batchOf[start]) end++;
    parts.push({ start, end });
    start = end;
  }
  return parts;
}

/** @param rankLoss NaN where a row is not ranked. */
function rankInBatches(rankLoss: Float64Array, batchOf: Int32Array) {
  const ranked = Int32Array.from(rankLoss.keys()).filter((row) => !Number.isNaN(rankLoss[row]));
  const order = rankRows(rankLoss, ranked);
  const lossRank = new Int32Array(rankLoss.length).fill(NONE);
  const numRanked = new Int32Array((batchOf.at(-1) ?? 0) + 1);
  for (const row of order) lossRank[row] = numRanked[batchOf[row]]++;
  return { order, lossRank, rankedWith: batchOf.map((batch) => numRanked[batch]) };
}
