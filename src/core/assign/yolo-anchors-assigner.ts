/**
 * YOLOv5's matching: an anchor whose shape is like the object's, in the cell of its centre and the two nearest beside.
 *
 * Source: the rule as docs.ultralytics.com/yolov5/tutorials/architecture_description describes it ("Build Targets");
 * its code is AGPL, unread. Deviation: a prior that several objects claim goes to the one of the larger IoU.
 */
import { assigner } from './assigner.js';
import { match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import type { DetectorOutput, AnchorGrid } from '../losses/detector-output.js';
import type { GtSubset } from './matchable-gts.js';
import { NONE } from '../tables.js';
import type { Boxes } from '../tables.js';

/** Neither side is this many times the other's. */
const MOST_RATIO = 4;

export const yoloAnchors = assigner({
  id: 'yolo-anchors',
  rule:
    'priors with neither side 4 times that of the object, in the cell of its centre and the two nearest beside it; ' +
    'several an object',
  source: 'docs.ultralytics.com/yolov5/tutorials/architecture_description (Build Targets)',
  needs: ['grid'],
  assign: ({ output, grid, gts }) => assignYoloAnchors(output, grid, gts),
});

/**
 * Matches priors (`regions`) with ground truths. Zero rows or ground truths match nothing.
 * Cost: R * M.
 */
export function assignYoloAnchors(
  { numRois, regions, preds }: Pick<DetectorOutput, 'numRois' | 'regions' | 'preds'>,
  grid: AnchorGrid,
  gts: GtSubset,
): Assignment {
  const assignment = unassigned(preds, numRois, gts);
  for (let g = 0; g < gts.count; g++) {
    for (let row = 0; row < numRois; row++) {
      if (!(isNextCell(grid, row, gts, g) && isAlike(regions, row, gts, g))) continue;
      const iou = overlap(preds, row, gts, g);
      if (assignment.gt[row] === NONE || iou > assignment.iou[row]) match(assignment, row, g, iou);
    }
  }
  return assignment;
}

/** The centre lies in the cell, or beside it no farther than half a cell along one axis. */
function isNextCell({ centreX, centreY, strideX, strideY }: AnchorGrid, row: number, gts: GtSubset, g: number) {
  const dx = Math.abs(0.5 * (gts.x1[g] + gts.x2[g]) - centreX[row]) / strideX[row];
  const dy = Math.abs(0.5 * (gts.y1[g] + gts.y2[g]) - centreY[row]) / strideY[row];
  return (dx <= 0.5 && dy < 1) || (dy <= 0.5 && dx < 1);
}

function isAlike({ x1, y1, x2, y2 }: Boxes, row: number, gts: GtSubset, g: number): boolean {
  const wide = (gts.x2[g] - gts.x1[g]) / (x2[row] - x1[row]);
  const high = (gts.y2[g] - gts.y1[g]) / (y2[row] - y1[row]);
  return Math.max(wide, 1 / wide, high, 1 / high) < MOST_RATIO;
}
