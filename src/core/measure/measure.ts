/** From what a detector said and what is true to what each RoI costs: assign, ignore, losses, scores. */
import { assignerOf, ASSIGNERS } from '../assign/index.js';
import type { AssignTask } from '../assign/assigner.js';
import type { Assignment } from '../assign/assignment.js';
import { markIgnored } from '../assign/ignore-rule.js';
import { ignoreRegions, matchableGts } from '../assign/matchable-gts.js';
import type { GtSubset } from '../assign/matchable-gts.js';
import { boxIou } from '../boxes/iou.js';
import type { BoxLoss } from '../losses/box-loss.js';
import { locLossSpec } from '../losses/box/index.js';
import { numScoreColumns, softmaxNorms, writeClassScores } from '../losses/class-scores.js';
import { clsLossOf } from '../losses/class/index.js';
import { objectnessIsOfAll, objectnessLosses } from './objectness.js';
import type { AnchorGrid, DetectorOutput } from '../losses/detector-output.js';
import { writeUncertainty } from '../losses/uncertainty.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { allocateRoiTable, IGNORE, isForeground, NONE } from '../tables.js';
import type { GtTable, ImageSize, RoiTable } from '../tables.js';
import { checkMeasure } from './measure-check.js';
import type { MeasureConfig } from './measure-config.js';

const NO_ANCHORS = new Float32Array(0);
/** Of a family that has none. */
export const NO_GRID: AnchorGrid = {
  centreX: NO_ANCHORS,
  centreY: NO_ANCHORS,
  strideX: NO_ANCHORS,
  strideY: NO_ANCHORS,
  levelStart: new Int32Array(1),
};

/**
 * Measures one image: a label, an IoU and the losses of every RoI. Pure: the same input gives the same table.
 * A RoI's losses are its summands before the normaliser, times the recipe's weights (docs/semantics.md).
 *
 * The table is float32 with `imageIndex` 0; arithmetic is float64. `gtIndex` counts rows of `gts`. `lossLoc` is 0 for
 * background, both losses are 0 for ignored rows. A row whose scores hold a NaN (or, given probabilities, a value
 * outside [0, 1]) has a NaN class loss; a foreground row without a usable region a NaN box loss: such rows are
 * `invalid` to every sampler. Zero RoIs give an empty table; without ground truth all rows are background.
 *
 * Families with objectness: background pays for its objectness alone, since their class branch learns from foreground
 * only and says nothing about the rest; with centre-ness in its place for its classes alone. Source: YOLOX
 * `yolox/models/yolo_head.py` `get_losses`, FCOS (arXiv 1904.01355, section 3.2).
 *
 * @param gts ground truth of this image; its `imageIndex` is not read.
 * @param image size, px; 0 unknown.
 * @throws MiningError 'options' where the configuration does not fit the head, 'mining' where columns do not fit.
 * Cost: R * (C + G).
 */
export function measureRois(output: DetectorOutput, gts: GtTable, config: MeasureConfig, image: ImageSize): RoiTable {
  checkMeasure(output, config);
  const matchable = matchableGts(gts, output.numClasses, image);
  const rois = allocateRoiTable(output.numRois, output.numClasses, 'float32', config.roiBox);
  copyBoxes(output, rois);
  const norms = softmaxNorms(output);
  writeClassScores(output, norms, rois);
  const compared = config.roiBox === 'region' ? output.regions : output.preds;
  const assignment = assign({ output, norms, compared, grid: output.grid ?? NO_GRID, gts: matchable, image }, config);
  markIgnored(assignment.isGap, compared, ignoreRegions(gts), config.ignoreThreshold);
  writeLabels(assignment, matchable, rois);
  const targets = config.clsTarget === 'soft' ? (assignment.target ?? regressedIous(output, gts, rois)) : null;
  writeClsLoss(output, norms, targets, objectnessLosses(output, gts, config, rois), config, rois);
  writeLocLoss(
    locLossSpec(config.locLoss).over(output, gts, config, image),
    targets && assignment.target,
    config,
    rois,
  );
  writeUncertainty(output, norms, rois);
  return rois;
}

