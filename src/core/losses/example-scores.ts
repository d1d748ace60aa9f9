/**
 * What follows from a RoiTable alone about how the head judges each RoI's label. Derived when asked for, never stored.
 *
 * Convention: p_true = exp(-lossCls). For a softmax that is the probability of the label. For a sigmoid head it is the
 * probability that all of its answers are right at once, objectness with them, since its loss is their sum. It says
 * nothing where `lossCls` is no negative log-likelihood (`tellsLikelihood`): focal, to soft targets, weighted.
 */
import { IGNORE, NONE, NUM_TOP } from '../tables.js';
import type { RoiTable } from '../tables.js';

/**
 * Probability of each RoI's label, exp(-lossCls).
 * @returns R values; NaN for ignored rows and NaN losses. Zero rows give zero rows.
 */
export function trueProbabilities(rois: RoiTable): Float64Array {
  return Float64Array.from(rois.lossCls, (_, row) => trueProbability(rois, row));
}

function trueProbability({ gtClass, lossCls }: RoiTable, row: number): number {
  return gtClass[row] === IGNORE ? Number.NaN : Math.exp(-lossCls[row]);
}

/**
 * Margin of each RoI: p_true minus the highest score of any other class; a softmax's background is a class.
 * Negative: something else is believed. Source: Pleiss et al. 2020 (arXiv 2001.10528), section 3, with probabilities in
 * place of logits, which the table does not keep.
 * @returns R values, [-1, 1]; NaN for ignored rows, NaN losses, and where no class scores are known.
 */
export function margins(rois: RoiTable): Float64Array {
  return Float64Array.from(rois.lossCls, (_, row) => marginOf(rois, row));
}

/** The margin of one row: see `margins`. */
export function marginOf(rois: RoiTable, row: number): number {
  return trueProbability(rois, row) - bestOther(rois, row);
}

/** Highest score of a class that is not the label; 0 where there is no other, NaN where no score is known. */
export function bestOther({ gtClass, topClass, topScore }: RoiTable, row: number): number {
  const first = row * NUM_TOP;
  if (topClass[first] === NONE) return Number.NaN;
  if (topClass[first] !== gtClass[row]) return topScore[first];
  return topClass[first + 1] === NONE ? 0 : topScore[first + 1];
}
