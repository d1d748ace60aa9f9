import { clsLoss, lossOfWrong } from '../cls-loss.js';
import type { RealColumn } from '../../tables.js';

/** Weight of foreground. Source: RetinaNet (arXiv 1708.02002, section 5.1). */
const FOCAL_ALPHA = 0.25;

/** The focal loss of a sigmoid head, alpha .25, gamma 2. */
export const focal = clsLoss({
  id: 'focal',
  title: 'focal loss',
  source: 'RetinaNet (arXiv 1708.02002, equation 5), alpha .25, gamma 2',
  activation: 'sigmoid',
  takesSoftTarget: false,
  logits: focalLossFromLogits,
  probabilities: focalLossFromProbabilities,
});

/**
 * Focal loss summed over K classes, alpha .25, gamma 2: alpha_t * (1 - p_t)^2 * -ln(p_t).
 * Source: RetinaNet (arXiv 1708.02002, equation 5).
 */
export function focalLossFromLogits(scores: RealColumn, start: number, numClasses: number, label: number): number {
  let loss = 0;
  for (let k = 0; k < numClasses; k++) {
    const isLabel = k === label;
    // z is the logit of the wrong answer: 1 - p_t = sigmoid(z), -ln(p_t) = softplus(z).
    const z = isLabel ? -scores[start + k] : scores[start + k];
    const term = Math.exp(-Math.abs(z));
    const wrong = (z > 0 ? 1 : term) / (1 + term);
    loss += (isLabel ? FOCAL_ALPHA : 1 - FOCAL_ALPHA) * wrong * wrong * (Math.max(z, 0) + Math.log1p(term));
  }
  return loss;
}

/** The same from probabilities, with p and 1 - p floored at 1e-12. */
export function focalLossFromProbabilities(
  scores: RealColumn,
  start: number,
  numClasses: number,
  label: number,
): number {
  let loss = 0;
  for (let k = 0; k < numClasses; k++) {
    const isLabel = k === label;
    const wrong = isLabel ? 1 - scores[start + k] : scores[start + k];
    loss += (isLabel ? FOCAL_ALPHA : 1 - FOCAL_ALPHA) * wrong * wrong * lossOfWrong(wrong);
  }
  return loss;
}
