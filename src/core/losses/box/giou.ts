import { boxLoss } from '../box-loss.js';

/** 1 - GIoU of the regressed box and the ground truth. */
export const giou = boxLoss({
  id: 'giou',
  title: '(1 − GIoU)',
  source: 'generalized IoU (arXiv 1902.09630)',
  over({ preds }, gts) {
    const { x1, y1, x2, y2 } = preds;
    return (row, gtRow) =>
      giouLoss(x1[row], y1[row], x2[row], y2[row], gts.x1[gtRow], gts.y1[gtRow], gts.x2[gtRow], gts.y2[gtRow]);
  },
});

/**
 * 1 - GIoU of two boxes, [0, 2]. A degenerate box has no area but keeps its place, so its loss is finite: it falls as
 * the box comes nearer. Two coinciding points give 1. NaN where a coordinate is not finite.
 * Source: generalized IoU (arXiv 1902.09630, algorithm 2).
 */
export function giouLoss(
  ax1: number,
  ay1: number,
  ax2: number,
  ay2: number,
  bx1: number,
  by1: number,
  bx2: number,
  by2: number,
): number {
  const areaA = Math.max(ax2 - ax1, 0) * Math.max(ay2 - ay1, 0);
  const areaB = Math.max(bx2 - bx1, 0) * Math.max(by2 - by1, 0);
  const overlapX = Math.max(Math.min(ax2, bx2) - Math.max(ax1, bx1), 0);
  const overlapY = Math.max(Math.min(ay2, by2) - Math.max(ay1, by1), 0);
  const hullX = Math.max(ax1, ax2, bx1, bx2) - Math.min(ax1, ax2, bx1, bx2);
  const hullY = Math.max(ay1, ay2, by1, by2) - Math.min(ay1, ay2, by1, by2);
  const hull = hullX * hullY;
  if (!(hull < Infinity)) return NaN;
  // A box without area overlaps nothing along the side that it lacks.
  const intersection = overlapX * overlapY;
  const union = areaA + areaB - intersection;
  const iou = union > 0 ? intersection / union : 0;
  return hull > 0 ? 2 - iou - union / hull : 1;
}
