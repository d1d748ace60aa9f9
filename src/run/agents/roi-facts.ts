/** RoIs and objects in few words: numbers of four digits, boxes in whole pixels where that loses nothing to see. */
import type { ObjectLoss } from '../query/object-losses.js';
import type { RoiRecord } from '../query/selected-rois.js';

/** `row` and `image` are what `explain_roi` takes. null: the run does not know it. */
export function roiFacts(roi: RoiRecord): object {
  const { row, rank, status, label, predicted, top_class, gt_index } = roi;
  return {
    row,
    rank,
    status,
    label,
    predicted,
    // Where that is background: which class came nearest; the score is that one's.
    ...(predicted !== top_class && { nearest_class: top_class }),
    score: short(roi.score),
    loss: short(roi.loss),
    loss_cls: short(roi.loss_cls),
    loss_loc: short(roi.loss_loc),
    iou: short(roi.iou),
    pred_box: shortBox(roi.pred_box),
    object: gt_index,
  };
}

/** `object` is what `explain_roi` takes. */
export function objectFacts({ gt, gtClass, box, isVague }: ObjectLoss, classes: readonly string[]): object {
  return {
    object: gt,
    label: classes[gtClass] ?? null,
    box: shortBox(box),
    ...(isVague && { crowd_or_difficult: true }),
  };
}

/** Four digits. */
export function short(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(4));
}

/** Tenths of a pixel. */
export function shortBox(box: readonly (number | null)[]): (number | null)[] {
  return box.map((side) => (side === null ? null : Math.round(side * 10) / 10));
}
