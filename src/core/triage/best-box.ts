/** What a network says of an object: the panel's picture and the gallery say the same. */
import { predictedClass } from '../predictions.js';
import { NONE, regressedBoxes, type GtTable, type RoiTable } from '../tables.js';
import { iouOf } from './overlaps.js';
import { isObject } from './tide-errors.js';

/** IoU from which a box can be called a find of the object (VOC's, and COCO's AP50). */
const FIND_IOU = 0.5;

/**
 * The best box on an object: of the regressed boxes with IoU ≥ 0.5 the one with the highest score; where there is none
 * the one with the largest IoU.
 * @param rois,gts of one image.
 * @returns row NONE where no box overlaps it. Cost: linear in the RoIs.
 */
export function bestBox(rois: RoiTable, gts: GtTable, gt: number): { readonly row: number; readonly iou: number } {
  const [boxes, { score }] = [regressedBoxes(rois), rois];
  let [bestRow, bestIou, bestScore] = [NONE, 0, -Infinity];
  for (let row = 0; row < rois.numRois; row++) {
    const iou = iouOf(boxes, row, gts, gt);
    const finds = iou >= FIND_IOU;
    const isBetter = finds ? bestIou < FIND_IOU || score[row] > bestScore : iou > bestIou;
    if (!isBetter || (bestIou >= FIND_IOU && !finds)) continue;
    [bestRow, bestIou, bestScore] = [row, iou, score[row]];
  }
  return { row: bestRow, iou: bestIou };
}

/**
 * G: 1 for an object of which the network says "background", or nothing, as the gallery's answer "missed". Crowds,
 * difficult objects and those without a class cannot be missed.
 * @param rois,gts of one image. @param backgroundBelow as `answerOf` takes it.
 * Cost: G * R.
 */
export function missedObjects(rois: RoiTable, gts: GtTable, backgroundBelow: number): Uint8Array {
  return Uint8Array.from({ length: gts.numGts }, (_, gt) => {
    if (!isObject(gts, gt)) return 0;
    const { row } = bestBox(rois, gts, gt);
    return row === NONE || predictedClass(rois, row, backgroundBelow) === rois.numClasses ? 1 : 0;
  });
}
