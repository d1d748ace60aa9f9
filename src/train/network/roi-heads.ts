/**
 * OHEM's two RoI networks (arXiv 1604.03540, section 4.1, figure 2): the read-only head sees every RoI, the trainable
 * head is trained and sees the selected RoIs. Deviation: the authors share memory by name; here the read-only head is a
 * copy that is given the trainable head's parameters after each update, which shares their buffers until the next one.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { decodeDeltas } from '../../core/boxes/box-coding.js';
import { type DetectorOutput } from '../../core/losses/detector-output.js';
import { FAST_RCNN_MEASURE } from '../../core/measure/measure-config.js';
import { measureRois } from '../../core/measure/measure.js';
import type { Boxes, GtTable, RoiTable } from '../../core/tables.js';
import type { NetworkSpec } from './network-spec.js';
import type { Pool } from '../pool-rois.js';

export interface RoiHeads {
  /** Sees all RoIs. */
  readonly readOnly: LayersModel;
  /** Learns from the selected ones. */
  readonly trainable: LayersModel;
}

/**
 * Pairs the trainable head with a head of the same shape, which becomes the read-only head: none of its variables can
 * be trained from here on.
 */
export function pairHeads(trainable: LayersModel, readOnly: LayersModel): RoiHeads {
  readOnly.trainable = false;
  for (const layer of readOnly.layers) layer.trainable = false;
  const heads = { readOnly, trainable };
  syncReadOnlyHead(heads);
  return heads;
}

/** The read-only head takes the trainable head's parameters. */
export function syncReadOnlyHead({ readOnly, trainable }: RoiHeads): void {
  readOnly.setWeights(trainable.getWeights());
}

/** Options of RoIAlign on this network's feature map. */
export function poolingOf(spec: NetworkSpec) {
  return { pooledSize: spec.pooledSize, spatialScale: 1 / spec.anchors.stride, samplingRatio: spec.samplingRatio };
}

/** What a head says of R RoIs. */
export interface HeadOutput {
  /** R * (K + 1), background last. */
  readonly logits: Float32Array;
  /** R * 4 */
  readonly deltas: Float32Array;
}

/**
 * Forward through the read-only head in evaluation mode, on all RoIs; nothing is kept for a gradient, also inside one.
 * @param boxes one set an image. Zero rows give empty arrays.
 */
export function readOnlyPass(head: LayersModel, pool: Pool, boxes: readonly Boxes[]): HeadOutput {
  if (boxes.every(({ x1 }) => x1.length === 0)) return { logits: new Float32Array(0), deltas: new Float32Array(0) };
  return withoutGradient(() => {
    const [logits, deltas] = head.call(pool(null), { training: false }) as [tf.Tensor, tf.Tensor];
    return { logits: logits.dataSync() as Float32Array, deltas: deltas.dataSync() as Float32Array };
  });
}

/** The forward function of a custom operation is not recorded: its inner tensors go when it returns. */
function withoutGradient<T>(compute: () => T): T {
  let result: T | undefined;
  const operation = tf.customGrad((input) => {
    result = compute();
    return { value: tf.scalar(0), gradFunc: () => tf.zerosLike(input as tf.Tensor) };
  });
  const nothing = tf.scalar(0);
  tf.dispose([operation(nothing), nothing]);
  return result as T;
}

/** The RoI table of each image, with the losses that a head's outputs have: what every sampler reads. */
export function measureImages(
  output: HeadOutput,
  boxes: readonly Boxes[],
  gts: readonly GtTable[],
  spec: NetworkSpec,
): RoiTable[] {
  let start = 0;
  return boxes.map((image, n) => {
    const end = start + image.x1.length;
    const detected = detectorOutput(output, start, end, image, spec);
    start = end;
    return measureRois(detected, gts[n], FAST_RCNN_MEASURE, { width: spec.inputWidth, height: spec.inputHeight });
  });
}

/** Rows that stand for RoIs no head has looked at: for samplers that do not ask what a RoI costs. */
export function blankOutput(boxes: readonly Boxes[], { numClasses }: NetworkSpec): HeadOutput {
  const numRois = boxes.reduce((sum, { x1 }) => sum + x1.length, 0);
  return { logits: new Float32Array(numRois * (numClasses + 1)), deltas: new Float32Array(numRois * 4) };
}

function detectorOutput(
  { logits, deltas }: HeadOutput,
  start: number,
  end: number,
  regions: Boxes,
  { numClasses, deltaWeights }: NetworkSpec,
): DetectorOutput {
  const own = deltas.subarray(start * 4, end * 4);
  return {
    numRois: end - start,
    numClasses,
    regions,
    preds: decodeDeltas(regions, own, deltaWeights),
    scoreForm: { activation: 'softmax', given: 'logits' },
    scores: logits.subarray(start * (numClasses + 1), end * (numClasses + 1)),
    objectness: null,
    deltas: own,
    deltaWeights,
    grid: null,
  };
}
