/** What a detector family's `decode` gives for one image, before ground truth is known. */
import type { Boxes, RoiBoxId } from '../tables.js';

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

/** Grid geometry of dense heads, for SimOTA and ATSS. Anchors of one level are contiguous. */
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

/** Assigners that today's families need; named in the panel, can be changed. */
export const ASSIGNER_IDS = ['max-iou', 'simota', 'atss'] as const;
export type AssignerId = (typeof ASSIGNER_IDS)[number];

export const LOC_LOSS_IDS = ['smooth-l1', 'giou'] as const;
export type LocLossId = (typeof LOC_LOSS_IDS)[number];

export const CLS_LOSS_IDS = ['cross-entropy', 'bce', 'focal'] as const;
export type ClsLossId = (typeof CLS_LOSS_IDS)[number];

/** How outputs and ground truth become losses. Part of the run's manifest: changing it needs the outputs again. */
export interface MeasureConfig {
  readonly assigner: AssignerId;
  readonly clsLoss: ClsLossId;
  readonly locLoss: LocLossId;
  /** Foreground: IoU >= this (max-iou only). */
  readonly fgThreshold: number;
  /**
   * Background: IoU < this; RoIs in [bgThreshold, fgThreshold) are ignored (RetinaNet's gap). Equal to fgThreshold: no
   * gap.
   */
  readonly bgThreshold: number;
  /** max-iou: each ground truth also takes its best RoI, even below the threshold. */
  readonly lowQualityMatches: boolean;
  /** Overlap (intersection over RoI area) with a crowd or difficult object from which a background RoI is ignored. */
  readonly ignoreThreshold: number;
  /** Smooth L1: beta = 1 / sigma². */
  readonly sigma: number;
  readonly roiBox: RoiBoxId;
}

/** Fast R-CNN's: maximum IoU at .5 with bg_lo = 0 on the proposals, cross-entropy and smooth L1 with beta 1. */
export const FAST_RCNN_MEASURE = {
  assigner: 'max-iou',
  clsLoss: 'cross-entropy',
  locLoss: 'smooth-l1',
  fgThreshold: 0.5,
  bgThreshold: 0.5,
  lowQualityMatches: false,
  ignoreThreshold: 0.5,
  sigma: 1,
  roiBox: 'region',
} as const satisfies MeasureConfig;
