/**
 * Bipartite matching: each ground truth gets one query, so that the sum of all costs is least.
 *
 * Source: DETR (arXiv 2005.12872, section 3.1 and appendix A.2), Deformable DETR (arXiv 2010.04159, focal cost);
 * transformers `loss/loss_for_object_detection.py` and `loss_rt_detr.py` (Apache-2.0). Deviation: float64.
 */
import { assigner } from './assigner.js';
import type { AssignTask } from './assigner.js';
import { match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import { giouLoss } from '../losses/box/giou.js';
import { l1OfSides } from '../losses/box/l1-giou.js';
import { readClassProbability } from '../losses/class-scores.js';
import { choice, real } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import { minCostAssignment } from './min-cost-assignment.js';
import { NONE } from '../tables.js';

const OWN = {
  matchClass: choice(
    'Matching class cost',
    'class cost of bipartite matching',
    ['probability', 'focal'],
    'probability',
  ),
  matchClassWeight: real('Matching class weight', 'factor of the class cost in bipartite matching', 1, 0, 1000),
  matchL1Weight: real('Matching L1 weight', 'factor of the L1 of boxes in bipartite matching', 5, 0, 1000),
  matchGiouWeight: real('Matching GIoU weight', 'factor of −GIoU in bipartite matching', 2, 0, 1000),
};

export const hungarian = assigner({
  id: 'hungarian',
  rule: 'one query an object at the least total cost of class (−p, or focal), L1 in shares of the image, and −GIoU',
  source: 'DETR (arXiv 2005.12872, section 3.1); focal cost: Deformable DETR (arXiv 2010.04159)',
  needs: ['scores'],
  own: OWN,
  words: ({ matchClass, matchClassWeight, matchL1Weight, matchGiouWeight }) =>
    `${matchClass} ${matchClassWeight}, l1 ${matchL1Weight}, giou ${matchGiouWeight}`,
  assign: assignHungarian,
});

/**
 * Matches min(R, M) pairs; the rest is background. A cost that is not finite counts as the largest finite one, so that
 * a query of NaN is taken last. Zero rows match nothing.
 * Cost: R * M, and min(R, M)² max(R, M) for the matching.
 */
export function assignHungarian(
  task: Pick<AssignTask, 'output' | 'norms' | 'gts' | 'image'>,
  config: ValuesOf<typeof OWN>,
): Assignment {
  const { output, gts } = task;
  const assignment = unassigned(output.preds, output.numRois, gts);
  const rows = minCostAssignment(finiteCosts(task, config), gts.count, output.numRois);
  rows.forEach((row, g) => {
    if (row !== NONE) match(assignment, row, g, overlap(output.preds, row, gts, g));
  });
  return assignment;
}

/** M * R. */
function finiteCosts(
  { output, norms, gts, image }: Pick<AssignTask, 'output' | 'norms' | 'gts' | 'image'>,
  { matchClass, matchClassWeight, matchL1Weight, matchGiouWeight }: ValuesOf<typeof OWN>,
): Float64Array {
  const { numRois, preds } = output;
  const { x1, y1, x2, y2 } = preds;
  const classCost = matchClass === 'focal' ? focalCost : (p: number) => -p;
  const costs = new Float64Array(gts.count * numRois);
  for (let g = 0, at = 0; g < gts.count; g++) {
    for (let row = 0; row < numRois; row++, at++) {
      const l1 =
        l1OfSides(x1[row], x2[row], gts.x1[g], gts.x2[g]) / image.width +
        l1OfSides(y1[row], y2[row], gts.y1[g], gts.y2[g]) / image.height;
      const giou = giouLoss(x1[row], y1[row], x2[row], y2[row], gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]) - 1;
      const p = readClassProbability(output, norms, row, gts.gtClass[g]);
      costs[at] = matchClassWeight * classCost(p) + matchL1Weight * l1 + matchGiouWeight * giou;
    }
  }
  const largest = costs.reduce((most, cost) => (Number.isFinite(cost) && cost > most ? cost : most), -Infinity);
  return costs.map((cost) => (Number.isFinite(cost) ? cost : Number.isFinite(largest) ? largest : 0));
}

/** What the focal loss (alpha .25, gamma 2) of one class would change by calling it foreground. */
function focalCost(p: number): number {
  return 0.25 * (1 - p) ** 2 * -Math.log(p + 1e-8) - 0.75 * p * p * -Math.log(1 - p + 1e-8);
}
