/** One image's part of a minibatch's selection, in the terms the view needs. */
import type { BatchedSelection } from '../../src/core/mining/minibatches.js';
import { NONE, Status, type Selection } from '../../src/core/tables.js';

/**
 * Selected RoIs that share out the colour map. With more, the hardest ones (the ones that are drawn as lines) would all
 * look alike.
 */
export const COLOUR_SPAN = 256;

/** R rows of one image. */
export interface ImageSelection {
  readonly status: Uint8Array;
  /** Place in the minibatch's loss order, 0 hardest; NONE for ignored and invalid. */
  readonly lossRank: Int32Array;
  /** Row of this image that suppressed the row; NONE. */
  readonly suppressedBy: Int32Array;
  /** The loss each row was ranked by, nats. */
  readonly rankLoss: Float64Array;
  /** All R rows: ranked ones hardest first, then ignored, then invalid. */
  readonly order: Int32Array;
  /** How many at the head of `order` are ranked. */
  readonly numRanked: number;
  /** R, [0, 1]: place among the hardest COLOUR_SPAN selected RoIs; 0 the hardest, 1 the last of them and all beyond. */
  readonly hardness: Float32Array;
  /** Rows of this image with each status, in code order. */
  readonly counts: Int32Array;
  /** Over this image's selected rows: sum of `rankLoss`, nats. */
  readonly lossSum: number;
  /** R: rows that were ranked in the row's minibatch. */
  readonly rankedWith: Int32Array;
  /** Of the minibatch, or of all minibatches in view: rows that were ranked, rows that were selected. */
  readonly batchRanked: number;
  readonly batchSelected: number;
  /** Minibatches in view: of a classification all. */
  readonly numBatches: number;
}

/**
 * Cuts rows [start, start + numRois) out of a minibatch's selection.
 * Hardness counts the selected RoIs of this image only, so that one picture uses the whole colour map.
 */
export function imageSelection(
  selection: Selection | BatchedSelection,
  start: number,
  numRois: number,
): ImageSelection {
  const end = start + numRois;
  const status = selection.status.subarray(start, end);
  const rankLoss = selection.rankLoss.subarray(start, end);
  const ranked = rankedRows(selection, start, end);
  const counts = new Int32Array(selection.counts.length);
  let lossSum = 0;
  for (let row = 0; row < numRois; row++) {
    const code = status[row];
    counts[code] = counts[code] + 1;
    if (code === Status.selected) lossSum += rankLoss[row];
  }
  return {
    status,
    lossRank: selection.lossRank.subarray(start, end),
    suppressedBy: rowsFrom(selection.suppressedBy.subarray(start, end), start),
    rankLoss,
    order: listOrder(ranked, status),
    numRanked: ranked.length,
    hardness: hardnessOf(ranked, status, counts[Status.selected]),
    counts,
    lossSum,
    rankedWith: 'rankedWith' in selection ? selection.rankedWith : new Int32Array(numRois).fill(selection.order.length),
    batchRanked: selection.order.length,
    batchSelected: selection.keepNum,
    numBatches: 'numBatches' in selection ? selection.numBatches : 1,
  };
}

/** Rows counted from `start`; NONE stays. */
function rowsFrom(rows: Int32Array, start: number): Int32Array {
  return start === 0 ? rows : rows.map((row) => (row === NONE ? NONE : row - start));
}

function rankedRows(selection: Pick<Selection, 'order' | 'status'>, start: number, end: number): Int32Array {
  if (start === 0 && end === selection.status.length) return selection.order;
  return selection.order.filter((row) => row >= start && row < end).map((row) => row - start);
}

function listOrder(ranked: Int32Array, status: Uint8Array): Int32Array {
  const order = new Int32Array(status.length);
  order.set(ranked);
  let at = ranked.length;
  for (const code of [Status.ignored, Status.invalid]) {
    for (let row = 0; row < status.length; row++) if (status[row] === code) order[at++] = row;
  }
  return order.subarray(0, at);
}

function hardnessOf(ranked: Int32Array, status: Uint8Array, numSelected: number): Float32Array {
  const hardness = new Float32Array(status.length).fill(1);
  const last = Math.max(Math.min(numSelected, COLOUR_SPAN) - 1, 1);
  let harder = 0;
  for (const row of ranked) {
    hardness[row] = Math.min(harder / last, 1);
    if (status[row] === Status.selected) harder++;
  }
  return hardness;
}

/** Rows that a row suppressed by mining NMS, hardest first. */
export function suppressedRows(selection: ImageSelection, row: number): number[] {
  const rows: number[] = [];
  for (let i = 0; i < selection.numRanked; i++) {
    const other = selection.order[i];
    if (selection.suppressedBy[other] === row) rows.push(other);
  }
  return rows;
}
