/**
 * ObjectLab: how far labels and sure predictions agree. Every score is in [0, 1]; low: look at the label.
 * Source: Tkachenko et al. 2023, arXiv 2309.00832; cleanlab 2.9.0, `object_detection/rank.py` (there crowds are
 * labels like others; here they only keep what lies on them from being overlooked).
 */
import { IGNORE, NONE, type GtTable } from '../tables.js';
import type { Detections } from './detections.js';
import { iouOf } from './overlaps.js';

/** Above which score a prediction is asked. */
export interface SureScores {
  /** To say that a label is badly located, [0, 1]. */
  readonly low: number;
  /** To say that one is missing or of the wrong class, [0, 1]. */
  readonly high: number;
}
export const OBJECT_LAB: SureScores = { low: 0.5, high: 0.95 };

/** Share of the IoU in the similarity of two boxes; the rest is that of the distance. */
const IOU_SHARE = 0.9;
/** What a px between the centres takes. */
const DISTANCE_FACTOR = 0.1;
/** Labels of different classes that overlap by so much are of one object. */
export const SAME_OBJECT = 0.95;
/** Of the softmin over an image's scores. */
const TEMPERATURE = 0.1;
/** Keeps the logarithm of 0 finite. */
const TINY = 1e-100;

/** Of an image with D detections and G labels. */
export interface LabelQuality {
  /** D: of a prediction that no label overlaps; NaN for all others. */
  readonly overlooked: Float64Array;
  /** G: NaN for labels that are not judged. */
  readonly badlyLocated: Float64Array;
  /** G: the prediction that the score speaks of; NONE. */
  readonly locatedBy: Int32Array;
  /** G: NaN for labels that are not judged. */
  readonly swapped: Float64Array;
  /** G: the prediction that the score speaks of; NONE, too where another label of the same place speaks. */
  readonly swappedBy: Int32Array;
  /** Geometric mean of the three kinds, each a softmin over the image. */
  readonly image: number;
}

/** Labels that ObjectLab judges: crowds and objects without a class are none. */
export function isLabel({ gtClass, isCrowd }: GtTable, g: number): boolean {
  return gtClass[g] !== IGNORE && isCrowd[g] === 0;
}

function labelsOf(gts: GtTable): number[] {
  return [...gts.gtClass.keys()].filter((g) => isLabel(gts, g));
}

/** Similarity of a label and a detection, [0, 1]. */
function similarity(gts: GtTable, g: number, found: Detections, d: number): number {
  const across = (found.x1[d] + found.x2[d] - gts.x1[g] - gts.x2[g]) / 2;
  const down = (found.y1[d] + found.y2[d] - gts.y1[g] - gts.y2[g]) / 2;
  // The tool subtracts from 1 twice, which makes 0 of anything below 2^-54; a 0 is no least similarity.
  const closeness = 1 - (1 - Math.exp(-DISTANCE_FACTOR * Math.hypot(across, down)));
  return IOU_SHARE * iouOf(gts, g, found, d) + (1 - IOU_SHARE) * closeness;
}

/**
 * The least similarity above 0 of a label and a detection of the image; 1 where there is no pair. `labelQuality` wants
 * the least over the whole data set. Cost: D * G.
 */
export function leastSimilarity(found: Detections, gts: GtTable): number {
  let least = 1;
  for (const g of labelsOf(gts))
    for (let d = 0; d < found.numDetections; d++) {
      const each = similarity(gts, g, found, d);
      if (each > 0 && each < least) least = each;
    }
  return least;
}

/**
 * Scores of one image.
 * @param least `leastSimilarity` over the data set: scores are provisional while it is not known.
 * Cost: D * G + G².
 */
export function labelQuality(found: Detections, gts: GtTable, least: number, { low, high }: SureScores): LabelQuality {
  const labels = labelsOf(gts);
  const overlooked = Float64Array.from(found.row, (_, d) => overlookedScore(found, d, gts, labels, least, high));
  const unjudged = () => new Float64Array(gts.numGts).fill(Number.NaN);
  const nobody = () => new Int32Array(gts.numGts).fill(NONE);
  const [badlyLocated, swapped, locatedBy, swappedBy] = [unjudged(), unjudged(), nobody(), nobody()];
  for (const g of labels) {
    const own = nearest(
      gts,
      g,
      found,
      (d) => found.predClass[d] === gts.gtClass[g] && found.score[d] > low && iouOf(gts, g, found, d) > 0,
    );
    locatedBy[g] = own.d;
    badlyLocated[g] = own.d === NONE ? 1 : own.similarity;
    const isContradicted = labels.some(
      (h) => gts.gtClass[h] !== gts.gtClass[g] && iouOf(gts, g, gts, h) >= SAME_OBJECT,
    );
    const other = isContradicted
      ? { d: NONE, similarity: 1 }
      : nearest(gts, g, found, (d) => found.predClass[d] !== gts.gtClass[g] && found.score[d] > high);
    swappedBy[g] = other.d;
    swapped[g] = Math.max(least, 1 - other.similarity);
  }
  const kinds = [overlooked, badlyLocated, swapped].map(softmin);
  const image = Math.exp(kinds.reduce((sum, kind) => sum + Math.log(TINY + kind), 0) / kinds.length);
  return { overlooked, badlyLocated, locatedBy, swapped, swappedBy, image };
}

function overlookedScore(
  found: Detections,
  d: number,
  gts: GtTable,
  labels: readonly number[],
  least: number,
  high: number,
): number {
  if (found.score[d] < high || gts.gtClass.some((_, g) => iouOf(gts, g, found, d) > 0)) return Number.NaN;
  const own = labels.filter((g) => gts.gtClass[g] === found.predClass[d]);
  if (own.length === 0) return least * (1 - found.score[d]);
  return own.reduce((most, g) => Math.max(most, similarity(gts, g, found, d)), 0);
}

/** The detection most similar to a label, the first on a tie; NONE, 0 where none counts. */
function nearest(
  gts: GtTable,
  g: number,
  found: Detections,
  counts: (d: number) => boolean,
): { readonly d: number; readonly similarity: number } {
  let best: { d: number; similarity: number } = { d: NONE, similarity: 0 };
  for (let d = 0; d < found.numDetections; d++) {
    if (!counts(d)) continue;
    const each = similarity(gts, g, found, d);
    if (best.d === NONE || each > best.similarity) best = { d, similarity: each };
  }
  return best;
}

/** Mean of the scores weighed by exp(-score / T), so that the lowest counts most; 1 where there is none. */
function softmin(scores: Float64Array): number {
  const known = scores.filter((score) => !Number.isNaN(score));
  if (known.length === 0) return 1;
  const lowest = known.reduce((least, score) => Math.min(least, score), Infinity);
  const weights = known.map((score) => Math.exp((lowest - score) / TEMPERATURE));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return known.reduce((sum, score, i) => sum + score * weights[i], 0) / total;
}
