/**
 * Soft alternatives to selecting: every RoI trains, with a weight by how hard it is. To be compared with a selection;
 * no preset uses them.
 */
import { isForeground } from '../tables.js';
import { trueProbabilities } from '../losses/example-scores.js';
import type { RoiTable } from '../tables.js';

/**
 * The focal loss's weight of each RoI: alpha_t * (1 - p_t)^gamma, by which its cross-entropy is multiplied.
 * @param pTrue R: probability of the true label, [0, 1]. NaN gives NaN.
 * @param isForeground R: 1 foreground (alpha), 0 background (1 - alpha).
 * @returns R weights; zero rows give zero rows.
 * Source: Lin et al., ICCV 2017 (arXiv 1708.02002), equation 5; its best alpha and gamma.
 */
export function focalWeight(
  pTrue: ArrayLike<number>,
  isForeground: ArrayLike<number>,
  alpha = 0.25,
  gamma = 2,
): Float64Array {
  return Float64Array.from(pTrue, (p, i) => (isForeground[i] ? alpha : 1 - alpha) * (1 - p) ** gamma);
}

/**
 * GHM-C's weight of each RoI: R / (RoIs in its bin * bins), so that every occupied bin of gradient norms weighs the
 * same in sum. Very hard and very easy RoIs, where many pile up, are both damped.
 * @param gradientNorms R: |p - p*| of cross-entropy, in [0, 1]; 1 belongs to the last bin. A value outside, or NaN, has
 *   weight 0 and is not counted.
 * @param bins unit regions of [0, 1], at least 1.
 * @returns R weights; zero rows give zero rows.
 * Source: Li et al., AAAI 2019 (arXiv 1811.05181), GHM-C with unit regions, without the moving average.
 */
export function ghmWeights(gradientNorms: ArrayLike<number>, bins = 10): Float64Array {
  const counts = new Float64Array(bins);
  const binOf = Int32Array.from(gradientNorms, (norm) =>
    norm >= 0 && norm <= 1 ? Math.min(bins - 1, Math.floor(norm * bins)) : -1,
  );
  let numValid = 0;
  for (const bin of binOf) {
    if (bin < 0) continue;
    counts[bin] += 1;
    numValid += 1;
  }
  return Float64Array.from(binOf, (bin) => (bin < 0 ? 0 : numValid / (counts[bin] * bins)));
}

/** Weights of each RoI; no preset uses them. */
export interface SoftWeights {
  /** R: focal loss's weight; NaN where p_true is unknown. */
  readonly focal: Float64Array;
  /** R: GHM-C's weight; 0 where p_true is unknown. */
  readonly ghm: Float64Array;
}

/**
 * The weight that focal loss (alpha .25, gamma 2) and GHM-C (10 bins) would give each RoI, from p_true = exp(-lossCls)
 * and the gradient norm 1 - p_true, which is |p - p*| of cross-entropy by the label's logit.
 *
 * Sigmoid heads: both papers weigh each class's answer; here a RoI has one weight, by the probability that all answers
 * are right (see example-scores.ts).
 * @param rois a minibatch: GHM-C counts over all its rows but the ignored ones.
 */
export function softWeights(rois: RoiTable): SoftWeights {
  const pTrue = trueProbabilities(rois);
  const foreground = Uint8Array.from(pTrue, (_, row) => (isForeground(rois, row) ? 1 : 0));
  return { focal: focalWeight(pTrue, foreground), ghm: ghmWeights(pTrue.map((p) => 1 - p)) };
}
