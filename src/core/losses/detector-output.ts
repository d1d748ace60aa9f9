/** What a detector family's `decode` gives for one image, before ground truth is known. */
import type { Boxes } from '../tables.js';

/**
 * How to read `scores`.
 * softmax: C = K + 1 columns with the background column last (a classifier's: K columns, no background); sigmoid: C =
 * K.
 * `logits` are exact; `probabilities` come from exporters that applied the activation (the run is marked).
 */
export interface ScoreForm {
  readonly activation: 'softmax' | 'sigmoid';
  readonly given: 'logits' | 'probabilities';
}

/** Grid geometry of dense heads, for the assigners that need it. Anchors of one level are contiguous. */
export interface AnchorGrid {
  /** Centre of each anchor's prior, image px (R). */
  readonly centreX: Float32Array;
  readonly centreY: Float32Array;
  /** Stride of each anchor, image px along x and y (R): the model's stride undone by the resize. */
  readonly strideX: Float32Array;
  readonly strideY: Float32Array;
  /** L + 1 offsets: rows of level l are [levelStart[l], levelStart[l + 1]). */
  readonly levelStart: Int32Array;
}

export interface DetectorOutput {
  readonly numRois: number;
  /** K. */
  readonly numClasses: number;
  /** Proposals, anchors or priors, image px (R). */
  readonly regions: Boxes;
  /** Regressed boxes, image px (R). */
  readonly preds: Boxes;
  readonly scoreForm: ScoreForm;
  /** R * C, row-major; C = K, + 1 for softmax (background last). */
  readonly scores: Float32Array;
  /** R objectness values in the same `given` form (sigmoid); null where the family has none. */
  readonly objectness: Float32Array | null;
  /**
   * Encoded deltas (dx, dy, dw, dh), R * 4 class-agnostic or R * 4K by class; null where the family predicts boxes
   * directly.
   */
  readonly deltas: Float32Array | null;
  /** Target normalisation of `deltas` (Fast R-CNN: 10, 10, 5, 5). */
  readonly deltaWeights: readonly [number, number, number, number] | null;
  /** Geometry of dense heads; null for proposals. */
  readonly grid: AnchorGrid | null;
}
