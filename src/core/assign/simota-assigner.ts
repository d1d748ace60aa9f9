/**
 * SimOTA: each ground truth takes the few anchors that already explain it most cheaply.
 *
 * Source: YOLOX (arXiv 2107.08430, section 2.1), YOLOX repository `yolox/models/yolo_head.py` `get_assignments` as it
 * was when its checkpoints were trained (centre radius 2.5; later versions changed it). Deviations: float64; equal
 * costs take the lower row; an anchor whose scores hold a NaN takes no part; strides go by axis, so that an image
 * resized unevenly is matched as the network saw it. AlignOTA (DAMO-YOLO, arXiv 2211.15444, section 2.3; its
 * `damo/base_models/core/ota_assigner.py`, Apache-2.0) is the same with another class cost.
 */
import { assigner } from './assigner.js';
import { isCentreInside, match, overlap, unassigned } from './assignment.js';
import type { Assignment } from './assignment.js';
import { qfl } from '../losses/class/qfl.js';
import { readProbabilities } from '../losses/class-scores.js';
import type { AnchorGrid, DetectorOutput } from '../losses/detector-output.js';
import { choice } from '../option-specs.js';
import type { ValuesOf } from '../option-specs.js';
import type { GtSubset } from './matchable-gts.js';
import { Shortlist } from './shortlist.js';

/** Half-width of the centre region, strides. */
const CENTRE_RADIUS = 2.5;
/** Candidates whose IoUs say how many anchors a ground truth takes. */
const DYNAMIC_K_CANDIDATES = 10;
const IOU_WEIGHT = 3;
/** Cost of an anchor that is not both inside the box and near its centre. */
const OUTSIDE_COST = 1e5;
/** The logarithms of PyTorch's binary_cross_entropy end here. */
const LEAST_PROBABILITY = Math.exp(-100);

const OWN = {
  simotaClass: choice(
    'SimOTA class cost',
    'class cost of SimOTA: BCE of √(class · objectness), or QFL towards the IoU (AlignOTA)',
    ['bce', 'qfl'],
    'bce',
  ),
};

export const simota = assigner({
  id: 'simota',
  rule:
    'inside the box or within 2.5 strides of its centre; lowest cost (BCE, or QFL towards the IoU, − 3 ln IoU); ' +
    'dynamic k from the top 10 IoUs',
  source: 'YOLOX (arXiv 2107.08430), `yolox/models/yolo_head.py`; QFL: AlignOTA (arXiv 2211.15444, section 2.3)',
  needs: ['grid', 'scores'],
  own: OWN,
  words: ({ simotaClass }) => (simotaClass === 'bce' ? '' : `class ${simotaClass}`),
  assign: ({ output, norms, grid, gts }, { simotaClass }) => assignSimota(output, norms, grid, gts, simotaClass),
});

/**
 * Candidates are anchors whose centre lies in some ground truth or within 2.5 strides of some centre. The cost of
 * matching is BCE(sqrt(class * objectness), one-hot), or the QFL with the IoU as target, summed over classes + 3 *
 * -ln(IoU + 1e-8) + 1e5 where the anchor is not both inside and central. A ground truth takes its k cheapest, k = the
 * sum of its ten highest IoUs, cut to an integer, at least 1. An anchor taken twice goes to the ground truth, of all,
 * that costs it least. Zero anchors or ground truths match nothing.
 * @param norms of `softmaxNorms`.
 * Cost: R * M, and K for each pair that is inside and central.
 */
export function assignSimota(
  output: DetectorOutput,
  norms: Float64Array | null,
  grid: AnchorGrid,
  gts: GtSubset,
  classForm: ValuesOf<typeof OWN>['simotaClass'] = 'bce',
): Assignment {
  const { numRois, preds } = output;
  const assignment = unassigned(preds, numRois, gts);
  const candidates = candidateRows(grid, numRois, gts);
  const pairCost = costOfPairs(output, norms, gts, classForm);
  const ious = new Float64Array(candidates.length);
  const timesTaken = new Uint16Array(numRois);
  const cheapest = new Shortlist(DYNAMIC_K_CANDIDATES);
  for (let g = 0; g < gts.count; g++) {
    for (let i = 0; i < candidates.length; i++) ious[i] = overlap(preds, candidates[i], gts, g);
    cheapest.reset(dynamicK(ious));
    for (const central of [true, false]) {
      // The only negative term is -3 ln(1 + 1e-8): no outside pair can cost less than this.
      if (!central && cheapest.bar < OUTSIDE_COST - 1) break;
      for (let i = 0; i < candidates.length; i++) {
        const row = candidates[i];
        if (isCentral(grid, row, gts, g) === central) cheapest.offer(pairCost(row, g, ious[i], central), row);
      }
    }
    for (let i = 0; i < cheapest.count; i++) {
      const row = cheapest.rows[i];
      timesTaken[row]++;
      match(assignment, row, g, overlap(preds, row, gts, g));
    }
  }
  for (const row of candidates) {
    if (timesTaken[row] < 2) continue;
    const g = cheapestGt(row, grid, gts, (other, central) =>
      pairCost(row, other, overlap(preds, row, gts, other), central),
    );
    match(assignment, row, g, overlap(preds, row, gts, g));
  }
  return assignment;
}

