/** From a dump's columns to the tables of the core: labels translated, losses kept or computed, all in float64. */
import { smoothL1Loss } from '../../core/losses/box/smooth-l1.js';
import { logSumExp } from '../../core/losses/cls-loss.js';
import { sigmoidLossFromLogits } from '../../core/losses/class/bce.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { allocateGtTable, allocateRoiTable, NONE } from '../../core/tables.js';
import type { Boxes, GtTable, RoiTable } from '../../core/tables.js';
import type { DumpHeader, DumpImage } from './dump.js';
import { hasLabelColumns, internalLabel } from './dump-labels.js';
import { maxIous } from './dump-overlap.js';

export interface DumpTables {
  readonly rois: RoiTable;
  readonly gts: GtTable;
  /** The dump says something of box losses; else they are 0. */
  readonly hasBoxLoss: boolean;
  /** The dump says something of overlaps; else they are 0. */
  readonly hasOverlaps: boolean;
}

/**
 * Measures one image of a dump.
 *
 * Class loss: `loss_cls`, else from the logits through log-softmax or binary cross-entropy; 0 for ignored rows.
 * Box loss: `loss_loc`, else smooth L1 summed over the four deltas with beta = 1 / sigma², else 0.
 * Scores are left for `writeDumpScores`. IoU: as given, else the best with `gt`, else 0.
 * @throws MiningError 'dump' where neither losses nor logits stand, or the logits do not fit the header.
 */
export function measureDump(header: DumpHeader, image: DumpImage, sigma: number, file: string): DumpTables {
  const rois = allocateRoiTable(image.numRois, header.classes.length, 'float64');
  const gts = gtTable(header, image);
  const fail = (field: string, expected: string, received: string) =>
    new MiningError('dump', said`${image.where}: ${field}`, expected, received, { file });
  writeBoxes(image, rois);
  for (let row = 0; row < image.numRois; row++) rois.gtClass[row] = internalLabel(header, image.label[row]);
  writeClsLoss(header, image, rois, fail);
  const hasBoxLoss = writeBoxLoss(image, sigma, rois, fail);
  if (image.matchedGt !== null && image.gts !== null) rois.gtIndex.set(image.matchedGt);
  const iou = image.iou ?? (image.gts === null ? null : maxIous(rois, gts));
  if (iou !== null) rois.iou.set(iou);
  return { rois, gts, hasBoxLoss, hasOverlaps: iou !== null };
}

function writeBoxes({ rois: boxes, predBoxes, numRois }: DumpImage, rois: RoiTable): void {
  const preds = predBoxes ?? boxes;
  if (boxes === null || preds === null) return;
  for (let row = 0; row < numRois; row++) {
    writeBox(boxes, row, rois);
    rois.predX1[row] = preds[row * 4];
    rois.predY1[row] = preds[row * 4 + 1];
    rois.predX2[row] = preds[row * 4 + 2];
    rois.predY2[row] = preds[row * 4 + 3];
  }
}

function writeBox(from: Float64Array, row: number, { x1, y1, x2, y2 }: Boxes): void {
  x1[row] = from[row * 4];
  y1[row] = from[row * 4 + 1];
  x2[row] = from[row * 4 + 2];
  y2[row] = from[row * 4 + 3];
}

type Fail = (field: string, expected: string, received: string) => MiningError;

function writeClsLoss(header: DumpHeader, image: DumpImage, rois: RoiTable, fail: Fail): void {
  if (image.lossCls !== null) {
    rois.lossCls.set(image.lossCls);
    return;
  }
  if (image.numRois === 0) return;
  if (image.logits === null) throw fail('loss_cls', 'loss_cls or logits', 'neither');
  checkColumns(header, image, fail);
  for (let row = 0; row < image.numRois; row++) {
    rois.lossCls[row] = image.label[row] < 0 ? 0 : lossFromLogits(header, image, row, image.logits);
  }
}

/** Softmax has a column for each label; a sigmoid has none for background, or one like any other. */
function checkColumns(header: DumpHeader, { numColumns }: DumpImage, fail: Fail): void {
  const { activation, background, classes } = header;
  if (activation === null) throw fail('activation', 'softmax or sigmoid in the header, which logits need', 'nothing');
  const withBackground = background === null ? classes.length : classes.length + 1;
  const counts = activation === 'softmax' || background === null ? [withBackground] : [classes.length, withBackground];
  if (!counts.includes(numColumns))
    throw fail('logits', `rows of ${counts.join(' or ')} columns (${activation})`, String(numColumns));
}

function lossFromLogits(
  header: DumpHeader,
  { label, numColumns }: DumpImage,
  row: number,
  logits: Float64Array,
): number {
  const start = row * numColumns;
  if (header.activation === 'softmax') return logSumExp(logits, start, numColumns) - logits[start + label[row]];
  const target = hasLabelColumns(header, numColumns) ? label[row] : internalLabel(header, label[row]);
  return sigmoidLossFromLogits(logits, start, numColumns, target);
}

/** @returns whether the dump says anything of box losses. */
function writeBoxLoss(
  { lossLoc, locPred, locTarget, numRois }: DumpImage,
  sigma: number,
  rois: RoiTable,
  fail: Fail,
): boolean {
  if (lossLoc !== null) {
    rois.lossLoc.set(lossLoc);
    return true;
  }
  if (locPred === null && locTarget === null) return false;
  if (locPred === null) throw fail('loc_pred', 'loc_pred beside loc_target', 'nothing');
  if (locTarget === null) throw fail('loc_target', 'loc_target beside loc_pred', 'nothing');
  const beta = 1 / (sigma * sigma);
  const target = new Float64Array(4);
  for (let row = 0; row < numRois; row++) {
    for (let i = 0; i < 4; i++) target[i] = locTarget[row * 4 + i];
    rois.lossLoc[row] = smoothL1Loss(locPred, row * 4, target, beta);
  }
  return true;
}

function gtTable(header: DumpHeader, { gts: given }: DumpImage): GtTable {
  const gts = allocateGtTable(given?.numGts ?? 0);
  if (given === null) return gts;
  for (let g = 0; g < gts.numGts; g++) {
    writeBox(given.boxes, g, gts);
    const label = internalLabel(header, given.label[g]);
    // An object labelled background is none of the classes.
    gts.gtClass[g] = label === header.classes.length ? NONE : label;
    gts.isCrowd[g] = given.crowd[g];
  }
  return gts;
}
