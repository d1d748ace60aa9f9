/** What a classifier said of images and what is true, to a RoiTable of one row an image. */
import { writeClassScores } from '../losses/class-scores.js';
import { logSumExp } from '../losses/cls-loss.js';
import { softmaxLossFromProbabilities } from '../losses/class/cross-entropy.js';
import type { ScoreForm } from '../losses/detector-output.js';
import { MiningError, show } from '../mining-error.js';
import { said } from '../said.js';
import { allocateRoiTable, IGNORE } from '../tables.js';
import type { RoiTable } from '../tables.js';
import { el2nOf, entropyOf } from '../losses/uncertainty.js';

/** Scores of N examples over K classes, none of them background. */
export interface ExampleScores {
  readonly numExamples: number;
  readonly numClasses: number;
  /** Logits, or probabilities of a softmax over the K columns. */
  readonly given: ScoreForm['given'];
  /** N * K, row-major. */
  readonly scores: Float32Array;
}

/** What is true of them (N each). */
export interface ExampleTruth {
  /** [0, K), or IGNORE. */
  readonly labels: Int32Array;
  /** Size of each image, px. */
  readonly width: ArrayLike<number>;
  readonly height: ArrayLike<number>;
}

/**
 * Measures examples: the box is the whole image, the ground truth its one row, the IoU 1. Class loss: cross-entropy
 * over the K columns, from logits through log-softmax, from probabilities floored at 1e-12; 0 for ignored rows. No box
 * loss. Scores that hold a NaN or, given probabilities, a value outside [0, 1] make the loss NaN: the row is invalid.
 *
 * The table is float32; `imageIndex` counts the examples. Zero examples give zero rows.
 * @throws MiningError 'mining' where columns do not fit or a label is out of range.
 * Cost: N * K.
 */
export function measureExamples(given: ExampleScores, truth: ExampleTruth): RoiTable {
  checkExamples(given, truth);
  const { numExamples, numClasses } = given;
  const rois = allocateRoiTable(numExamples, numClasses, 'float32');
  const norms = given.given === 'logits' ? logNorms(given) : null;
  writeWholeImages(truth, rois);
  const scoreForm = { activation: 'softmax', given: given.given } as const;
  writeClassScores(
    { numRois: numExamples, numClasses, scores: given.scores, objectness: null, scoreForm },
    norms,
    rois,
    numClasses,
  );
  const p = new Float64Array(numClasses);
  for (let row = 0; row < numExamples; row++) {
    const label = truth.labels[row];
    if (Number.isNaN(rois.score[row])) {
      rois.lossCls[row] = label === IGNORE ? 0 : Number.NaN;
      continue;
    }
    readRow(given, norms, row, p);
    rois.entropy[row] = entropyOf(p);
    if (label === IGNORE) continue;
    rois.el2n[row] = el2nOf(p, label);
    rois.lossCls[row] = lossOf(given, norms, row, label);
  }
  return rois;
}

function checkExamples(
  { numExamples, numClasses, scores }: ExampleScores,
  { labels, width, height }: ExampleTruth,
): void {
  const lengths = [
    ['scores', scores, numExamples * numClasses],
    ['labels', labels, numExamples],
    ['width', width, numExamples],
    ['height', height, numExamples],
  ] as const;
  for (const [where, column, expected] of lengths) {
    if (column.length !== expected)
      throw new MiningError('mining', where, said`${expected} values`, `${column.length}`);
  }
  const wrong = labels.find((label) => label < IGNORE || label >= numClasses);
  if (wrong !== undefined)
    throw new MiningError('mining', 'labels', said`an integer in [${IGNORE}, ${numClasses})`, show(wrong));
}

function logNorms({ numExamples, numClasses, scores }: ExampleScores): Float64Array {
  return Float64Array.from({ length: numExamples }, (_, row) => logSumExp(scores, row * numClasses, numClasses));
}

function writeWholeImages({ labels, width, height }: ExampleTruth, rois: RoiTable): void {
  rois.x2.set(width);
  rois.y2.set(height);
  rois.predX2.set(width);
  rois.predY2.set(height);
  rois.gtClass.set(labels);
  rois.gtIndex.fill(0);
  rois.iou.fill(1);
  for (let row = 0; row < rois.numRois; row++) rois.imageIndex[row] = row;
}

function readRow(
  { scores, numClasses }: ExampleScores,
  norms: Float64Array | null,
  row: number,
  p: Float64Array,
): void {
  for (let k = 0; k < numClasses; k++) {
    const score = scores[row * numClasses + k];
    p[k] = norms === null ? Math.min(Math.max(score, 0), 1) : Math.exp(score - norms[row]);
  }
}

function lossOf({ scores, numClasses }: ExampleScores, norms: Float64Array | null, row: number, label: number): number {
  if (norms !== null) return norms[row] - scores[row * numClasses + label];
  return softmaxLossFromProbabilities(scores, row * numClasses, numClasses, label);
}
