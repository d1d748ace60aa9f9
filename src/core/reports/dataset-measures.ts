/**
 * One number an image about the labels and the predictions in it, whatever mining selects. Formulas and sources:
 * docs/measures.md.
 */
import { isForeground, NONE, type RoiTable } from '../tables.js';

/**
 * Regressed boxes that overlap their object by less found another place. Source: FiftyOne Brain, IoU of its matching.
 */
const MATCH_IOU = 0.5;

export interface ImageMeasures {
  /** Entropy hardness: mean entropy of the foreground RoIs, nats; -1 where none is known. */
  readonly entropy: number;
  /** Chance that a label is wrong, the highest of the image's objects, [0, 1]; -1 where no object has a prediction. */
  readonly mistakenness: number;
}

/**
 * Entropy hardness and mistakenness of one image.
 * @param rois `gtIndex` counts the image's own ground truth.
 * @param start,end the image's rows, [start, end).
 */
export function imageMeasures(rois: RoiTable, start: number, end: number): ImageMeasures {
  return { entropy: meanEntropy(rois, start, end), mistakenness: imageMistakenness(rois, start, end) };
}

/**
 * Of the RoIs that were asked to be an object: the background of a dense head is silent almost everywhere and would
 * drown them. Source: FiftyOne Brain `compute_hardness`, entropy of the prediction.
 */
function meanEntropy(rois: RoiTable, start: number, end: number): number {
  let sum = 0;
  let count = 0;
  for (let row = start; row < end; row++) {
    if (!isForeground(rois, row) || Number.isNaN(rois.entropy[row])) continue;
    sum += rois.entropy[row];
    count++;
  }
  return count === 0 ? NONE : sum / count;
}

/** Each object is judged by the highest-scored RoI that was assigned to it and overlaps it. */
function imageMistakenness(rois: RoiTable, start: number, end: number): number {
  const { gtIndex, score, predClass, iou } = rois;
  const best = new Map<number, number>();
  for (let row = start; row < end; row++) {
    const gt = gtIndex[row];
    if (gt === NONE || predClass[row] === NONE || iou[row] < MATCH_IOU || Number.isNaN(score[row])) continue;
    const kept = best.get(gt);
    if (kept === undefined || score[row] > score[kept]) best.set(gt, row);
  }
  let highest: number = NONE;
  for (const row of best.values())
    highest = Math.max(highest, mistakenness(score[row], predClass[row] === rois.gtClass[row]));
  return highest;
}

/**
 * (1 + c) / 2 where the prediction contradicts the label, (1 - c) / 2 where it agrees: a sure contradiction is likely a
 * wrong label, an unsure prediction says little either way.
 * @param confidence c, [0, 1].
 * Source: FiftyOne Brain `compute_mistakenness` by confidence (fiftyone/brain/internal/core/mistakenness.py).
 */
export function mistakenness(confidence: number, agrees: boolean): number {
  return (1 + (agrees ? -confidence : confidence)) / 2;
}
