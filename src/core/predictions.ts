/** What a network says of a RoI in one word: the panel, the exports and the command line say the same. */
import { NONE, NUM_TOP, type RoiTable, type Task } from './tables.js';

/**
 * Detection score below which a detector is taken to say "background", [0, 1]. A sigmoid head has no background class:
 * its highest class score is somebody's, however small. COCO evaluations of such heads start at this score.
 * Source: detectron2's `SCORE_THRESH_TEST`, torchvision's `box_score_thresh`.
 */
export const BACKGROUND_BELOW = 0.05;

/** Of a run: a classifier has no background, its highest score is its answer however small. */
export function backgroundBelowOf(task: Task, detector: number): number {
  return task === 'classification' ? 0 : detector;
}

/**
 * The class that the network prefers: [0, K), K for background, NONE unknown. A softmax's background wins by its own
 * score, that of a sigmoid head where the detection score is below `backgroundBelow`; an unknown score is not below.
 */
export function predictedClass(rois: RoiTable, row: number, backgroundBelow: number): number {
  const top = rois.topClass[row * NUM_TOP];
  const preferred = top === NONE ? rois.predClass[row] : top;
  if (preferred === NONE) return NONE;
  return rois.score[row] < backgroundBelow ? rois.numClasses : preferred;
}

/** R: `predictedClass` of each row. */
export function predictedClasses(rois: RoiTable, backgroundBelow: number): Int32Array {
  return Int32Array.from({ length: rois.numRois }, (_, row) => predictedClass(rois, row, backgroundBelow));
}
