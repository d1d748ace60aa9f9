import { deltaStart, encodeDelta, FAST_RCNN_WEIGHTS } from '../../boxes/box-coding.js';
import { real } from '../../option-specs.js';
import { boxLoss } from '../box-loss.js';

/**
 * Smooth L1 on the head's own deltas; a family that predicts boxes directly gets its boxes encoded against the regions.
 */
export const smoothL1 = boxLoss({
  id: 'smooth-l1',
  title: 'smooth L1',
  source: 'Fast R-CNN (arXiv 1504.08083, section 2.3), summed over four deltas, beta = 1 / sigma²',
  own: { sigma: real('Smooth L1 sigma', 'beta = 1 / sigma² of smooth L1', 1, 1e-3, 1000) },
  words: ({ sigma }) => (sigma === 1 ? 'smooth-l1' : `smooth-l1(σ ${sigma})`),
  over(output, gts, { sigma }) {
    const { regions, preds, deltas, numRois } = output;
    const weights = output.deltaWeights ?? FAST_RCNN_WEIGHTS;
    const beta = 1 / (sigma * sigma);
    const target = new Float64Array(4);
    const own = new Float64Array(4);
    return (row, gtRow, label) => {
      encodeDelta(target, regions, row, gts, gtRow, weights);
      if (deltas !== null) return smoothL1Loss(deltas, deltaStart(deltas.length, numRois, row, label), target, beta);
      encodeDelta(own, regions, row, preds, row, weights);
      return smoothL1Loss(own, 0, target, beta);
    };
  },
});

/**
 * Smooth L1 summed (never averaged) over the four deltas.
 * @param deltas the head's own deltas start at `deltas[start]`; `target[0..3]` is the encoded ground truth.
 * @param beta where the parabola ends, > 0: 1 / sigma².
 * NaN where either holds NaN.
 * Source: Fast R-CNN (arXiv 1504.08083, section 2.3); beta as in Faster R-CNN's `smooth_l1_loss_layer` (1 / sigma²).
 */
export function smoothL1Loss(
  deltas: ArrayLike<number>,
  start: number,
  target: ArrayLike<number>,
  beta: number,
): number {
  let loss = 0;
  for (let i = 0; i < 4; i++) {
    const d = Math.abs(deltas[start + i] - target[i]);
    loss += d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
  }
  return loss;
}
