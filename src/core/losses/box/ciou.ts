import { boxIou } from '../../boxes/iou.js';
import { boxLoss } from '../box-loss.js';

/** 1 - CIoU of the regressed box and the ground truth. */
export const ciou = boxLoss({
  id: 'ciou',
  title: '(1 − CIoU)',
  source: 'Distance-IoU loss (arXiv 1911.08287, equations 8 to 11)',
  over({ preds }, gts) {
    const { x1, y1, x2, y2 } = preds;
    return (row, gtRow) =>
      ciouLoss(x1[row], y1[row], x2[row], y2[row], gts.x1[gtRow], gts.y1[gtRow], gts.x2[gtRow], gts.y2[gtRow]);
  },
});

/**
 * 1 - CIoU of a predicted box a and a ground truth b: 1 - IoU + d² / c² + αv, with d the distance of the centres, c the
 * hull's diagonal, v = 4 / π² (atan(wb / hb) - atan(wa / ha))² and α = v / (1 - IoU + v). At least 0, below 3.
 * A degenerate box has IoU 0 and keeps its place. NaN where a coordinate is not finite.
 * Source: arXiv 1911.08287, equations 8 to 11. Deviation: α counts below IoU .5 too, as in the authors' code.
 */
export function ciouLoss(
  ax1: number,
  ay1: number,
  ax2: number,
  ay2: number,
  bx1: number,
  by1: number,
  bx2: number,
  by2: number,
): number {
  const iou = boxIou(ax1, ay1, ax2, ay2, bx1, by1, bx2, by2);
  const hullX = Math.max(ax1, ax2, bx1, bx2) - Math.min(ax1, ax2, bx1, bx2);
  const hullY = Math.max(ay1, ay2, by1, by2) - Math.min(ay1, ay2, by1, by2);
  const diagonal = hullX * hullX + hullY * hullY;
  if (!(diagonal < Infinity)) return NaN;
  const dx = 0.5 * (ax1 + ax2 - bx1 - bx2);
  const dy = 0.5 * (ay1 + ay2 - by1 - by2);
  const distance = diagonal > 0 ? (dx * dx + dy * dy) / diagonal : 0;
  const angle = Math.atan2(bx2 - bx1, by2 - by1) - Math.atan2(ax2 - ax1, ay2 - ay1);
  const v = ((2 * angle) / Math.PI) ** 2;
  return 1 - iou + distance + (v > 0 ? (v * v) / (1 - iou + v) : 0);
}
