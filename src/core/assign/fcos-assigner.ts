/**
 * FCOS: the points near an object's centre, on the level whose range holds the object.
 *
 * Source: FCOS (arXiv 1904.01355, section 3.2), centre sampling of its journal version; torchvision
 * `models/detection/fcos.py` (BSD-3). Deviations: float64; strides go by axis, so that an image resized unevenly is
 * matched as the network saw it; of equal areas the lower ground truth.
 */
import { assigner } from './assigner.js';
import { match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import type { AnchorGrid } from '../losses/detector-output.js';
import type { GtSubset } from './matchable-gts.js';
import type { Boxes } from '../tables.js';

/** Strides from an object's centre. */
const CENTRE_RADIUS = 1.5;
/** A level takes objects whose farthest side is this many strides from the point; the outer levels are open. */
const LEAST_SIDE = 4;
const MOST_SIDE = 8;

export const fcos = assigner({
  id: 'fcos',
  rule:
    'inside the box, within 1.5 strides of its centre, farthest side 4 to 8 strides away (open at the outer levels); ' +
    'the smallest object wins',
  source: 'FCOS (arXiv 1904.01355), torchvision `models/detection/fcos.py`',
  needs: ['grid'],
  assign: ({ output, grid, gts }) => assignFcos(output.preds, output.numRois, grid, gts),
});

/**
 * Matches points with ground truths. Zero points or ground truths match nothing.
 * @param preds regressed boxes (R), whose overlap is reported.
 * Cost: R * M.
 */
export function assignFcos(preds: Boxes, numRois: number, grid: AnchorGrid, gts: GtSubset): Assignment {
  const assignment = unassigned(preds, numRois, gts);
  const { levelStart } = grid;
  const numLevels = levelStart.length - 1;
  const smallest = new Float64Array(numRois).fill(Infinity);
  for (let g = 0; g < gts.count; g++) {
    const area = (gts.x2[g] - gts.x1[g]) * (gts.y2[g] - gts.y1[g]);
    for (let level = 0; level < numLevels; level++) {
      const least = level === 0 ? 0 : LEAST_SIDE;
      const most = level === numLevels - 1 ? Infinity : MOST_SIDE;
      for (let row = levelStart[level]; row < levelStart[level + 1]; row++) {
        if (area >= smallest[row]) continue;
        const side = farthestSide(grid, row, gts, g);
        if (!(side > least && side < most && isNearCentre(grid, row, gts, g))) continue;
        smallest[row] = area;
        match(assignment, row, g, overlap(preds, row, gts, g));
      }
    }
  }
  return assignment;
}

/** Distance of the farthest side in strides; NaN where the point is not inside. */
function farthestSide({ centreX, centreY, strideX, strideY }: AnchorGrid, row: number, gts: GtSubset, g: number) {
  const left = centreX[row] - gts.x1[g];
  const right = gts.x2[g] - centreX[row];
  const top = centreY[row] - gts.y1[g];
  const bottom = gts.y2[g] - centreY[row];
  if (!(left > 0 && right > 0 && top > 0 && bottom > 0)) return NaN;
  return Math.max(Math.max(left, right) / strideX[row], Math.max(top, bottom) / strideY[row]);
}

function isNearCentre({ centreX, centreY, strideX, strideY }: AnchorGrid, row: number, gts: GtSubset, g: number) {
  const dx = Math.abs(centreX[row] - 0.5 * (gts.x1[g] + gts.x2[g]));
  const dy = Math.abs(centreY[row] - 0.5 * (gts.y1[g] + gts.y2[g]));
  return dx < CENTRE_RADIUS * strideX[row] && dy < CENTRE_RADIUS * strideY[row];
}
