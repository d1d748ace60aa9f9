/**
 * Mining NMS: greedy suppression by loss over the RoIs of one group (an image, or an image's label).
 *
 * Two ways to the same answer. Few rows to keep: each row, in loss order, is compared with those kept so far. Many:
 * only with those kept rows that its place and size let it meet (kept-grid.ts), near linear. Either way the first that
 * overlaps it is the hardest that suppresses it.
 */
import { KeptGrid } from './kept-grid.js';
import { boxIou } from '../boxes/iou.js';
import { NONE, type Boxes } from '../tables.js';

export interface NmsRule {
  /** A row is suppressed by a harder one whose IoU with it is greater (strict), [0, 1]. */
  readonly threshold: number;
  /** Added to x2 and y2: 0 continuous boxes, 1 the "+ 1" of integer pixel boxes. */
  readonly pixelOffset: 0 | 1;
  /** Stop when this many rows are kept: the rest stays undecided. Infinity: decide every row. */
  readonly limit: number;
}

/**
 * Keeps the hardest rows of a group, suppressing those that overlap a harder kept one.
 * @param rows rows of `boxes` in loss order, hardest first. Zero rows keep none.
 * @param suppressedBy R: written for each suppressed row with the hardest kept row that suppresses it; others
 * untouched.
 * @returns the kept rows in loss order.
 * Source: Shrivastava et al., CVPR 2016 (arXiv 1604.03540), section 4.
 * Cost: rows times the rows near each; rows squared only where most boxes are in each other's reach and none
 * suppresses.
 */
export function suppressByLoss(boxes: Boxes, rows: Int32Array, rule: NmsRule, suppressedBy: Int32Array): Int32Array {
  const most = Math.max(0, Math.min(rule.limit, rows.length));
  // IoU is never above 1.
  if (rule.threshold >= 1) return rows.slice(0, most);
  if (most <= SCAN_LIMIT) return scanKept(boxes, rows, rule, most, suppressedBy);
  return meetKeptNear(boxes, rows, rule, most, suppressedBy);
}

/** Rows kept up to which comparing with all of them costs less than building the grid. */
const SCAN_LIMIT = 128;

function scanKept(boxes: Boxes, rows: Int32Array, rule: NmsRule, most: number, suppressedBy: Int32Array): Int32Array {
  const { threshold, pixelOffset } = rule;
  const kept = new Int32Array(most);
  const corners = new Float64Array(4 * most);
  let numKept = 0;
  for (let k = 0; k < rows.length && numKept < most; k += 1) {
    const row = rows[k];
    const x1 = boxes.x1[row];
    const y1 = boxes.y1[row];
    const x2 = boxes.x2[row] + pixelOffset;
    const y2 = boxes.y2[row] + pixelOffset;
    let i = 0;
    for (let at = 0; i < numKept; i += 1, at += 4) {
      const iou = boxIou(corners[at], corners[at + 1], corners[at + 2], corners[at + 3], x1, y1, x2, y2);
      if (iou > threshold) break;
    }
    if (i < numKept) {
      suppressedBy[row] = kept[i];
      continue;
    }
    corners.set([x1, y1, x2, y2], 4 * numKept);
    kept[numKept++] = row;
  }
  return kept.subarray(0, numKept);
}

function meetKeptNear(
  boxes: Boxes,
  rows: Int32Array,
  rule: NmsRule,
  most: number,
  suppressedBy: Int32Array,
): Int32Array {
  const grid = new KeptGrid(boxes, rows, rule.pixelOffset, rule.threshold);
  const kept = new Int32Array(most);
  let numKept = 0;
  for (let k = 0; k < rows.length && numKept < most; k += 1) {
    const suppressor = grid.suppressorOf(k);
    if (suppressor !== NONE) {
      suppressedBy[rows[k]] = rows[suppressor];
      continue;
    }
    grid.add(k);
    kept[numKept++] = rows[k];
  }
  return kept.subarray(0, numKept);
}
