import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all operations.
import '@tensorflow/tfjs-layers';
import { beforeAll, expect, test } from 'vitest';
import { roiAlign } from '../../../src/core/boxes/roi-align.js';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { poolRois } from '../../../src/train/pool-rois.js';
import { startTestedBackend } from './start-backend.js';

beforeAll(startTestedBackend);

const OPTIONS = { pooledSize: 2, samplingRatio: 2, spatialScale: 1 / 4 };
const [H, W, C] = [5, 6, 2];
const random = seededRandom(5);
const values = Float32Array.from({ length: 2 * H * W * C }, () => random.next() * 2 - 1);
const boxes = [
  { x1: Float32Array.of(1, -3), y1: Float32Array.of(2, 0), x2: Float32Array.of(15, 30), y2: Float32Array.of(11, 19) },
  { x1: Float32Array.of(4), y1: Float32Array.of(3), x2: Float32Array.of(9), y2: Float32Array.of(18) },
];

test('pools each image by core’s RoIAlign', () => {
  const pooled = poolRois(tf.tensor4d(values, [2, H, W, C]), boxes, OPTIONS);
  const size = H * W * C;
  const expected = boxes.flatMap((image, n) => [
    ...roiAlign(values.subarray(n * size, (n + 1) * size), H, W, C, image, OPTIONS),
  ]);
  expect(pooled.shape).toEqual([3, 2, 2, C]);
  pooled.dataSync().forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5));
});

test('the gradient is that of finite differences', () => {
  const weight = tf.tensor(
    Float32Array.from({ length: 3 * 4 * C }, (_, i) => Math.sin(i + 1)),
    [3, 2, 2, C],
  );
  const loss = (features: tf.Tensor) =>
    tf.sum<tf.Scalar>(tf.mul(poolRois(features as tf.Tensor4D, boxes, OPTIONS), weight));
  const gradient = tf
    .grad(loss)(tf.tensor4d(values, [2, H, W, C]))
    .dataSync();
  const at = (i: number, step: number) => {
    const moved = values.slice();
    moved[i] += step;
    return loss(tf.tensor4d(moved, [2, H, W, C])).dataSync()[0];
  };
  for (let i = 0; i < values.length; i += 7) expect(gradient[i]).toBeCloseTo((at(i, 0.5) - at(i, -0.5)) / 1, 4);
});
