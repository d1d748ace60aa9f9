/** The detections of an image: what inference NMS leaves of its RoIs, one of the best class each. */
import { inferenceNms, type InferenceNmsOptions } from '../boxes/inference-nms.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { NONE, type Boxes, type RealColumn, type RoiTable } from '../tables.js';

/** One row a detection (D rows), best first. The inherited box is the regressed one, image px. */
export interface Detections extends Boxes {
  readonly numDetections: number;
  /** Row of the RoI. */
  readonly row: Int32Array;
  /** [0, K). */
  readonly predClass: Int32Array;
  /** [0, 1], descending. */
  readonly score: RealColumn;
}

export interface DetectOptions extends InferenceNmsOptions {
  /** Detections of an image that count, the best. */
  readonly most: number;
}

/** Source: detectron2's `SCORE_THRESH_TEST`, `NMS_THRESH_TEST` and `DETECTIONS_PER_IMAGE`. */
export const DETECTING: DetectOptions = { scoreThreshold: 0.05, iouThreshold: 0.5, most: 100 };

/**
 * @param rois RoIs of one image; those without a score or a class are no detections.
 * @throws MiningError 'mining' where RoIs that the run does not keep may be among them.
 * Cost: as `inferenceNms`.
 */
export function detect(rois: RoiTable, options = DETECTING): Detections {
  const row = inferenceNms(rois, options)
    .filter((each) => rois.predClass[each] !== NONE)
    .slice(0, options.most);
  checkScores(rois, row, options);
  const column = (values: RealColumn) => Float64Array.from(row, (each) => values[each]);
  return {
    numDetections: row.length,
    row,
    predClass: Int32Array.from(row, (each) => rois.predClass[each]),
    score: column(rois.score),
    x1: column(rois.predX1),
    y1: column(rois.predY1),
    x2: column(rois.predX2),
    y2: column(rois.predY2),
  };
}

function checkScores({ rests, score }: RoiTable, rows: Int32Array, { scoreThreshold, most }: DetectOptions): void {
  const best = rests?.get(0)?.maxScore ?? Number.NaN;
  if (!(best >= scoreThreshold) || (rows.length === most && score[rows[most - 1]] > best)) return;
  const limit = best.toPrecision(3);
  const expected = said`detections among the RoIs that the run keeps, which have all scores above ${limit}`;
  const todo = 'Take a higher threshold or fewer, or mine with --keep-rois all';
  throw new MiningError('mining', 'detections', expected, said`the ${most} best from ${scoreThreshold} on`, { todo });
}
