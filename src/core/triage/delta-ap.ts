/**
 * What each type of error costs: the AP that the detector would gain if an oracle put right all errors of that type and
 * no others. These gains do not add up: errors hide each other.
 * Source: arXiv 2008.08115, section 2.3; tidecv 1.0.1, `quantify.py` and `ap.py`, whose order of equal scores is kept.
 */
import { NONE, type GtTable } from '../tables.js';
import type { Detections } from './detections.js';
import { ERROR_TYPES, ErrorType, isObject, type TideErrors } from './tide-errors.js';

/** The errors of one image, and what they are errors of. */
export interface JudgedImage {
  readonly found: Detections;
  readonly gts: GtTable;
  readonly errors: TideErrors;
}

export interface TideReport {
  /** AP at IoU .5, percent: mean over the classes that have objects or detections; NaN where there is none. */
  readonly ap: number;
  /** By `ErrorType`; of none: true positives. Detections on ignore regions are counted, as TIDE's tool does. */
  readonly counts: Int32Array;
  /** By `ErrorType`: AP gained by the oracle, percentage points, at least 0; 0 of none. */
  readonly deltaAp: Float64Array;
}

/** Counts and costs over a data set. Cost: N log N in its N detections. */
export function tideReport(images: readonly JudgedImage[], numClasses: number): TideReport {
  const points = pointsOf(images);
  const numObjects = countByClass(images, numClasses, ({ gts }, g) => isObject(gts, g));
  const numMissed = countByClass(images, numClasses, ({ errors }, g) => errors.isMissed[g] === 1);
  const counts = new Int32Array(ERROR_TYPES.length);
  for (const { error } of points) counts[error]++;
  counts[ErrorType.miss] = numMissed.reduce((sum, count) => sum + count, 0);
  const ap = meanAp(inScoreOrder(points), ErrorType.none, numObjects);
  // The tool puts errors before true positives of the same score, once it has put one right.
  const errorsFirst = inScoreOrder(points.toSorted((a, b) => Number(isHit(a)) - Number(isHit(b))));
  const deltaAp = Float64Array.from(ERROR_TYPES, (_, type) => {
    if (type === ErrorType.none) return 0;
    const left = type === ErrorType.miss ? numObjects.map((count, label) => count - numMissed[label]) : numObjects;
    return Math.max(0, meanAp(errorsFirst, type, left) - ap);
  });
  return { ap, counts, deltaAp };
}

/** A detection on the curve of precision over recall. */
interface Point {
  readonly score: number;
  readonly error: number;
  readonly predClass: number;
  /** It lies on an ignore region: no point unless it is put right. */
  readonly isIgnored: boolean;
  /** Class of the object that it would find, were its error put right; NONE: it would be gone. */
  readonly fixedClass: number;
}

function pointsOf(images: readonly JudgedImage[]): Point[] {
  return images.flatMap(({ found, errors, gts }) =>
    Array.from(found.row, (_, d): Point => {
      const gt = errors.gt[d];
      return {
        score: found.score[d],
        error: errors.error[d],
        predClass: found.predClass[d],
        isIgnored: errors.isIgnored[d] === 1,
        fixedClass: gt !== NONE && errors.fixedBy[gt] === d ? gts.gtClass[gt] : NONE,
      };
    }),
  );
}

function isHit({ error }: Point): boolean {
  return error === ErrorType.none;
}

/** Equal scores keep their order. */
function inScoreOrder(points: readonly Point[]): Point[] {
  return points.toSorted((a, b) => b.score - a.score);
}

function countByClass(
  images: readonly JudgedImage[],
  numClasses: number,
  counts: (image: JudgedImage, g: number) => boolean,
): Int32Array {
  const numbers = new Int32Array(numClasses);
  for (const image of images)
    image.gts.gtClass.forEach((label, g) => {
      if (counts(image, g)) numbers[label]++;
    });
  return numbers;
}

/**
 * Mean AP, percent, with the errors of one type put right; `none`: as it is.
 * @param points highest score first.
 * @param numObjects by class.
 */
function meanAp(points: readonly Point[], fixed: number, numObjects: Int32Array): number {
  const hits = Array.from(numObjects, (): boolean[] => []);
  for (const point of points) {
    const isFixed = fixed !== ErrorType.none && point.error === fixed;
    if (isFixed && point.fixedClass !== NONE) hits[point.fixedClass].push(true);
    if (!isFixed && !point.isIgnored) hits[point.predClass].push(isHit(point));
  }
  const aps = hits.flatMap((ofClass, label) =>
    ofClass.length === 0 && numObjects[label] === 0 ? [] : [classAp(ofClass, numObjects[label])],
  );
  return (100 * aps.reduce((sum, ap) => sum + ap, 0)) / aps.length;
}

/** Mean over the recalls 0, .01, … 1 of the best precision at that recall or beyond, [0, 1]. */
function classAp(hits: readonly boolean[], numObjects: number): number {
  if (numObjects === 0) return 0;
  let count = 0;
  const numTrue = hits.map((isTrue) => (count += Number(isTrue)));
  const recall = numTrue.map((each) => each / numObjects);
  const precision = numTrue.map((each, i) => each / (i + 1));
  for (let i = precision.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i], precision[i + 1]);
  let sum = 0;
  let at = 0;
  for (let step = 0; step <= 100; step++) {
    while (at < recall.length && recall[at] < step / 100) at++;
    sum += at < recall.length ? precision[at] : 0;
  }
  return sum / 101;
}
