import { boxIou } from '../boxes/iou.js';
import type { Boxes } from '../tables.js';

/** IoU of row `i` of `a` with row `j` of `b`, [0, 1]. */
export function iouOf(a: Boxes, i: number, b: Boxes, j: number): number {
  return boxIou(a.x1[i], a.y1[i], a.x2[i], a.y2[i], b.x1[j], b.y1[j], b.x2[j], b.y2[j]);
}

/** Share of row `i` of `a` that lies in row `j` of `b`, [0, 1]: the overlap with a region to be ignored. */
export function shareInside(a: Boxes, i: number, b: Boxes, j: number): number {
  const width = Math.min(a.x2[i], b.x2[j]) - Math.max(a.x1[i], b.x1[j]);
  const height = Math.min(a.y2[i], b.y2[j]) - Math.max(a.y1[i], b.y1[j]);
  return width > 0 && height > 0 ? (width * height) / ((a.x2[i] - a.x1[i]) * (a.y2[i] - a.y1[i])) : 0;
}
