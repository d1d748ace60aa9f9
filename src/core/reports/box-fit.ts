/** How well a detector's best boxes meet the ground truth: the measure by which readings of a checkpoint compete. */
import { boxIou } from '../boxes/iou.js';
import { inferenceNms } from '../boxes/inference-nms.js';
import { softmaxNorms, writeClassScores } from '../losses/class-scores.js';
import type { DetectorOutput } from '../losses/detector-output.js';
import { allocateRoiTable, IGNORE, type GtTable } from '../tables.js';

/** A box that a detector would report, image px. */
export interface TopBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly classId: number;
  /** Probability, times objectness where there is one. */
  readonly score: number;
}

/** Rows that NMS looks at. */
const MOST_ROWS = 1000;
const NMS_IOU = 0.5;

/**
 * The `count` best boxes after class-wise inference NMS, best first; rows whose scores are no probabilities are none.
 * Cost: R * K, and MOST_ROWS² for the NMS.
 */
export function topBoxes(output: DetectorOutput, count: number): TopBox[] {
  const rois = allocateRoiTable(output.numRois, output.numClasses, 'float32', 'regressed');
  writeClassScores(output, softmaxNorms(output), rois);
  const { x1, y1, x2, y2 } = output.preds;
  const judged = { ...rois, predX1: x1, predY1: y1, predX2: x2, predY2: y2 };
  const nms = { scoreThreshold: 0, iouThreshold: NMS_IOU, candidates: MOST_ROWS };
  const rows = inferenceNms(judged, nms).subarray(0, count);
  return Array.from(rows, (row) => ({
    x1: x1[row],
    y1: y1[row],
    x2: x2[row],
    y2: y2[row],
    classId: rois.predClass[row],
    score: rois.score[row],
  }));
}

/**
 * Sum over the ground truths of the best IoU with as many of the best boxes as there are objects, their number, and
 * these boxes; crowds and objects without a class do not count. Scores that saturate rank at random, and meet nothing.
 * @param byClass only boxes of the object's class count; false: classes of the two are not known to agree.
 */
export function boxFit(
  output: DetectorOutput,
  gts: GtTable,
  byClass: boolean,
): { readonly sum: number; readonly numObjects: number; readonly boxes: readonly TopBox[] } {
  const rows = Array.from({ length: gts.numGts }, (_, row) => row).filter(
    (row) => gts.isCrowd[row] === 0 && gts.gtClass[row] !== IGNORE,
  );
  const boxes = topBoxes(output, rows.length);
  const sum = rows.reduce((total, row) => {
    const gt = boxOfRow(gts, row);
    const own = boxes.filter(({ classId }) => !byClass || classId === gts.gtClass[row]);
    return total + own.reduce((best, box) => Math.max(best, iouOf(gt, box)), 0);
  }, 0);
  return { sum, numObjects: rows.length, boxes };
}

type Box = Pick<TopBox, 'x1' | 'y1' | 'x2' | 'y2'>;

/** The boxes of a table, one an object. */
export function boxesOf(gts: GtTable): Box[] {
  return Array.from({ length: gts.numGts }, (_, row) => boxOfRow(gts, row));
}

function boxOfRow({ x1, y1, x2, y2 }: GtTable, row: number): Box {
  return { x1: x1[row], y1: y1[row], x2: x2[row], y2: y2[row] };
}

function iouOf(a: Box, b: Box): number {
  const iou = boxIou(a.x1, a.y1, a.x2, a.y2, b.x1, b.y1, b.x2, b.y2);
  return Number.isFinite(iou) ? iou : 0;
}
