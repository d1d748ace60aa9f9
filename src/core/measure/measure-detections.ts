/** What detections cost of which only box, class and score are known: a file of predictions holds no more. */
import { assignerOf, ASSIGNERS } from '../assign/index.js';
import { markIgnored } from '../assign/ignore-rule.js';
import { ignoreRegions, matchableGts } from '../assign/matchable-gts.js';
import { locLossSpec } from '../losses/box/index.js';
import { clsLossOf } from '../losses/class/index.js';
import type { DetectorOutput, ScoreForm } from '../losses/detector-output.js';
import { binaryEntropyOf } from '../losses/uncertainty.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { allocateRoiTable, IGNORE, isForeground, NUM_TOP } from '../tables.js';
import type { Boxes, GtTable, ImageSize, RoiTable } from '../tables.js';
import { copyBoxes, NO_GRID, writeLabels, writeLocLoss } from './measure.js';
import { FAST_RCNN_MEASURE } from './measure-config.js';
import type { MeasureConfig } from './measure-config.js';

/** Detections of one image, image px (R). */
export interface Detections extends Boxes {
  readonly numRois: number;
  /** K. */
  readonly numClasses: number;
  /** R: [0, K). */
  readonly predClass: Int32Array;
  /** R: [0, 1]. */
  readonly score: Float32Array;
}

/** One yes-or-no answer a detection: is it what it says? */
export const DETECTIONS_FORM: ScoreForm = { activation: 'sigmoid', given: 'probabilities' };
/** Maximum IoU at .5, the binary cross-entropy of the score that is known, and 1 - GIoU of the box. */
export const DETECTIONS_MEASURE: MeasureConfig = {
  ...FAST_RCNN_MEASURE,
  clsLoss: 'bce',
  locLoss: 'giou',
  leftOut: 'detections',
};

/**
 * Measures the detections of one image: a label, an IoU and the losses of each, in the order of the file.
 *
 * The class loss is that of the one score s that is known: -ln(s) where the label is the class that the detection
 * says, -ln(1 - s) where it is another or background. What the label's own score was is not known: of a wrong class
 * the loss is the least that it can have been. Entropy and EL2N are of s alone. The region is the regressed box.
 * Candidates that NMS or a threshold took away are no rows: an object that no detection overlaps has no loss.
 *
 * @param gts ground truth of this image; its `imageIndex` is not read.
 * @param image size, px; 0 unknown.
 * @throws MiningError 'options' for an assigner that needs a grid or all scores, or a class loss of a softmax.
 * Cost: R * G.
 */
export function measureDetections(
  detections: Detections,
  gts: GtTable,
  config: MeasureConfig,
  image: ImageSize,
): RoiTable {
  const { numRois, numClasses, predClass, score } = detections;
  const output = oneAnswer(detections);
  const matchable = matchableGts(gts, numClasses, image);
  const rois = allocateRoiTable(numRois, numClasses, 'float32', config.roiBox);
  copyBoxes(output, rois);
  rois.score.set(score);
  rois.predClass.set(predClass);
  const task = { output, norms: null, compared: detections, grid: NO_GRID, gts: matchable, image };
  const assignment = assignerFor(config).assign(task, config);
  markIgnored(assignment.isGap, detections, ignoreRegions(gts), config.ignoreThreshold);
  writeLabels(assignment, matchable, rois);
  writeClsLoss(rois, config);
  writeLocLoss(locLossSpec(config.locLoss).over(output, gts, config, image), null, config, rois);
  return rois;
}

/** Detections as the output of a head of one class: what they say they are. */
function oneAnswer(detections: Detections): DetectorOutput {
  const { numRois, score } = detections;
  return {
    numRois,
    numClasses: 1,
    regions: detections,
    preds: detections,
    scoreForm: DETECTIONS_FORM,
    scores: score,
    objectness: null,
    deltas: null,
    deltaWeights: null,
    grid: null,
  };
}

function assignerFor({ assigner: id }: MeasureConfig) {
  const assigner = assignerOf(id);
  if (assigner.needs.length === 0) return assigner;
  const fitting = ASSIGNERS.filter(({ needs }) => needs.length === 0).map((other) => other.id);
  const expected = said`${fitting.join(' or ')} (detections have neither a grid nor the scores of other classes)`;
  throw new MiningError('options', 'assigner', expected, id);
}

/** The one answer is right, column 0, or wrong, which is a head's background: column 1 of 1 class. */
function writeClsLoss(rois: RoiTable, { clsLoss, clsTarget, clsLossWeight, backgroundWeight }: MeasureConfig): void {
  const { score, predClass, gtClass, iou, lossCls, topClass, topScore, entropy, el2n } = rois;
  const lossOf = clsLossOf(clsLoss, DETECTIONS_FORM, clsTarget);
  for (let row = 0; row < rois.numRois; row++) {
    topClass[row * NUM_TOP] = predClass[row];
    topScore[row * NUM_TOP] = score[row];
    entropy[row] = binaryEntropyOf(Float64Array.of(score[row]));
    if (gtClass[row] === IGNORE) continue;
    const isRight = gtClass[row] === predClass[row];
    const weight = clsLossWeight * (isForeground(rois, row) ? 1 : backgroundWeight);
    lossCls[row] = weight * lossOf(score, row, 1, isRight ? 0 : 1, clsTarget === 'soft' ? iou[row] : 1);
    el2n[row] = Math.abs(Number(isRight) - score[row]);
  }
}