function candidateRows(grid: AnchorGrid, numRois: number, gts: GtSubset): Int32Array {
  const isCandidate = new Uint8Array(numRois);
  let count = 0;
  for (let g = 0; g < gts.count; g++) {
    for (let row = 0; row < numRois; row++) {
      if (isCandidate[row] === 1 || !(isCentreInside(grid, row, gts, g) || isNearCentre(grid, row, gts, g))) continue;
      isCandidate[row] = 1;
      count++;
    }
  }
  const rows = new Int32Array(count);
  for (let row = 0, i = 0; row < numRois; row++) if (isCandidate[row] === 1) rows[i++] = row;
  return rows;
}

/** Inside the box and near its centre. */
function isCentral(grid: AnchorGrid, row: number, gts: GtSubset, g: number): boolean {
  return isCentreInside(grid, row, gts, g) && isNearCentre(grid, row, gts, g);
}

function isNearCentre(grid: AnchorGrid, row: number, gts: GtSubset, g: number): boolean {
  const dx = Math.abs(grid.centreX[row] - 0.5 * (gts.x1[g] + gts.x2[g]));
  const dy = Math.abs(grid.centreY[row] - 0.5 * (gts.y1[g] + gts.y2[g]));
  return dx < CENTRE_RADIUS * grid.strideX[row] && dy < CENTRE_RADIUS * grid.strideY[row];
}

function dynamicK(ious: Float64Array): number {
  const highest = new Shortlist(DYNAMIC_K_CANDIDATES);
  for (let i = 0; i < ious.length; i++) if (ious[i] > 0) highest.offer(-ious[i], i);
  let sum = 0;
  for (let i = 0; i < highest.count; i++) sum -= highest.keys[i];
  return Math.max(1, Math.trunc(sum));
}

type PairCost = (row: number, g: number, iou: number, central: boolean) => number;

function costOfPairs(
  output: DetectorOutput,
  norms: Float64Array | null,
  gts: GtSubset,
  classForm: ValuesOf<typeof OWN>['simotaClass'],
): PairCost {
  const { numClasses } = output;
  const probabilities = new Float64Array(numClasses);
  return (row, g, iou, central) => {
    readProbabilities(output, norms, row, probabilities);
    const label = gts.gtClass[g];
    const clsCost =
      classForm === 'bce'
        ? classCost(probabilities, label)
        : qfl.probabilities(probabilities, 0, numClasses, label, iou);
    return clsCost - IOU_WEIGHT * Math.log(iou + 1e-8) + (central ? 0 : OUTSIDE_COST);
  };
}

/** Sum over classes of BCE(sqrt(p), one-hot); one logarithm for the product of many factors. */
function classCost(probabilities: Float64Array, label: number): number {
  let cost = 0;
  let product = 1;
  for (let k = 0; k < probabilities.length; k++) {
    const root = Math.sqrt(probabilities[k]);
    product *= Math.max(k === label ? root : 1 - root, LEAST_PROBABILITY);
    if (product < 1e-250) {
      cost -= Math.log(product);
      product = 1;
    }
  }
  return cost - Math.log(product);
}

function cheapestGt(
  row: number,
  grid: AnchorGrid,
  gts: GtSubset,
  costOf: (g: number, central: boolean) => number,
): number {
  let best = -1;
  let least = Infinity;
  for (let g = 0; g < gts.count; g++) {
    const cost = costOf(g, isCentral(grid, row, gts, g));
    if (cost < least) {
      least = cost;
      best = g;
    }
  }
  return best;
}
