/** Which background RoIs are excused because an object that nothing is matched with lies under them. */
import type { GtSubset } from './matchable-gts.js';
import type { Boxes } from '../tables.js';

/**
 * Sets `isIgnored[row]` for every row whose overlap with some ignore region reaches the threshold.
 * Overlap is intersection over the box's own area: a crowd is larger than its members. A box without area or overlap is
 * never ignored. Zero regions change nothing.
 * @param threshold [0, 1].
 * Source: COCO's evaluation of `iscrowd` (pycocotools `cocoeval.py`, maskUtils.iou with iscrowd = 1).
 * Cost: R * M.
 */
export function markIgnored(isIgnored: Uint8Array, boxes: Boxes, regions: GtSubset, threshold: number): void {
  const { x1, y1, x2, y2 } = boxes;
  for (let g = 0; g < regions.count; g++) {
    for (let row = 0; row < isIgnored.length; row++) {
      const width = Math.min(x2[row], regions.x2[g]) - Math.max(x1[row], regions.x1[g]);
      const height = Math.min(y2[row], regions.y2[g]) - Math.max(y1[row], regions.y1[g]);
      if (!(width > 0 && height > 0)) continue;
      if (width * height >= threshold * (x2[row] - x1[row]) * (y2[row] - y1[row])) isIgnored[row] = 1;
    }
  }
}
