/**
 * Average precision of detections as PASCAL VOC defines it, precision made monotone: since 2010 the area under the
 * precision-recall curve, until then the mean at the recalls 0, .1, … 1.
 * Source: VOC 2010 development kit, section 3.4.1; VOC 2007 development kit, section 3.4.
 */
import { boxIou } from '../../core/boxes/iou.js';
import { NONE, type GtTable, type RoiTable } from '../../core/tables.js';

/** Detections of one image. */
export interface ImageDetections {
  readonly rois: RoiTable;
  /** Rows of `rois` that are detections, after inference NMS. */
  readonly rows: Int32Array;
  readonly gts: GtTable;
}

/** `all-points`: VOC 2010 and later; `11-points`: VOC 2007. */
export type VocRule = 'all-points' | '11-points';

/**
 * AP of each class, [0, 1]; NaN for a class without ground truth. Ground truth that is crowd or difficult neither
 * counts nor costs.
 * @param iouThreshold least IoU of a match. Each ground truth is matched once, by the highest score first.
 */
export function averagePrecision(
  images: readonly ImageDetections[],
  numClasses: number,
  iouThreshold: number,
  rule: VocRule = 'all-points',
): Float64Array {
  return Float64Array.from({ length: numClasses }, (_, label) => classAp(images, label, iouThreshold, rule));
}

/** Mean of the APs that are not NaN; NaN where all are. */
export function meanAp(aps: Float64Array): number {
  const known = aps.filter((ap) => !Number.isNaN(ap));
  return known.reduce((sum, ap) => sum + ap, 0) / known.length;
}

function classAp(images: readonly ImageDetections[], label: number, iouThreshold: number, rule: VocRule): number {
  const found = images.flatMap(({ rois, rows }, image) =>
    [...rows].filter((row) => rois.predClass[row] === label).map((row) => ({ image, row, score: rois.score[row] })),
  );
  found.sort((a, b) => b.score - a.score);
  const taken = images.map(({ gts }) => new Uint8Array(gts.numGts));
  const numPositive = images.reduce(
    (sum, { gts }) => sum + gts.gtClass.filter((gtClass, g) => gtClass === label && counts(gts, g)).length,
    0,
  );
  if (numPositive === 0) return NaN;
  const hits: boolean[] = [];
  for (const { image, row } of found) {
    const entry = images[image];
    const used = taken[image];
    if (entry === undefined || used === undefined) continue;
    const g = bestGt(entry, row, label);
    const matched = g !== NONE && overlapOf(entry, row, g) >= iouThreshold;
    if (matched && !counts(entry.gts, g)) continue;
    hits.push(matched && used[g] === 0);
    if (matched) used[g] = 1;
  }
  return rule === '11-points' ? meanAtElevenRecalls(hits, numPositive) : areaUnder(hits, numPositive);
}

/** Is neither a crowd nor difficult. */
export function counts(gts: GtTable, g: number): boolean {
  return gts.isCrowd[g] === 0 && gts.isDifficult[g] === 0;
}

function bestGt(entry: ImageDetections, row: number, label: number): number {
  let best = NONE;
  let bestIou = 0;
  for (let g = 0; g < entry.gts.numGts; g++) {
    const iou = entry.gts.gtClass[g] === label ? overlapOf(entry, row, g) : 0;
    if (iou > bestIou) [best, bestIou] = [g, iou];
  }
  return best;
}

function overlapOf({ rois, gts }: ImageDetections, row: number, g: number): number {
  return boxIou(
    rois.predX1[row],
    rois.predY1[row],
    rois.predX2[row],
    rois.predY2[row],
    gts.x1[g],
    gts.y1[g],
    gts.x2[g],
    gts.y2[g],
  );
}

/** Sum over the hits of (1 / positives) * the best precision from there on. */
function areaUnder(hits: readonly boolean[], numPositive: number): number {
  let truePositives = hits.filter(Boolean).length;
  let best = 0;
  let area = 0;
  for (let i = hits.length - 1; i >= 0; i--) {
    best = Math.max(best, truePositives / (i + 1));
    if (hits[i]) {
      area += best / numPositive;
      truePositives--;
    }
  }
  return area;
}

/** Mean over the recalls 0, .1, … 1 of the best precision at that recall or beyond. */
function meanAtElevenRecalls(hits: readonly boolean[], numPositive: number): number {
  const best = new Float64Array(11);
  let truePositives = 0;
  hits.forEach((hit, i) => {
    truePositives += hit ? 1 : 0;
    const reached = truePositives / numPositive;
    for (let r = 0; r <= 10 && reached >= r / 10; r++) best[r] = Math.max(best[r], truePositives / (i + 1));
  });
  return best.reduce((sum, precision) => sum + precision, 0) / 11;
}
