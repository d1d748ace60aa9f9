/** What the proposal stage and the RoI head are asked to answer for one image, and which rows are sampled to train. */
import { encodeDelta, type DeltaWeights } from '../core/boxes/box-coding.js';
import { assignMaxIou } from '../core/assign/max-iou-assigner.js';
import { matchableGts } from '../core/assign/matchable-gts.js';
import { sampleWithoutReplacement, type SeededRandom } from '../core/seeded-random.js';
import type { Boxes, GtTable } from '../core/tables.js';

export interface SampleRule {
  /** Rows sampled from an image. */
  readonly count: number;
  /** Largest share of foreground among them. */
  readonly fgFraction: number;
  /** Foreground from this IoU; background below `bgThreshold`. */
  readonly fgThreshold: number;
  readonly bgThreshold: number;
  /** Each ground truth also takes the row that overlaps it most. */
  readonly lowQualityMatches: boolean;
}

/** Sampled rows, foreground first. */
export interface SampledTargets {
  readonly row: Int32Array;
  readonly numForeground: number;
  /** Label of each sampled row: [0, K), K background. */
  readonly label: Int32Array;
  /** Encoded deltas of the foreground rows, numForeground * 4. */
  readonly delta: Float32Array;
}

/**
 * Labels the boxes by maximum IoU and samples foreground and background at random, as Fast R-CNN does
 * (arXiv 1504.08083, section 2.3). An image without ground truth gives background only.
 */
export function sampleTargets(
  boxes: Boxes,
  gts: GtTable,
  numClasses: number,
  weights: DeltaWeights,
  rule: SampleRule,
  random: SeededRandom,
): SampledTargets {
  const numRows = boxes.x1.length;
  const matchable = matchableGts(gts, numClasses, { width: 0, height: 0 });
  const { gt, isGap } = assignMaxIou(boxes, numRows, matchable, rule);
  const foregrounds: number[] = [];
  const backgrounds: number[] = [];
  for (let row = 0; row < numRows; row++) {
    if (gt[row] >= 0) foregrounds.push(row);
    else if (isGap[row] === 0) backgrounds.push(row);
  }
  const foreground = sampleWithoutReplacement(
    Int32Array.from(foregrounds),
    Math.floor(rule.count * rule.fgFraction),
    random,
  );
  const background = sampleWithoutReplacement(Int32Array.from(backgrounds), rule.count - foreground.length, random);
  const row = Int32Array.from([...foreground, ...background]);
  const delta = new Float32Array(foreground.length * 4);
  const encoded = new Float64Array(4);
  foreground.forEach((from, i) => {
    encodeDelta(encoded, boxes, from, matchable, gt[from], weights);
    delta.set(encoded, i * 4);
  });
  const label = row.map((from, i) => (i < foreground.length ? matchable.gtClass[gt[from]] : numClasses));
  return { row, numForeground: foreground.length, label, delta };
}

/** Proposals followed by the ground-truth boxes, so that every object has a good RoI from the first step on. */
export function withGroundTruth(proposals: Boxes, gts: Boxes): Boxes {
  const join = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    const joined = new Float32Array(a.length + b.length);
    joined.set(a);
    joined.set(b, a.length);
    return joined;
  };
  return {
    x1: join(proposals.x1, gts.x1),
    y1: join(proposals.y1, gts.y1),
    x2: join(proposals.x2, gts.x2),
    y2: join(proposals.y2, gts.y2),
  };
}

/** The boxes of some rows. */
export function takeBoxes(boxes: Boxes, rows: Int32Array): Boxes {
  const take = (column: ArrayLike<number>) => Float32Array.from(rows, (row) => column[row] ?? NaN);
  return { x1: take(boxes.x1), y1: take(boxes.y1), x2: take(boxes.x2), y2: take(boxes.y2) };
}
