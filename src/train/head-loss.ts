/** What the trainable head pays on the selected RoIs. */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { encodeDelta } from '../core/boxes/box-coding.js';
import type { TrainedLoss } from '../core/losses/trained-losses.js';
import { NONE, type GtTable, type RoiTable } from '../core/tables.js';
import { focalCrossEntropy, meanCrossEntropy, smoothL1 } from './losses.js';
import type { NetworkSpec } from './network/network-spec.js';
import type { Pool } from './pool-rois.js';

/** The selected RoIs of a minibatch (S rows), images in order. */
export interface SelectedRois {
  /** Rows of the minibatch, ascending. */
  readonly rows: Int32Array;
  /** [0, K), K background, IGNORE (S). */
  readonly label: Int32Array;
  /** Places of the foreground among the S rows. */
  readonly foreground: Int32Array;
  /** Encoded deltas of the foreground, 4 each. */
  readonly delta: Float32Array;
}

/**
 * Labels and box targets of some rows.
 * @param rows rows of `rois`, in any order; the result has them in ascending order.
 * @param gts ground truth of each image of the minibatch.
 */
export function takeSelected(
  rois: RoiTable,
  rows: Int32Array,
  gts: readonly GtTable[],
  { deltaWeights }: NetworkSpec,
): SelectedRois {
  const ordered = rows.slice().sort();
  const foreground = Int32Array.from(ordered.keys()).filter((place) => rois.gtIndex[ordered[place]] !== NONE);
  const delta = new Float32Array(foreground.length * 4);
  const encoded = new Float64Array(4);
  foreground.forEach((place, i) => {
    const row = ordered[place];
    encodeDelta(encoded, rois, row, gts[rois.imageIndex[row]], rois.gtIndex[row], deltaWeights);
    delta.set(encoded, i * 4);
  });
  return { rows: ordered, label: ordered.map((row) => rois.gtClass[row]), foreground, delta };
}

/**
 * Forward through the trainable head: both losses over the S selected RoIs, background paying no box loss, IGNORE
 * nothing. Cross-entropy and its box loss are means over S (Fast R-CNN, arXiv 1504.08083, section 2.3); the focal loss
 * and its box loss are divided by the foreground (RetinaNet, arXiv 1708.02002, section 4.1). Zero rows cost 0.
 */
export function selectedLoss(
  head: LayersModel,
  pool: Pool,
  { rows, label, foreground, delta }: SelectedRois,
  classLoss: TrainedLoss,
): { readonly cls: tf.Scalar; readonly box: tf.Scalar } {
  if (label.length === 0) return { cls: tf.scalar(0), box: tf.scalar(0) };
  const [logits, deltas] = head.call(pool(rows), { training: true }) as [tf.Tensor2D, tf.Tensor2D];
  const isFocal = classLoss === 'focal';
  return {
    cls: (isFocal ? focalCrossEntropy : meanCrossEntropy)(logits, label),
    box: smoothL1(
      tf.gather(deltas, tf.tensor1d(foreground, 'int32')),
      delta,
      1,
      isFocal ? foreground.length : label.length,
    ),
  };
}
