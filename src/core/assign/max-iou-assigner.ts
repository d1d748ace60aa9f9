/**
 * Maximum IoU: a RoI belongs to the ground truth that it overlaps most.
 *
 * Source: Fast R-CNN (arXiv 1504.08083, section 2.3), the gap and the low-quality matches of RPN and RetinaNet
 * (arXiv 1506.01497, section 3.1.2); detectron2 `detectron2/modeling/matcher.py`. Own best: SSD (arXiv 1512.02325,
 * section 2.2), torchvision `models/detection/_utils.py` `SSDMatcher`.
 */
import { assigner } from './assigner.js';
import { bestOverlaps, match, overlap } from './assignment.js';
import type { Assignment } from './assignment.js';
import { MiningError, show } from '../mining-error.js';
import { said } from '../said.js';
import { real, toggle } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import type { GtSubset } from './matchable-gts.js';
import { NONE } from '../tables.js';
import type { Boxes } from '../tables.js';

const OWN = {
  fgThreshold: real('Foreground IoU', 'foreground overlaps a ground truth by at least this IoU', 0.5, 0, 1),
  bgThreshold: real(
    'Background IoU',
    'background overlaps every ground truth by less than this IoU; what lies between is ignored',
    0.5,
    0,
    1,
  ),
  lowQualityMatches: toggle(
    'Low-quality matches',
    'each ground truth also takes its best RoI, even below the threshold',
    false,
  ),
  ownBest: toggle('Own best', 'each ground truth takes its best RoI, whatever else that overlaps more (SSD)', false),
};

export const maxIou = assigner({
  id: 'max-iou',
  rule: 'the ground truth of the highest IoU, from `fgThreshold` on; between `bgThreshold` and it ignored',
  source: 'Fast R-CNN (arXiv 1504.08083, section 2.3); gap and low-quality matches: RPN, RetinaNet; own best: SSD',
  needs: [],
  own: OWN,
  words: ({ fgThreshold, bgThreshold, lowQualityMatches, ownBest }) =>
    `fg IoU ≥ ${fgThreshold}` +
    (bgThreshold === fgThreshold ? '' : `, bg IoU < ${bgThreshold}`) +
    (lowQualityMatches ? ', low-quality matches' : '') +
    (ownBest ? ', own best' : ''),
  assign({ output, compared, gts }, config) {
    const { fgThreshold, bgThreshold } = config;
    if (!(bgThreshold <= fgThreshold))
      throw new MiningError('options', 'bg-threshold', said`a number in [0, ${fgThreshold}]`, show(bgThreshold));
    const assignment = assignMaxIou(compared, output.numRois, gts, config);
    if (config.ownBest) giveOwnBest(assignment, compared, gts);
    return assignment;
  },
});

/**
 * Foreground at IoU >= fgThreshold, gap in [bgThreshold, fgThreshold), background below; lowest index on a tie.
 *
 * Low-quality matches make every RoI foreground that some ground truth overlaps most (all of them on a tie, IoU > 0).
 * Such a RoI keeps its own best ground truth, as in py-faster-rcnn, torchvision and detectron2; mmdetection would hand
 * it to the one that asked. A box without overlap is background at any threshold. Zero rows give zero rows.
 * Cost: R * M.
 */
export function assignMaxIou(
  boxes: Boxes,
  numRois: number,
  gts: GtSubset,
  config: Omit<ValuesOf<typeof OWN>, 'ownBest'>,
): Assignment {
  const assignment = bestOverlaps(boxes, numRois, gts);
  const promoted = config.lowQualityMatches ? bestRowsOfGts(boxes, numRois, gts) : null;
  for (let row = 0; row < numRois; row++) {
    const iou = assignment.iou[row];
    if (iou >= config.fgThreshold || promoted?.[row] === 1) continue;
    assignment.gt[row] = NONE;
    if (iou >= config.bgThreshold && iou > 0) assignment.isGap[row] = 1;
  }
  return assignment;
}

/** 1 for every row that has the highest IoU with some ground truth. */
function bestRowsOfGts(boxes: Boxes, numRois: number, gts: GtSubset): Uint8Array {
  const isBest = new Uint8Array(numRois);
  const ious = new Float64Array(numRois);
  for (let g = 0; g < gts.count; g++) {
    let best = 0;
    for (let row = 0; row < numRois; row++) {
      const iou = overlap(boxes, row, gts, g);
      ious[row] = iou;
      if (iou > best) best = iou;
    }
    for (let row = 0; row < numRois && best > 0; row++) if (ious[row] === best) isBest[row] = 1;
  }
  return isBest;
}

/** The RoI of the highest IoU > 0, the lowest row on a tie; one that several objects claim goes to the last. */
function giveOwnBest(assignment: Assignment, boxes: Boxes, gts: GtSubset): void {
  for (let g = 0; g < gts.count; g++) {
    let [best, most] = [NONE, 0];
    for (let row = 0; row < assignment.gt.length; row++) {
      const iou = overlap(boxes, row, gts, g);
      if (iou > most) [best, most] = [row, iou];
    }
    if (best === NONE) continue;
    match(assignment, best, g, most);
    assignment.isGap[best] = 0;
  }
}
