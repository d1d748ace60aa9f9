/**
 * Average precision as COCO defines it: mean over ten IoU thresholds of the precision at 101 recalls.
 * Source: pycocotools `cocoeval.py` (evaluateImg, accumulate), area range "all", 100 detections an image and class.
 * Deviation: a `difficult` object is left out as a crowd is, but matched like any other.
 */
import { boxIou } from '../../core/boxes/iou.js';
import type { GtTable } from '../../core/tables.js';
import type { ImageDetections } from './average-precision.js';

/** .5, .55, … .95, with numpy's roundings. */
export const COCO_THRESHOLDS: readonly number[] = Array.from({ length: 10 }, (_, i) =>
  i === 9 ? 0.95 : 0.5 + i * ((0.95 - 0.5) / 9),
);
const NUM_RECALLS = 101;
const MAX_DETECTIONS = 100;

/** AP of each class at one IoU threshold, [0, 1]; NaN for a class without ground truth. */
export function cocoAveragePrecision(
  images: readonly ImageDetections[],
  numClasses: number,
  threshold: number,
): Float64Array {
  return Float64Array.from({ length: numClasses }, (_, label) => classAp(images, label, threshold));
}

/** A detection after matching. */
interface Judged {
  readonly score: number;
  readonly isHit: boolean;
}

function classAp(images: readonly ImageDetections[], label: number, threshold: number): number {
  const judged = images.flatMap((image) => judgeImage(image, label, threshold));
  const numPositive = images.reduce(
    (sum, { gts }) => sum + gts.gtClass.filter((gtClass, g) => gtClass === label && !isIgnored(gts, g)).length,
    0,
  );
  if (numPositive === 0) return NaN;
  judged.sort((a, b) => b.score - a.score);
  return meanPrecision(judged, numPositive);
}

/** Detections of a class that count, matched to the best free object each; those on ignored objects go. */
function judgeImage({ rois, rows, gts }: ImageDetections, label: number, threshold: number): Judged[] {
  const found = [...rows].filter((row) => rois.predClass[row] === label).sort((a, b) => rois.score[b] - rois.score[a]);
  const objects = [...gts.gtClass.keys()]
    .filter((g) => gts.gtClass[g] === label)
    .sort((a, b) => Number(isIgnored(gts, a)) - Number(isIgnored(gts, b)));
  const taken = new Set<number>();
  const judged: Judged[] = [];
  for (const row of found.slice(0, MAX_DETECTIONS)) {
    const box = [rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]] as const;
    const g = bestFree(box, gts, objects, taken, Math.min(threshold, 1 - 1e-10));
    if (g !== undefined) taken.add(g);
    if (g === undefined || !isIgnored(gts, g)) judged.push({ score: rois.score[row], isHit: g !== undefined });
  }
  return judged;
}

type Box = readonly [x1: number, y1: number, x2: number, y2: number];

/**
 * Objects that count come first: an ignored one is taken only where none of them fits. The later of two equal ones
 * wins.
 */
function bestFree(
  box: Box,
  gts: GtTable,
  objects: readonly number[],
  taken: ReadonlySet<number>,
  least: number,
): number | undefined {
  let best: number | undefined;
  let bestIou = least;
  for (const g of objects) {
    if (taken.has(g) && gts.isCrowd[g] === 0) continue;
    if (best !== undefined && !isIgnored(gts, best) && isIgnored(gts, g)) break;
    const iou = overlapOf(box, gts, g);
    if (iou >= bestIou) [best, bestIou] = [g, iou];
  }
  return best;
}

/** IoU; with a crowd the share of the detection that lies in it. */
function overlapOf([x1, y1, x2, y2]: Box, gts: GtTable, g: number): number {
  if (gts.isCrowd[g] === 0) return boxIou(x1, y1, x2, y2, gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]);
  const width = Math.min(x2, gts.x2[g]) - Math.max(x1, gts.x1[g]);
  const height = Math.min(y2, gts.y2[g]) - Math.max(y1, gts.y1[g]);
  return width > 0 && height > 0 ? (width * height) / ((x2 - x1) * (y2 - y1)) : 0;
}

function isIgnored(gts: GtTable, g: number): boolean {
  return gts.isCrowd[g] !== 0 || gts.isDifficult[g] !== 0;
}

/** Mean over 101 recalls of the best precision at that recall or beyond. */
function meanPrecision(judged: readonly Judged[], numPositive: number): number {
  const recall = new Float64Array(judged.length);
  const precision = new Float64Array(judged.length);
  let hits = 0;
  judged.forEach(({ isHit }, i) => {
    hits += isHit ? 1 : 0;
    recall[i] = hits / numPositive;
    precision[i] = hits / (i + 1);
  });
  for (let i = judged.length - 2; i >= 0; i--) precision[i] = Math.max(precision[i], precision[i + 1]);
  let sum = 0;
  let at = 0;
  for (let r = 0; r < NUM_RECALLS; r++) {
    while (at < judged.length && recall[at] < r * 0.01) at++;
    sum += at < judged.length ? precision[at] : 0;
  }
  return sum / NUM_RECALLS;
}
