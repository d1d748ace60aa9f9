/** Box losses of one RoI, unreduced, float64. */

/**
 * Smooth L1 summed (never averaged) over the four deltas.
 * @param deltas the head's own deltas start at `deltas[start]`; `target[0..3]` is the encoded ground truth.
 * @param beta where the parabola ends, > 0: 1 / sigma².
 * NaN where either holds NaN.
 * Source: Fast R-CNN (arXiv 1504.08083, section 2.3); beta as in Faster R-CNN's `smooth_l1_loss_layer` (1 / sigma²).
 */
export function smoothL1Loss(
  deltas: ArrayLike<number>,
  start: number,
  target: ArrayLike<number>,
  beta: number,
): number {
  let loss = 0;
  for (let i = 0; i < 4; i++) {
    const d = Math.abs(deltas[start + i] - target[i]);
    loss += d < beta ? (0.5 * d * d) / beta : d - 0.5 * beta;
  }
  return loss;
}

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
