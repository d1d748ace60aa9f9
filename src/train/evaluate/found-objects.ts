/** Which objects of an image a detector finds. */
import { boxIou } from '../../core/boxes/iou.js';
import type { ImageDetections } from './average-precision.js';

/** A detection that a person would be shown has at least this score. */
export const SHOWN_SCORE = 0.5;
/** And stands for an object that it overlaps by at least this IoU. */
const FOUND_IOU = 0.5;

/**
 * One number an object, 1 found, 0 missed: a detection of its class with a score of at least `SHOWN_SCORE` overlaps it
 * by an IoU of at least .5. The best score takes the object that it overlaps most; each object is taken once.
 * @param image `rows` by descending score, as `inferenceNms` gives them.
 */
export function foundObjects({ rois, rows, gts }: ImageDetections): Uint8Array {
  const found = new Uint8Array(gts.numGts);
  for (const row of rows) {
    if (rois.score[row] < SHOWN_SCORE) continue;
    let [best, bestIou] = [-1, FOUND_IOU];
    for (let g = 0; g < gts.numGts; g++) {
      if (found[g] !== 0 || gts.gtClass[g] !== rois.predClass[row]) continue;
      const iou = boxIou(
        rois.predX1[row],
        rois.predY1[row],
        rois.predX2[row],
        rois.predY2[row],
        gts.x1[g],
        gts.y1[g],
        gts.x2[g],
        gts.y2[g],
      );
      if (iou >= bestIou) [best, bestIou] = [g, iou];
    }
    if (best >= 0) found[best] = 1;
  }
  return found;
}
