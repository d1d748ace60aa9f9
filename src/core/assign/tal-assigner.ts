/**
 * Task-aligned assignment: each ground truth takes the anchors that both classify and locate it best.
 *
 * Source: TOOD (arXiv 2108.07755, section 3.3, equations 3 and 4). Deviations: candidates are the anchors inside the
 * object (as the heads that took the rule over do it: PP-YOLOE, arXiv 2203.16250), not first the best of all anchors;
 * equal alignments take the lower row; an alignment of 0 never matches; no epsilon in the normalisation.
 */
import { assigner } from './assigner.js';
import type { AssignTask } from './assigner.js';
import { isCentreInside, match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import { readClassProbability } from '../losses/class-scores.js';
import { integer, real } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import { Shortlist } from './shortlist.js';
import { NONE } from '../tables.js';

const OWN = {
  talAlpha: real('TAL alpha', 'exponent of the class score in the alignment of a task-aligned assigner', 1, 0, 100),
  talBeta: real('TAL beta', 'exponent of the IoU in the alignment of a task-aligned assigner', 6, 0, 100),
  talTopK: integer('TAL k', 'anchors that each ground truth takes at most, the best aligned', 13, 1, 1000),
};

export const tal = assigner({
  id: 'tal',
  rule: 'inside the object; the k highest score^α · IoU^β; doubles go to the larger IoU; soft target',
  source: 'TOOD (arXiv 2108.07755, section 3.3)',
  needs: ['grid', 'scores'],
  own: OWN,
  words: ({ talAlpha, talBeta, talTopK }) => `α ${talAlpha}, β ${talBeta}, k ${talTopK}`,
  assign: assignTal,
});

/**
 * The alignment of an anchor with a ground truth is t = s^α u^β, s the score of its class, u the IoU of the regressed
 * box. Of the anchors whose centre is inside, a ground truth takes the k best aligned. An anchor taken twice goes to
 * the larger IoU, the lower index on a tie. The soft target of a matched anchor is t / (largest t of its ground truth's
 * anchors) * (largest IoU among them). An anchor whose score is NaN takes no part. Zero rows match nothing.
 * Cost: R * M.
 */
export function assignTal(
  { output, norms, grid, gts }: Omit<AssignTask, 'compared' | 'image'>,
  { talAlpha, talBeta, talTopK }: ValuesOf<typeof OWN>,
): Assignment {
  const { numRois, preds } = output;
  const assignment = unassigned(preds, numRois, gts);
  const alignment = new Float64Array(numRois);
  const best = new Shortlist(talTopK);
  for (let g = 0; g < gts.count; g++) {
    best.reset();
    for (let row = 0; row < numRois; row++) {
      if (!isCentreInside(grid, row, gts, g)) continue;
      const iou = overlap(preds, row, gts, g);
      if (iou === 0) continue;
      const t = readClassProbability(output, norms, row, gts.gtClass[g]) ** talAlpha * iou ** talBeta;
      if (t > 0) best.offer(-t, row);
    }
    for (let i = 0; i < best.count; i++) {
      const row = best.rows[i];
      const iou = overlap(preds, row, gts, g);
      if (assignment.gt[row] !== NONE && assignment.iou[row] >= iou) continue;
      match(assignment, row, g, iou);
      alignment[row] = -best.keys[i];
    }
  }
  return { ...assignment, target: softTargets(assignment, alignment, gts.count) };
}

function softTargets({ gt, iou }: Assignment, alignment: Float64Array, numGts: number): Float64Array {
  const mostAligned = new Float64Array(numGts);
  const largestIou = new Float64Array(numGts);
  for (let row = 0; row < gt.length; row++) {
    const g = gt[row];
    if (g === NONE) continue;
    mostAligned[g] = Math.max(mostAligned[g], alignment[row]);
    largestIou[g] = Math.max(largestIou[g], iou[row]);
  }
  return alignment.map((t, row) => (gt[row] === NONE ? 0 : (t / mostAligned[gt[row]]) * largestIou[gt[row]]));
}
