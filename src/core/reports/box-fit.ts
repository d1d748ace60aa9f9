/** How well a detector's best boxes meet the ground truth: the measure by which readings of a checkpoint compete. */
import { boxIou } from '../boxes/iou.js';
import type { DetectorOutput } from '../losses/detector-output.js';
import { IGNORE, type GtTable } from '../tables.js';

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

/** The `count` best boxes after class-wise NMS, best first; rows that are not finite are none. */
export function topBoxes(output: DetectorOutput, count: number): TopBox[] {
  const { preds, numRois } = output;
  const rows = Array.from({ length: numRois }, (_, row) => ({ row, ...bestClass(output, row) }))
    .filter(({ score }) => Number.isFinite(score))
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST_ROWS);
  const kept: TopBox[] = [];
  for (const { row, classId, score } of rows) {
    if (kept.length === count) break;
    const box = { x1: preds.x1[row], y1: preds.y1[row], x2: preds.x2[row], y2: preds.y2[row], classId, score };
    if (!kept.some((better) => better.classId === classId && iouOf(better, box) > NMS_IOU)) kept.push(box);
  }
  return kept;
}

/** The likeliest class of a row that is not the background. */
function bestClass(output: DetectorOutput, row: number): { readonly classId: number; readonly score: number } {
  const { numRois, numClasses, scores, scoreForm, objectness } = output;
  const width = scores.length / numRois;
  const values = scores.subarray(row * width, row * width + width);
  const isLogits = scoreForm.given === 'logits';
  let classId = 0;
  for (let k = 1; k < numClasses; k++) if (values[k] > values[classId]) classId = k;
  const sigmoid = (value: number) => (isLogits ? 1 / (1 + Math.exp(-value)) : value);
  const score = isLogits && scoreForm.activation === 'softmax' ? softmaxOf(values, classId) : sigmoid(values[classId]);
  return { classId, score: score * (objectness === null ? 1 : sigmoid(objectness[row])) };
}

function softmaxOf(values: Float32Array, k: number): number {
  return 1 / values.reduce((sum, value) => sum + Math.exp(value - values[k]), 0);
}

/**
 * Sum over the ground truths of the best IoU with as many of the best boxes as there are objects, and their number;
 * crowds and objects without a class do not count. Scores that saturate rank at random, and meet nothing.
 * @param byClass only boxes of the object's class count; false: classes of the two are not known to agree.
 */
export function boxFit(
  output: DetectorOutput,
  gts: GtTable,
  byClass: boolean,
): { readonly sum: number; readonly numObjects: number } {
  const rows = Array.from({ length: gts.numGts }, (_, row) => row).filter(
    (row) => gts.isCrowd[row] === 0 && gts.gtClass[row] !== IGNORE,
  );
  const boxes = topBoxes(output, rows.length);
  const sum = rows.reduce((total, row) => {
    const gt = boxOfRow(gts, row);
    const own = boxes.filter(({ classId }) => !byClass || classId === gts.gtClass[row]);
    return total + own.reduce((best, box) => Math.max(best, iouOf(gt, box)), 0);
  }, 0);
  return { sum, numObjects: rows.length };
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
