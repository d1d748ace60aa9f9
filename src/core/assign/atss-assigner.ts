/**
 * ATSS: each ground truth sets its own IoU threshold from the anchors near its centre.
 *
 * Source: arXiv 1912.02424, algorithm 1; mmdetection `mmdet/models/task_modules/assigners/atss_assigner.py` (unbiased
 * standard deviation). Deviations: float64; equal distances take the lower row; distances are measured in strides, so
 * that an image resized unevenly is matched as the network saw it; the centre is inside strictly (mmdetection: by
 * .01 px); an anchor without overlap never matches; one candidate alone has standard deviation 0.
 */
import { assigner } from './assigner.js';
import { isCentreInside, match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import type { AnchorGrid } from '../losses/detector-output.js';
import type { GtSubset } from './matchable-gts.js';
import { Shortlist } from './shortlist.js';
import { NONE } from '../tables.js';
import type { Boxes } from '../tables.js';

/** Candidates from each level. */
const CANDIDATES_PER_LEVEL = 9;

export const atss = assigner({
  id: 'atss',
  rule:
    'on each level the 9 anchors nearest to the centre; IoU at least mean + standard deviation of theirs; ' +
    'centre inside',
  source: 'arXiv 1912.02424',
  needs: ['grid'],
  assign: ({ output, grid, gts }) => assignAtss(output.regions, output.numRois, grid, gts),
});

/**
 * On every level a ground truth's candidates are the 9 anchors nearest to its centre. Those whose IoU reaches mean +
 * standard deviation of the candidates' IoUs, and whose centre is inside the ground truth, match. An anchor that
 * matches twice goes to the higher IoU, the lower index on a tie. Zero anchors or ground truths match nothing.
 * @param anchors the priors (R), before regression.
 * Cost: R * M.
 */
export function assignAtss(anchors: Boxes, numRois: number, grid: AnchorGrid, gts: GtSubset): Assignment {
  const assignment = unassigned(anchors, numRois, gts);
  const nearest = new Shortlist(CANDIDATES_PER_LEVEL);
  for (let g = 0; g < gts.count; g++) {
    const rows = candidatesOf(grid, gts, g, nearest);
    const ious = Float64Array.from(rows, (row) => overlap(anchors, row, gts, g));
    const threshold = meanPlusDeviation(ious);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (!(ious[i] > 0 && ious[i] >= threshold && isCentreInside(grid, row, gts, g))) continue;
      const isFree = assignment.gt[row] === NONE;
      if (isFree || ious[i] > assignment.iou[row]) match(assignment, row, g, ious[i]);
    }
  }
  return assignment;
}

function candidatesOf(grid: AnchorGrid, gts: GtSubset, g: number, nearest: Shortlist): number[] {
  const { centreX, centreY, strideX, strideY, levelStart } = grid;
  const gtX = 0.5 * (gts.x1[g] + gts.x2[g]);
  const gtY = 0.5 * (gts.y1[g] + gts.y2[g]);
  const rows: number[] = [];
  for (let level = 0; level + 1 < levelStart.length; level++) {
    nearest.reset();
    let bar = Infinity;
    for (let row = levelStart[level]; row < levelStart[level + 1]; row++) {
      const dx = (centreX[row] - gtX) / strideX[row];
      const dy = (centreY[row] - gtY) / strideY[row];
      const distance = dx * dx + dy * dy;
      // Rows ascend: one as far as the bar would come after it.
      if (!(distance < bar)) continue;
      nearest.offer(distance, row);
      bar = nearest.bar;
    }
    for (let i = 0; i < nearest.count; i++) rows.push(nearest.rows[i]);
  }
  return rows;
}

function meanPlusDeviation(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return mean + Math.sqrt(squares / Math.max(values.length - 1, 1));
}
