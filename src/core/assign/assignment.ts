/** What an assigner answers, and the overlap that all of them report. */
import type { AnchorGrid } from '../losses/detector-output.js';
import { boxIou } from '../boxes/iou.js';
import type { GtSubset } from './matchable-gts.js';
import { NONE } from '../tables.js';
import type { Boxes } from '../tables.js';

/** One row a RoI (R). Indices count within the GtSubset that was matched. */
export interface Assignment {
  /** The matched ground truth; NONE where there is none. */
  readonly gt: Int32Array;
  /** IoU of the compared box with the matched ground truth, else with the best one, [0, 1]. */
  readonly iou: Float64Array;
  /** 1 = between background and foreground: takes no part. */
  readonly isGap: Uint8Array;
  /** What the class score of each matched row should be, [0, 1]; absent where the rule sets no soft target. */
  readonly target?: Float64Array;
}

/**
 * Best ground truth of every box: `gt` NONE where no IoU is above 0; the lowest index on a tie.
 * Cost: R * M.
 */
export function bestOverlaps(boxes: Boxes, numRois: number, gts: GtSubset): Assignment {
  const { x1, y1, x2, y2 } = boxes;
  const gt = new Int32Array(numRois).fill(NONE);
  const iou = new Float64Array(numRois);
  for (let g = 0; g < gts.count; g++) {
    const left = gts.x1[g];
    const top = gts.y1[g];
    const right = gts.x2[g];
    const bottom = gts.y2[g];
    for (let row = 0; row < numRois; row++) {
      const value = boxIou(x1[row], y1[row], x2[row], y2[row], left, top, right, bottom);
      if (value > iou[row]) {
        iou[row] = value;
        gt[row] = g;
      }
    }
  }
  return { gt, iou, isGap: new Uint8Array(numRois) };
}

/** `bestOverlaps` with every match taken back: what a dense assigner starts from. */
export function unassigned(boxes: Boxes, numRois: number, gts: GtSubset): Assignment {
  const assignment = bestOverlaps(boxes, numRois, gts);
  assignment.gt.fill(NONE);
  return assignment;
}

/** Matches `row` with ground truth `g`. */
export function match(assignment: Assignment, row: number, g: number, iou: number): void {
  assignment.gt[row] = g;
  assignment.iou[row] = iou;
}

/** IoU of box `row` with ground truth `g`. */
export function overlap(boxes: Boxes, row: number, gts: GtSubset, g: number): number {
  return boxIou(boxes.x1[row], boxes.y1[row], boxes.x2[row], boxes.y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]);
}

/** Does the anchor's centre lie strictly inside ground truth `g`? */
export function isCentreInside(grid: AnchorGrid, row: number, gts: GtSubset, g: number): boolean {
  const x = grid.centreX[row];
  const y = grid.centreY[row];
  return x > gts.x1[g] && x < gts.x2[g] && y > gts.y1[g] && y < gts.y2[g];
}
