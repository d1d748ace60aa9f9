/** RoIAlign with a gradient: core's taps as a gather and a weighted sum, which every backend can differentiate. */
import * as tf from '@tensorflow/tfjs-core';
import { roiAlignTaps, type RoiAlignOptions } from '../core/boxes/roi-align.js';
import type { Boxes } from '../core/tables.js';
import { takeBoxes } from './targets.js';

/** Pooled features of the RoIs of a step: of some rows, counted over its images, ascending; null: of all. */
export type Pool = (rows: Int32Array | null) => tf.Tensor4D;

/** Pools from feature maps [N, H, W, C] whenever it is asked; a gradient goes through. */
export function poolFrom(features: tf.Tensor4D, boxes: readonly Boxes[], options: RoiAlignOptions): Pool {
  return (rows) => poolRois(features, rows === null ? boxes : boxesOfRows(boxes, rows), options);
}

function boxesOfRows(boxes: readonly Boxes[], rows: Int32Array): Boxes[] {
  let start = 0;
  return boxes.map((image) => {
    const [first, end] = [start, start + image.x1.length];
    start = end;
    return takeBoxes(
      image,
      rows.filter((row) => row >= first && row < end).map((row) => row - first),
    );
  });
}

/**
 * Pools the boxes of each image from its feature map: [sum of R, P, P, C], images in order.
 * @param features [N, H, W, C].
 * @param boxes one set of boxes an image, px of the network's input.
 */
export function poolRois(features: tf.Tensor4D, boxes: readonly Boxes[], options: RoiAlignOptions): tf.Tensor4D {
  const [, height, width, channels] = features.shape;
  const taps = boxes.map((image) => roiAlignTaps(height, width, image, options));
  const tapsPerBin = 4 * options.samplingRatio ** 2;
  const total = taps.reduce((sum, { cell }) => sum + cell.length, 0);
  const cell = new Int32Array(total);
  const weight = new Float32Array(total);
  let at = 0;
  taps.forEach((image, n) => {
    for (let i = 0; i < image.cell.length; i++) cell[at + i] = image.cell[i] + n * height * width;
    weight.set(image.weight, at);
    at += image.cell.length;
  });
  const cells = tf.gather(tf.reshape(features, [-1, channels]), tf.tensor1d(cell, 'int32'));
  const grouped = tf.reshape(cells, [-1, tapsPerBin, channels]);
  const weights = tf.tensor3d(weight, [total / tapsPerBin, 1, tapsPerBin]);
  return tf.reshape(tf.matMul(weights, grouped), [-1, options.pooledSize, options.pooledSize, channels]);
}
