/**
 * Dynamic soft labels: each ground truth takes the few points that already explain it most cheaply, where a class score
 * is cheap when it equals the IoU.
 *
 * Source: RTMDet (arXiv 2212.07784, section 3.3), mmdetection `dynamic_soft_label_assigner.py` (Apache-2.0); without
 * the centre prior NanoDet-Plus, nanodet `dsl_assigner.py` (Apache-2.0). Deviations: float64; equal costs take the
 * lower row; the class cost is from probabilities.
 */
import { assigner } from './assigner.js';
import type { AssignTask } from './assigner.js';
import { isCentreInside, match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import { qfl } from '../losses/class/qfl.js';
import { readProbabilities } from '../losses/class-scores.js';
import type { AnchorGrid } from '../losses/detector-output.js';
import { integer, toggle } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import type { GtSubset } from './matchable-gts.js';
import { Shortlist } from './shortlist.js';

const IOU_WEIGHT = 3;
/** A point this many strides from the centre costs 1 more; one stride farther ten times as much. */
const CENTRE_RADIUS = 3;

const OWN = {
  softTopK: integer(
    'Soft label k',
    'overlaps whose sum says how many points a ground truth takes (dynamic-soft)',
    13,
    1,
    1000,
  ),
  softCentrePrior: toggle('Centre prior', 'dynamic-soft: 10^(strides from the centre − 3) is added to the cost', true),
};

export const dynamicSoft = assigner({
  id: 'dynamic-soft',
  rule:
    'inside some object; lowest cost ((IoU − σ)² · BCE(σ, IoU) − 3 ln IoU, and 10^(strides from the centre − 3)); ' +
    'dynamic k from the top k IoUs',
  source: 'RTMDet (arXiv 2212.07784, section 3.3); NanoDet-Plus (no centre prior)',
  needs: ['grid', 'scores'],
  own: OWN,
  words: ({ softTopK, softCentrePrior }) => `k ${softTopK}${softCentrePrior ? ', centre prior' : ''}`,
  assign: assignDynamicSoft,
});

/**
 * Candidates are the points inside some ground truth. A ground truth takes its k cheapest, k = the sum of its highest
 * `softTopK` IoUs, cut to an integer, at least 1; a point taken twice goes to the one, of all, that it is cheapest for.
 * A point whose scores hold a NaN takes no part. Zero points or ground truths match nothing.
 * Cost: R * M, and K for each candidate.
 */
export function assignDynamicSoft(
  task: Pick<AssignTask, 'output' | 'norms' | 'grid' | 'gts'>,
  config: ValuesOf<typeof OWN>,
): Assignment {
  const { output, grid, gts } = task;
  const { numRois, preds } = output;
  const assignment = unassigned(preds, numRois, gts);
  const rows = rowsInside(grid, numRois, gts);
  const costs = costsOf(task, rows, config.softCentrePrior);
  const timesTaken = new Uint16Array(rows.length);
  const highest = new Shortlist(config.softTopK);
  const cheapest = new Shortlist(config.softTopK);
  for (let g = 0; g < gts.count; g++) {
    highest.reset();
    rows.forEach((row, i) => highest.offer(-overlap(preds, row, gts, g), i));
    let sum = 0;
    for (let i = 0; i < highest.count; i++) sum -= highest.keys[i];
    cheapest.reset(Math.max(1, Math.trunc(sum)));
    rows.forEach((_, i) => cheapest.offer(costs[g * rows.length + i], i));
    for (let place = 0; place < cheapest.count; place++) {
      const i = cheapest.rows[place];
      const taker = timesTaken[i]++ === 0 ? g : cheapestGt(costs, rows.length, i, gts.count);
      match(assignment, rows[i], taker, overlap(preds, rows[i], gts, taker));
    }
  }
  return assignment;
}

function rowsInside(grid: AnchorGrid, numRois: number, gts: GtSubset): number[] {
  const rows: number[] = [];
  for (let row = 0; row < numRois; row++) {
    for (let g = 0; g < gts.count; g++) {
      if (!isCentreInside(grid, row, gts, g)) continue;
      rows.push(row);
      break;
    }
  }
  return rows;
}

/** M * candidates. Of the class cost, which is a QFL, only the label's summand differs from object to object. */
function costsOf(
  { output, norms, grid, gts }: Pick<AssignTask, 'output' | 'norms' | 'grid' | 'gts'>,
  rows: readonly number[],
  hasCentrePrior: boolean,
): Float64Array {
  const { numClasses, preds } = output;
  const costs = new Float64Array(gts.count * rows.length);
  const p = new Float64Array(numClasses);
  rows.forEach((row, i) => {
    readProbabilities(output, norms, row, p);
    const background = qfl.probabilities(p, 0, numClasses, numClasses);
    for (let g = 0; g < gts.count; g++) {
      const iou = overlap(preds, row, gts, g);
      const label = gts.gtClass[g];
      const classCost = background - qfl.probabilities(p, label, 1, 1) + qfl.probabilities(p, label, 1, 0, iou);
      const away = hasCentrePrior ? 10 ** (stridesFromCentre(grid, row, gts, g) - CENTRE_RADIUS) : 0;
      costs[g * rows.length + i] = classCost - IOU_WEIGHT * Math.log(iou + 1e-7) + away;
    }
  });
  return costs;
}

function stridesFromCentre({ centreX, centreY, strideX, strideY }: AnchorGrid, row: number, gts: GtSubset, g: number) {
  const dx = (centreX[row] - 0.5 * (gts.x1[g] + gts.x2[g])) / strideX[row];
  const dy = (centreY[row] - 0.5 * (gts.y1[g] + gts.y2[g])) / strideY[row];
  return Math.hypot(dx, dy);
}

function cheapestGt(costs: Float64Array, numRows: number, i: number, numGts: number): number {
  let best = 0;
  for (let g = 1; g < numGts; g++) if (costs[g * numRows + i] < costs[best * numRows + i]) best = g;
  return best;
}
