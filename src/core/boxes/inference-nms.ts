/** Inference NMS: from RoIs to the detections that the model would report. Mining NMS, by loss, is another thing. */
import { boxIou } from './iou.js';
import type { RoiTable } from '../tables.js';

export interface InferenceNmsOptions {
  /** Least score of a detection, [0, 1]. */
  readonly scoreThreshold: number;
  /** A detection is dropped when a better one of its image and class overlaps it by more than this IoU, [0, 1]. */
  readonly iouThreshold: number;
  /** So many rows, the best, are compared; absent: all. */
  readonly candidates?: number;
}

/**
 * Rows that survive class-wise NMS of the regressed boxes by score, highest score first (lower row on a tie).
 * Rows without a score (NaN) are no detections. Zero rows give zero rows.
 * Cost: D² for D rows above the score threshold, at most `candidates`.
 */
export function inferenceNms(rois: RoiTable, options: InferenceNmsOptions): Int32Array {
  const { predX1, predY1, predX2, predY2, predClass, imageIndex } = rois;
  const kept: number[] = [];
  for (const row of byScore(rois, options.scoreThreshold).slice(0, options.candidates)) {
    const isDropped = kept.some(
      (better) =>
        predClass[better] === predClass[row] &&
        imageIndex[better] === imageIndex[row] &&
        boxIou(
          predX1[better],
          predY1[better],
          predX2[better],
          predY2[better],
          predX1[row],
          predY1[row],
          predX2[row],
          predY2[row],
        ) > options.iouThreshold,
    );
    if (!isDropped) kept.push(row);
  }
  return Int32Array.from(kept);
}

function byScore(rois: RoiTable, scoreThreshold: number): number[] {
  const rows: number[] = [];
  for (let row = 0; row < rois.numRois; row++) if (rois.score[row] >= scoreThreshold) rows.push(row);
  return rows.sort((a, b) => rois.score[b] - rois.score[a] || a - b);
}
