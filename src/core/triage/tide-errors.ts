/**
 * What is wrong with each detection, in TIDE's words.
 * Source: Bolya et al. 2020, arXiv 2008.08115; order of the rules and their limits as its tool has them (tidecv 1.0.1,
 * `quantify.py`), which differs from the paper where a detection lies on an object that is taken.
 */
import { IGNORE, NONE, type GtTable } from '../tables.js';
import type { Detections } from './detections.js';
import { iouOf, shareInside } from './overlaps.js';

/** The numbers are stored in `TideErrors.error`. */
export const ErrorType = { none: 0, cls: 1, loc: 2, both: 3, dupe: 4, bkg: 5, miss: 6 } as const;
export type ErrorTypeCode = (typeof ErrorType)[keyof typeof ErrorType];
/** TIDE's word and what it says, in code order. */
export const ERROR_TYPES = [
  { id: 'TP', says: 'right: the class, and IoU ≥ .5 with an object that no better detection has' },
  { id: 'Cls', says: 'wrong class: IoU ≥ .5 with an object of another class' },
  { id: 'Loc', says: 'badly placed: IoU .1 to .5 with an object of its class' },
  { id: 'Both', says: 'wrong class and badly placed' },
  { id: 'Dupe', says: 'one more of an object that a better detection has' },
  { id: 'Bkg', says: 'background: IoU ≤ .1 with every object' },
  { id: 'Miss', says: 'an object that nothing found, and no better class or place would find' },
] as const;

/** Least IoU of a true positive, and largest IoU of background. */
const POSITIVE = 0.5;
const BACKGROUND = 0.1;

/** Of an image with D detections and G objects. */
export interface TideErrors {
  /** D: `ErrorType`; none is a true positive. */
  readonly error: Uint8Array;
  /** D: 1 for one on an ignore region of its class, which costs no precision whatever its error. */
  readonly isIgnored: Uint8Array;
  /** D: the object that is found, would be found by another class or place, or is taken; NONE. */
  readonly gt: Int32Array;
  /** G: the detection that found it; NONE. */
  readonly foundBy: Int32Array;
  /** G: the best detection that a fix of its class or place would give the object; NONE. */
  readonly fixedBy: Int32Array;
  /** G: 1 where nothing found it, and no such fix would. */
  readonly isMissed: Uint8Array;
}

/** Crowds and difficult objects are regions to be ignored; objects without a class are not there. */
export function isObject({ gtClass, isCrowd, isDifficult }: GtTable, g: number): boolean {
  return gtClass[g] !== IGNORE && isCrowd[g] === 0 && isDifficult[g] === 0;
}

/** The errors of one image. Zero detections miss every object. Cost: D * G. */
export function tideErrors(found: Detections, gts: GtTable): TideErrors {
  const errors = match(found, gts);
  const objects = [...gts.gtClass.keys()].filter((g) => isObject(gts, g));
  for (let d = 0; d < found.numDetections; d++) {
    if (errors.error[d] === ErrorType.none && errors.gt[d] !== NONE) continue;
    const [error, g] = wrongness(found, gts, objects, errors.foundBy, d);
    errors.error[d] = error;
    errors.gt[d] = g;
    const isFixable = error === ErrorType.cls || error === ErrorType.loc;
    // Better detections come first.
    if (isFixable && errors.foundBy[g] === NONE && errors.fixedBy[g] === NONE) errors.fixedBy[g] = d;
  }
  for (const g of objects) if (errors.foundBy[g] === NONE && errors.fixedBy[g] === NONE) errors.isMissed[g] = 1;
  return errors;
}

/** True positives: each detection takes the free object of its class that it overlaps most. */
function match(found: Detections, gts: GtTable): TideErrors {
  const { numDetections, predClass } = found;
  const rows = [...gts.gtClass.keys()];
  const gt = new Int32Array(numDetections).fill(NONE);
  const foundBy = new Int32Array(gts.numGts).fill(NONE);
  const isIgnored = new Uint8Array(numDetections);
  for (let d = 0; d < numDetections; d++) {
    const isOwn = (g: number) => gts.gtClass[g] === predClass[d];
    const { g, iou } = nearest(
      found,
      d,
      gts,
      rows,
      (each) => isOwn(each) && isObject(gts, each) && foundBy[each] === NONE,
    );
    if (iou >= POSITIVE) {
      gt[d] = g;
      foundBy[g] = d;
    } else if (rows.some((r) => isOwn(r) && !isObject(gts, r) && shareInside(found, d, gts, r) > POSITIVE)) {
      isIgnored[d] = 1;
    }
  }
  const isMissed = new Uint8Array(gts.numGts);
  const fixedBy = new Int32Array(gts.numGts).fill(NONE);
  return { error: new Uint8Array(numDetections), isIgnored, gt, foundBy, fixedBy, isMissed };
}

/** The first rule that applies to a detection that is no true positive, and the object that it speaks of. */
function wrongness(
  found: Detections,
  gts: GtTable,
  objects: readonly number[],
  foundBy: Int32Array,
  d: number,
): readonly [ErrorTypeCode, number] {
  const isOwn = (g: number) => gts.gtClass[g] === found.predClass[d];
  const own = nearest(found, d, gts, objects, isOwn);
  if (own.iou >= BACKGROUND && own.iou <= POSITIVE) return [ErrorType.loc, own.g];
  const other = nearest(found, d, gts, objects, (g) => !isOwn(g));
  if (other.iou >= POSITIVE) return [ErrorType.cls, other.g];
  const taken = nearest(found, d, gts, objects, (g) => isOwn(g) && foundBy[g] !== NONE);
  if (taken.iou >= POSITIVE) return [ErrorType.dupe, taken.g];
  return Math.max(own.iou, other.iou) <= BACKGROUND ? [ErrorType.bkg, NONE] : [ErrorType.both, other.g];
}

/** The object that a detection overlaps most, the first on a tie; NONE, 0 where it overlaps none. */
function nearest(
  found: Detections,
  d: number,
  gts: GtTable,
  rows: readonly number[],
  counts: (g: number) => boolean,
): { readonly g: number; readonly iou: number } {
  let best: { g: number; iou: number } = { g: NONE, iou: 0 };
  for (const g of rows) {
    const iou = counts(g) ? iouOf(found, d, gts, g) : 0;
    if (iou > best.iou) best = { g, iou };
  }
  return best;
}
