/**
 * Mining NMS: greedy suppression by loss over the RoIs of one group (an image, or an image's label).
 *
 * Two ways to the same answer. Few rows to keep: each row, in loss order, is compared with those kept so far. Many:
 * only with those kept rows that its place and size let it meet (kept-grid.ts), near linear. Either way the first that
 * overlaps it is the hardest that suppresses it.
 */
import { BOX_WIDTH, KeptGrid } from './kept-grid.js';
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
  const ranked = gatherBoxes(boxes, rows, rule.pixelOffset);
  const grid = new KeptGrid(ranked, rule.threshold);
  const kept = new Int32Array(most);
  let numKept = 0;
  for (let k = 0; k < rows.length && numKept < most; k += 1) {
    const hasArea = ranked[BOX_WIDTH * k + 4] > 0;
    const suppressor = hasArea ? grid.suppressorOf(k) : NONE;
    if (suppressor !== NONE) {
      suppressedBy[rows[k]] = rows[suppressor];
      continue;
    }
    if (hasArea) grid.add(k);
    kept[numKept++] = rows[k];
  }
  return kept.subarray(0, numKept);
}

/** The rows' boxes as a KeptGrid takes them. */
function gatherBoxes(boxes: Boxes, rows: Int32Array, pixelOffset: 0 | 1): Float64Array {
  const ranked = new Float64Array(BOX_WIDTH * rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const row = rows[i];
    const at = BOX_WIDTH * i;
    const x1 = (ranked[at] = boxes.x1[row]);
    const y1 = (ranked[at + 1] = boxes.y1[row]);
    const x2 = (ranked[at + 2] = boxes.x2[row] + pixelOffset);
    const y2 = (ranked[at + 3] = boxes.y2[row] + pixelOffset);
    const area = (x2 - x1) * (y2 - y1);
    ranked[at + 4] = x2 > x1 && y2 > y1 && area < Infinity ? area : 0;
  }
  return ranked;
}
