/**
 * What a class loss is, and the logarithms that all of them take. Nats, unreduced, float64.
 *
 * No form clamps a logit; probabilities are floored at 1e-12 because that is all they can tell (docs/semantics.md).
 * A NaN that a function reads gives NaN.
 */
import type { ScoreForm } from './detector-output.js';
import type { RealColumn } from '../tables.js';

/**
 * Loss of one RoI: columns `scores[start] … `, K foreground classes, label in [0, K], K for background.
 * @param target what the label's score should be, [0, 1]; 1 unless given. Read by losses with `takesSoftTarget`.
 * @param norm logarithm of the row's softmax denominator; given with logits of a softmax.
 */
export type ClsLoss = (
  scores: RealColumn,
  start: number,
  numClasses: number,
  label: number,
  target?: number,
  norm?: number,
) => number;

/** A class loss: one file each below `class/`, one line in its `index.ts`. */
export interface ClsLossSpec<Id extends string> {
  readonly id: Id;
  /** As the panel and the docs name it. */
  readonly title: string;
  /** Where it is defined. */
  readonly source: string;
  /** The heads that it fits. */
  readonly activation: ScoreForm['activation'];
  /** May foreground's target be less than 1? */
  readonly takesSoftTarget: boolean;
  /** By what the head gives. */
  readonly logits: ClsLoss;
  readonly probabilities: ClsLoss;
}

/** Declares a class loss; its type knows its id. */
export function clsLoss<const Id extends string>(spec: ClsLossSpec<Id>): ClsLossSpec<Id> {
  return spec;
}

/** Least probability that a logarithm is taken of. */
export const PROBABILITY_FLOOR = 1e-12;

/** Natural logarithm of the sum of exp over `numColumns` columns; NaN for a NaN or for infinite maxima. */
export function logSumExp(scores: RealColumn, start: number, numColumns: number): number {
  const end = start + numColumns;
  let max = -Infinity;
  for (let i = start; i < end; i++) max = Math.max(max, scores[i]);
  let sum = 0;
  for (let i = start; i < end; i++) sum += Math.exp(scores[i] - max);
  return max + Math.log(sum);
}

/** ln(1 + e^z), exact in both tails. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** -ln(1 - p) with 1 - p floored; log1p keeps the digits of a small p. */
export function lossOfWrong(p: number): number {
  return p < 0.5 ? -Math.log1p(-Math.max(p, 0)) : negLog(1 - p);
}

/** -ln(p) with p held in [1e-12, 1]; NaN stays NaN. The difference keeps a certain answer at 0, not at -0. */
export function negLog(p: number): number {
  return 0 - Math.log(Math.min(Math.max(p, PROBABILITY_FLOOR), 1));
}
