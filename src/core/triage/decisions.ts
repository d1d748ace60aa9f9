/** What people decided about images, objects and RoIs of a run, and how it finds its way back to them. */
import type { Boxes } from '../tables.js';
import { iouOf } from './overlaps.js';

/** The verdicts. */
export const VERDICTS = [
  { id: 'hard', says: 'truly hard: worth training on' },
  { id: 'not-hard', says: 'not hard: passed over' },
  { id: 'label-missing', says: 'an object without a label' },
  { id: 'label-class', says: 'a label of the wrong class' },
  { id: 'label-box', says: 'a label in the wrong place' },
  { id: 'duplicate-label', says: 'one object labelled twice' },
  { id: 'ignore', says: 'to be left out of training' },
] as const;
export type Verdict = (typeof VERDICTS)[number]['id'];
export const VERDICT_IDS = VERDICTS.map(({ id }) => id);

/** What was decided; `undecided`: nothing. */
export const DECIDED_IDS = ['undecided', ...VERDICT_IDS] as const;
export type Decided = Verdict | 'undecided';

/** A box with the class that stood at it, image px. */
export interface DecidedBox {
  /** Class name: of a label, or what a RoI was taken for. */
  readonly label: string;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
}

/** An image, one of its objects, or one of its RoIs. */
export interface DecisionTarget {
  /** Id of the image. */
  readonly image: string;
  /** `annotation`: where the object stands in its file; null unknown. */
  readonly object?: DecidedBox & { readonly annotation: number | null };
  readonly roi?: DecidedBox;
}

export interface Decision extends DecisionTarget {
  readonly verdict: Verdict;
  readonly note: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Who. */
  readonly by: string;
}

/** One text a target: one decision of each author has it. */
export function keyOf({ image, object, roi }: DecisionTarget): string {
  const ofBox = ({ label, box }: DecidedBox) => [label, ...box.map((side) => Math.round(side * 10) / 10)];
  if (object !== undefined) return JSON.stringify([image, 'object', object.annotation, ...ofBox(object)]);
  return JSON.stringify(roi === undefined ? [image] : [image, 'roi', ...ofBox(roi)]);
}

/** One text a target and author. */
export function ownKeyOf(decision: DecisionTarget & Pick<Decision, 'by'>): string {
  return `${keyOf(decision)} ${decision.by}`;
}

/**
 * The latest decision of each key, sorted by key; the later in the list on a tie.
 * @param ofWhat `keyOf`: of each target, of whatever author; `ownKeyOf`: of each target and author.
 */
export function latestDecisions(
  decisions: readonly Decision[],
  ofWhat: (decision: Decision) => string = keyOf,
): Decision[] {
  const byKey = new Map<string, Decision>();
  for (const decision of decisions) {
    const key = ofWhat(decision);
    const old = byKey.get(key);
    if (old === undefined || Date.parse(decision.at) >= Date.parse(old.at)) byKey.set(key, decision);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, decision]) => decision);
}

/** By id of the image, in the order that they had. */
export function groupByImage(decisions: readonly Decision[]): ReadonlyMap<string, readonly Decision[]> {
  const groups = new Map<string, Decision[]>();
  for (const each of decisions) {
    const group = groups.get(each.image);
    if (group === undefined) groups.set(each.image, [each]);
    else group.push(each);
  }
  return groups;
}

/** Boxes that overlap by less are not the same thing. */
const SAME_IOU = 0.5;

/**
 * The row that a decided box speaks of: the one of the same annotation where it overlaps by IoU ≥ .5, whatever its
 * class is now, since annotations may be numbered anew; else the row of its class that it overlaps most, by IoU ≥ .5.
 * @param rows boxes with the class name of each row, and where it stands in its file (-1 unknown).
 * @returns -1 where there is none: the object is gone, or has another place.
 */
export function rowOfDecision(
  { label, box, annotation = null }: DecidedBox & { readonly annotation?: number | null },
  rows: Boxes,
  labels: readonly string[],
  annotations?: ArrayLike<number>,
): number {
  const [x1, y1, x2, y2] = box.map((side) => Float64Array.of(side));
  const ious = labels.map((_, row) => iouOf({ x1, y1, x2, y2 }, 0, rows, row));
  const same = annotation === null ? -1 : labels.findIndex((_, row) => annotations?.[row] === annotation);
  if (same >= 0 && ious[same] >= SAME_IOU) return same;
  return labels.reduce(
    (best, each, row) => (each === label && ious[row] >= SAME_IOU && !(ious[best] >= ious[row]) ? row : best),
    -1,
  );
}
