import { boxIou } from '../../core/boxes/iou.js';
import type { GtTable, RoiTable } from '../../core/tables.js';

/** R: the best IoU of each region with a ground truth that is no crowd; 0 where there is none. Cost: R * G. */
export function maxIous(rois: RoiTable, gts: GtTable): Float64Array {
  const best = new Float64Array(rois.numRois);
  for (let g = 0; g < gts.numGts; g++) {
    if (gts.isCrowd[g] === 1) continue;
    for (let row = 0; row < rois.numRois; row++) {
      const iou = boxIou(
        rois.x1[row],
        rois.y1[row],
        rois.x2[row],
        rois.y2[row],
        gts.x1[g],
        gts.y1[g],
        gts.x2[g],
        gts.y2[g],
      );
      if (iou > best[row]) best[row] = iou;
    }
  }
  return best;
}
