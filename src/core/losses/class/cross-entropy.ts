import { clsLoss, logSumExp, negLog } from '../cls-loss.js';
import type { RealColumn } from '../../tables.js';

/** Cross-entropy of a softmax head. */
export const crossEntropy = clsLoss({
  id: 'cross-entropy',
  title: 'cross-entropy',
  source: 'Fast R-CNN (arXiv 1504.08083, section 2.3)',
  activation: 'softmax',
  takesSoftTarget: false,
  logits: softmaxLossFromLogits,
  probabilities: softmaxLossFromProbabilities,
});

/** Softmax cross-entropy through log-softmax over K + 1 columns, background last: exact for logits of any size. */
export function softmaxLossFromLogits(
  scores: RealColumn,
  start: number,
  numClasses: number,
  label: number,
  _target?: number,
  norm = logSumExp(scores, start, numClasses + 1),
): number {
  return norm - scores[start + label];
}

/** Softmax cross-entropy where the exporter applied the softmax: -ln(max(p, 1e-12)). */
export function softmaxLossFromProbabilities(
  scores: RealColumn,
  start: number,
  _numClasses: number,
  label: number,
): number {
  return negLog(scores[start + label]);
}
