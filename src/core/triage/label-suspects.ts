/**
 * Labels that are worth a second look, each with a score: low is suspicious. The kinds have scores of their own, which
 * cannot be compared, so the queue takes the worst of each kind in turn. Formulas and sources: docs/measures.md.
 */
import { mistakenness } from '../reports/dataset-measures.js';
import { NONE, type GtTable } from '../tables.js';
import type { Detections } from './detections.js';
import { isLabel, SAME_OBJECT, type LabelQuality } from './label-quality.js';
import { iouOf } from './overlaps.js';

/** The kinds, in the order in which the queue takes them; p: the score of the prediction. */
export const SUSPICIONS = [
  { id: 'overlooked', says: 'no label where a prediction is sure', formula: 'ObjectLab' },
  { id: 'missing', says: 'a sure prediction that no label meets (IoU < .5)', formula: '1 − p' },
  { id: 'swapped', says: 'a sure prediction of another class in its place', formula: 'ObjectLab' },
  { id: 'disagreement', says: 'the best prediction on it is of another class', formula: '(1 − p) / 2' },
  { id: 'badly-located', says: 'the prediction of its class lies elsewhere', formula: 'ObjectLab' },
  { id: 'duplicate', says: 'two labels of one class in one place', formula: '1 − IoU' },
] as const;
export type Suspicion = (typeof SUSPICIONS)[number]['id'];

/** Predictions and labels that overlap less did not find each other. Source: FiftyOne Brain, IoU of its matching. */
const MATCH_IOU = 0.5;
/** ObjectLab gives every label a score; above this one it says that the label is right. */
const SUSPICIOUS = 0.5;
/** Two of a class that overlap more: a box that was drawn twice by hand is never quite the same. */
const DUPLICATE_IOU = 0.75;

export interface Suspect {
  readonly kind: Suspicion;
  /** [0, 1], low: suspicious. Comparable within a kind. */
  readonly score: number;
  /** The label; NONE where there is none. */
  readonly gt: number;
  /** The prediction that contradicts it; NONE where another label does. */
  readonly detection: number;
  /** The other label; NONE. */
  readonly otherGt: number;
}

/**
 * Suspects of one image.
 * @param quality of the same detections and ground truth.
 * @param high score of a prediction that is sure, [0, 1].
 * Cost: D * G + G².
 */
export function labelSuspects(found: Detections, gts: GtTable, quality: LabelQuality, high: number): Suspect[] {
  const nearest = Int32Array.from(found.row, (_, d) => nearestLabel(found, d, gts));
  const labels = [...gts.gtClass.keys()].filter((g) => isLabel(gts, g));
  return [
    ...unlabelled(found, gts, quality, nearest, high),
    ...labels.flatMap((g) => contradicted(found, gts, quality, nearest, g)),
    ...labels.flatMap((g) => labels.flatMap((h) => (h < g ? twofold(gts, quality, g, h) : []))),
  ];
}

function unlabelled(
  found: Detections,
  gts: GtTable,
  { overlooked }: LabelQuality,
  nearest: Int32Array,
  high: number,
): Suspect[] {
  const of = (kind: Suspicion, score: number, detection: number) => [
    { kind, score, gt: NONE, detection, otherGt: NONE },
  ];
  return Array.from(overlooked, (score, d) => {
    if (!Number.isNaN(score)) return of('overlooked', score, d);
    const isMet = nearest[d] !== NONE && iouOf(found, d, gts, nearest[d]) >= MATCH_IOU;
    return isMet || found.score[d] < high ? [] : of('missing', 1 - found.score[d], d);
  }).flat();
}

/** A prediction that lies more on another label speaks of that one. */
function contradicted(
  found: Detections,
  gts: GtTable,
  { swapped, swappedBy, badlyLocated, locatedBy }: LabelQuality,
  nearest: Int32Array,
  g: number,
): Suspect[] {
  const best = nearest.findIndex((each, d) => each === g && iouOf(found, d, gts, g) >= MATCH_IOU);
  const disagrees = best !== NONE && found.predClass[best] !== gts.gtClass[g];
  const claims: readonly { kind: Suspicion; score: number; detection: number; isLow: boolean }[] = [
    { kind: 'swapped', score: swapped[g], detection: swappedBy[g], isLow: swapped[g] < SUSPICIOUS },
    { kind: 'badly-located', score: badlyLocated[g], detection: locatedBy[g], isLow: badlyLocated[g] < SUSPICIOUS },
    { kind: 'disagreement', score: 1 - mistakenness(found.score[best], false), detection: best, isLow: disagrees },
  ];
  return claims.flatMap(({ kind, score, detection, isLow }) =>
    isLow && detection !== NONE && nearest[detection] === g ? [{ kind, score, gt: g, detection, otherGt: NONE }] : [],
  );
}

/** Two labels in one place; `h` stands before `g`. */
function twofold(gts: GtTable, { swapped }: LabelQuality, g: number, h: number): Suspect[] {
  const iou = iouOf(gts, g, gts, h);
  const both = { gt: g, detection: NONE, otherGt: h };
  if (gts.gtClass[g] !== gts.gtClass[h])
    return iou >= SAME_OBJECT ? [{ ...both, kind: 'swapped', score: swapped[g] }] : [];
  return iou >= DUPLICATE_IOU ? [{ ...both, kind: 'duplicate', score: 1 - iou }] : [];
}

/** The label or crowd that a detection overlaps most; NONE where it overlaps none. */
function nearestLabel(found: Detections, d: number, gts: GtTable): number {
  let best: { g: number; iou: number } = { g: NONE, iou: 0 };
  for (let g = 0; g < gts.numGts; g++) {
    const iou = iouOf(found, d, gts, g);
    if (iou > best.iou) best = { g, iou };
  }
  return best.g;
}

/**
 * "Check the label": the worst of each kind in turn, then the second of each, and so on; equal scores keep their order.
 * A label or prediction that several kinds suspect stands where the first of them puts it.
 * @param placeOf what a suspect speaks of: equal texts are one.
 */
export function suspectQueue<T extends Suspect>(suspects: readonly T[], placeOf: (suspect: T) => string): T[] {
  const worstFirst = suspects.toSorted((a, b) => a.score - b.score);
  const ranked = SUSPICIONS.flatMap(({ id }) =>
    worstFirst.filter(({ kind }) => kind === id).map((suspect, rank) => ({ suspect, rank })),
  );
  const byPlace = new Map<string, T>();
  for (const { suspect } of ranked.sort((a, b) => a.rank - b.rank)) {
    const place = placeOf(suspect);
    if (!byPlace.has(place)) byPlace.set(place, suspect);
  }
  return [...byPlace.values()];
}
