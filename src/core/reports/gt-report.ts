/** The question asked from the other side: which ground truth has no good RoI at all? */
import { boxIou } from '../boxes/iou.js';
import { isForeground, NONE } from '../tables.js';
import type { GtTable, RoiTable } from '../tables.js';

/** One row a ground truth (G). */
export interface GtReport {
  /** The RoI whose regressed box overlaps it most, the lowest row on a tie; NONE where none overlaps. */
  readonly bestRoi: Int32Array;
  /** IoU of that box, [0, 1]. */
  readonly bestIou: Float64Array;
  /** lossCls of that RoI, + lossLoc where it is foreground, nats; NaN where there is no such RoI. */
  readonly bestLoss: Float64Array;
  /** RoIs that were matched with it. */
  readonly numForeground: Int32Array;
}

/**
 * Best RoI of each ground truth, whatever the RoI was assigned to. A ground truth without area overlaps nothing.
 * @param rois RoIs of one image; `gtIndex` counts rows of `gts`.
 * @param gts ground truth of that image.
 * Cost: R * G.
 */
export function reportGts(rois: RoiTable, gts: GtTable): GtReport {
  const { predX1, predY1, predX2, predY2 } = rois;
  const bestRoi = new Int32Array(gts.numGts).fill(NONE);
  const bestIou = new Float64Array(gts.numGts);
  const bestLoss = new Float64Array(gts.numGts).fill(NaN);
  for (let g = 0; g < gts.numGts; g++) {
    const left = gts.x1[g];
    const top = gts.y1[g];
    const right = gts.x2[g];
    const bottom = gts.y2[g];
    for (let row = 0; row < rois.numRois; row++) {
      const iou = boxIou(predX1[row], predY1[row], predX2[row], predY2[row], left, top, right, bottom);
      if (iou > bestIou[g]) {
        bestIou[g] = iou;
        bestRoi[g] = row;
      }
    }
    if (bestRoi[g] !== NONE) bestLoss[g] = totalLoss(rois, bestRoi[g]);
  }
  return { bestRoi, bestIou, bestLoss, numForeground: countForeground(rois, gts.numGts) };
}

function totalLoss(rois: RoiTable, row: number): number {
  return rois.lossCls[row] + (isForeground(rois, row) ? rois.lossLoc[row] : 0);
}

function countForeground(rois: RoiTable, numGts: number): Int32Array {
  const counts = new Int32Array(numGts);
  for (let row = 0; row < rois.numRois; row++) {
    const g = rois.gtIndex[row];
    if (g >= 0 && g < numGts) counts[g]++;
  }
  return counts;
}
