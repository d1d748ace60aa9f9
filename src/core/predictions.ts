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

/** The class with the highest score, whatever that is: [0, K), K for a softmax's background, NONE unknown. */
export function preferredClass({ topClass, predClass }: RoiTable, row: number): number {
  const top = topClass[row * NUM_TOP];
  return top === NONE ? predClass[row] : top;
}

/**
 * What a network that prefers a class says: that class, or K for background where the detection score is below
 * `backgroundBelow`; NONE unknown. A softmax's background wins by its own score; an unknown score is not below.
 */
export function answerOf(preferred: number, score: number, numClasses: number, backgroundBelow: number): number {
  return preferred !== NONE && score < backgroundBelow ? numClasses : preferred;
}

/** `answerOf` a row. */
export function predictedClass(rois: RoiTable, row: number, backgroundBelow: number): number {
  return answerOf(preferredClass(rois, row), rois.score[row], rois.numClasses, backgroundBelow);
}

/** R: `predictedClass` of each row. */
export function predictedClasses(rois: RoiTable, backgroundBelow: number): Int32Array {
  return Int32Array.from({ length: rois.numRois }, (_, row) => predictedClass(rois, row, backgroundBelow));
}