/** Regions and regressed boxes into the table. */
export function copyBoxes(output: DetectorOutput, rois: RoiTable): void {
  const { regions, preds } = output;
  rois.x1.set(regions.x1);
  rois.y1.set(regions.y1);
  rois.x2.set(regions.x2);
  rois.y2.set(regions.y2);
  rois.predX1.set(preds.x1);
  rois.predY1.set(preds.y1);
  rois.predX2.set(preds.x2);
  rois.predY2.set(preds.y2);
}

function assign(task: AssignTask, config: MeasureConfig): Assignment {
  const assigner = assignerOf(config.assigner);
  if (task.output.grid === null && assigner.needs.includes('grid')) {
    const fitting = ASSIGNERS.filter(({ needs }) => !needs.includes('grid')).map(({ id }) => id);
    throw new MiningError(
      'options',
      'assigner',
      said`${fitting.join(' or ')} (this family has no anchor grid)`,
      assigner.id,
    );
  }
  return assigner.assign(task, config);
}

/** Matched rows get their object's row and class; those in the gap or on an ignore region IGNORE. */
export function writeLabels(assignment: Assignment, gts: GtSubset, rois: RoiTable): void {
  for (let row = 0; row < rois.numRois; row++) {
    const g = assignment.gt[row];
    rois.iou[row] = assignment.iou[row];
    if (g >= 0) {
      rois.gtIndex[row] = gts.row[g];
      rois.gtClass[row] = gts.gtClass[g];
    } else if (assignment.isGap[row] === 1) rois.gtClass[row] = IGNORE;
  }
}

/** IoU of each matched row's regressed box with its ground truth (R); 0 elsewhere. */
function regressedIous({ preds }: DetectorOutput, gts: GtTable, { gtIndex }: RoiTable): Float64Array {
  return Float64Array.from(gtIndex, (g, row) =>
    g === NONE
      ? 0
      : boxIou(preds.x1[row], preds.y1[row], preds.x2[row], preds.y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]),
  );
}

/**
 * @param targets what the label's score should be (R); null: 1.
 * @param objectness its losses (R); null: the head has none.
 */
function writeClsLoss(
  output: DetectorOutput,
  norms: Float64Array | null,
  targets: Float64Array | null,
  objectness: Float64Array | null,
  config: MeasureConfig,
  rois: RoiTable,
): void {
  const { numClasses, scores, scoreForm } = output;
  const { gtClass, score, lossCls } = rois;
  const columns = numScoreColumns(output);
  const lossOf = clsLossOf(config.clsLoss, scoreForm, config.clsTarget);
  const ofForegroundOnly = norms === null && objectness !== null && objectnessIsOfAll(config);
  for (let row = 0; row < rois.numRois; row++) {
    const label = gtClass[row];
    if (label === IGNORE) continue;
    const start = row * columns;
    const foreground = isForeground(rois, row);
    let loss = Number.isNaN(score[row]) ? NaN : 0;
    if (objectness !== null) loss += objectness[row];
    if (foreground || !ofForegroundOnly)
      loss += config.clsLossWeight * lossOf(scores, start, numClasses, label, targets?.[row], norms?.[row]);
    lossCls[row] = loss * (foreground ? 1 : config.backgroundWeight);
  }
}

/**
 * Box losses of the matched rows.
 * @param targets soft targets of the assigner (R), by which a training weighs its box terms; none: 1.
 */
export function writeLocLoss(
  lossOf: BoxLoss,
  targets: Float64Array | null | undefined,
  { locLossWeight }: MeasureConfig,
  { numRois, gtIndex, gtClass, lossLoc }: RoiTable,
): void {
  for (let row = 0; row < numRois; row++) {
    if (gtIndex[row] === NONE) continue;
    lossLoc[row] = lossOf(row, gtIndex[row], gtClass[row]) * locLossWeight * (targets?.[row] ?? 1);
  }
}
