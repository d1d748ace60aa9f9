/**
 * What QFL, VFL, MAL and IA-BCE share: a soft target for the label, and for all other classes a weighted BCE towards 0.
 */
import { clsLoss, lossOfWrong, softplus } from '../cls-loss.js';
import type { ClsLoss, ClsLossSpec } from '../cls-loss.js';
import { softBce } from './bce.js';

export interface SoftTargetTerms {
  /**
   * The label's summand.
   * @param p its probability.
   * @param target [0, 1].
   * @param bce BCE of p against any target, in the form that the head gives.
   */
  positive(p: number, target: number, bce: (target: number) => number): number;
  /** Weight of -ln(1 - p) of every other class, and of background. */
  negative(p: number): number;
}

/** A class loss of a sigmoid head, summed over K classes, from its two terms. */
export function softTargetLoss<const Id extends string>(
  facts: Pick<ClsLossSpec<Id>, 'id' | 'title' | 'source'>,
  terms: SoftTargetTerms,
): ClsLossSpec<Id> {
  return clsLoss({
    ...facts,
    activation: 'sigmoid',
    takesSoftTarget: true,
    logits: fromLogits(terms),
    probabilities: fromProbabilities(terms),
  });
}

function fromLogits({ positive, negative }: SoftTargetTerms): ClsLoss {
  return (scores, start, numClasses, label, target = 1) => {
    let loss = 0;
    for (let k = 0; k < numClasses; k++) {
      const z = scores[start + k];
      const term = Math.exp(-Math.abs(z));
      const p = (z >= 0 ? 1 : term) / (1 + term);
      if (k === label) loss += positive(p, target, (y) => y * softplus(-z) + (1 - y) * softplus(z));
      else loss += negative(p) * (Math.max(z, 0) + Math.log1p(term));
    }
    return loss;
  };
}

function fromProbabilities({ positive, negative }: SoftTargetTerms): ClsLoss {
  return (scores, start, numClasses, label, target = 1) => {
    let loss = 0;
    for (let k = 0; k < numClasses; k++) {
      const p = Math.min(Math.max(scores[start + k], 0), 1);
      if (k === label) loss += positive(p, target, (y) => softBce(p, y));
      else loss += negative(p) * lossOfWrong(p);
    }
    return loss;
  };
}
