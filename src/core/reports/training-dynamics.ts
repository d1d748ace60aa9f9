/**
 * What several checkpoints of one training say of an example together: area under the margin, forgetting events.
 * An example is an image with its label, or in detection an annotated object, judged by its best RoI.
 */
import { bestOther } from '../losses/example-scores.js';
import { IGNORE, NONE, NUM_TOP } from '../tables.js';
import type { GtTable, RoiTable } from '../tables.js';
import { lossOfRow } from './example-fates.js';

/** One checkpoint's view of E examples. */
export interface Observations {
  /**
   * E: margin in nats, ln p_true - ln p_other; NaN where nothing was asked to find the example, or scores are unknown.
   */
  readonly margin: Float64Array;
  /** E: 1 where the label is what is believed most, background included. */
  readonly learned: Uint8Array;
}

/** Observations of the objects of one image, and by which RoI. */
export interface ObjectObservations extends Observations {
  /** E: the RoI that judges the object; NONE where none is assigned to it. */
  readonly row: Int32Array;
  /** E: loss of that RoI as it would train, nats; NaN for NONE. */
  readonly loss: Float64Array;
}

/** E examples over T checkpoints. */
export interface Dynamics {
  /** E: mean margin over the checkpoints that know it; NaN where none does. Low: likely mislabelled, or hard. */
  readonly aum: Float64Array;
  /** E: how often an example that was learned at one checkpoint was not at the next. */
  readonly numForgotten: Int32Array;
  /** E: first checkpoint at which it was learned; NONE never. */
  readonly firstLearned: Int32Array;
}

/** Probabilities below the least normal float32 underflow in the table. */
const LEAST = 2 ** -126;
/** What float32 scores leave of a difference of 0, nats. */
const TIE = 1e-6;

/**
 * Margins of an image's objects, each by the RoI of the largest margin among those assigned to it; where no scores are
 * known, by that of the lowest loss.
 *
 * ln p_true - ln p_other is the difference of logits for a softmax, which is the paper's margin: p_true = exp(-lossCls)
 * is exact however small, p_other is held at 1.2e-38. A classified image has one object and one RoI.
 * @param isSigmoid the head has no background column: 1 - its score of the label stands for background.
 * @returns one row an object of `gts`.
 */
export function observeObjects(rois: RoiTable, gts: GtTable, isSigmoid: boolean): ObjectObservations {
  const margin = new Float64Array(gts.numGts).fill(Number.NaN);
  const learned = new Uint8Array(gts.numGts);
  const judge = new Int32Array(gts.numGts).fill(NONE);
  const loss = new Float64Array(gts.numGts).fill(Number.NaN);
  for (let row = 0; row < rois.numRois; row++) {
    const gt = rois.gtIndex[row];
    if (gt === NONE || rois.gtClass[row] === IGNORE) continue;
    const value = logMargin(rois, row, isSigmoid);
    const own = lossOfRow(rois, row);
    const isBetter = Number.isNaN(value)
      ? Number.isNaN(margin[gt]) && (judge[gt] === NONE || own < loss[gt])
      : !(value <= margin[gt]);
    if (!isBetter) continue;
    judge[gt] = row;
    loss[gt] = own;
    margin[gt] = value;
    // Scores are float32: a margin of the predicted class a hair below 0 is a tie. Background wins by margin alone.
    learned[gt] = rois.predClass[row] === rois.gtClass[row] && value > -TIE ? 1 : 0;
  }
  return { margin, learned, row: judge, loss };
}

function logMargin(rois: RoiTable, row: number, isSigmoid: boolean): number {
  const other = Math.max(bestOther(rois, row), isSigmoid ? 1 - labelScore(rois, row) : 0);
  return -rois.lossCls[row] - Math.log(Math.max(other, LEAST));
}

/** Score of the label where it is among the highest; else 0. */
function labelScore({ gtClass, topClass, topScore }: RoiTable, row: number): number {
  for (let i = row * NUM_TOP; i < (row + 1) * NUM_TOP; i++) if (topClass[i] === gtClass[row]) return topScore[i];
  return 0;
}

/**
 * Area under the margin and forgetting events.
 * @param checkpoints T views of the same E examples, in the order of training; T >= 1.
 * Source: AUM: Pleiss et al. 2020 (arXiv 2001.10528), section 3. Forgetting: Toneva et al. 2019 (arXiv 1812.05159),
 * section 3; counted from checkpoint to checkpoint instead of from update to update, so it is a lower bound.
 */
export function trainingDynamics(checkpoints: readonly Observations[]): Dynamics {
  const numExamples = checkpoints[0].margin.length;
  const aum = new Float64Array(numExamples);
  const numForgotten = new Int32Array(numExamples);
  const firstLearned = new Int32Array(numExamples).fill(NONE);
  for (let example = 0; example < numExamples; example++) {
    let sum = 0;
    let count = 0;
    checkpoints.forEach(({ margin, learned }, t) => {
      if (!Number.isNaN(margin[example])) {
        sum += margin[example];
        count++;
      }
      if (learned[example] === 1 && firstLearned[example] === NONE) firstLearned[example] = t;
      if (t > 0 && learned[example] === 0 && checkpoints[t - 1].learned[example] === 1) numForgotten[example]++;
    });
    aum[example] = sum / count;
  }
  return { aum, numForgotten, firstLearned };
}
