import * as tf from '@tensorflow/tfjs-core';
// Registers the gradients of all operations.
import '@tensorflow/tfjs-layers';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { poolRois } from '../../../src/train/pool-rois.js';
import { startTestedBackend } from '../../unit/train/start-backend.js';

interface Case {
  height: number;
  width: number;
  channels: number;
  pooledSize: number;
  samplingRatio: number;
  stride: number;
  boxes: number[][][];
  features: number[];
  upstream: number[];
  pooled: number[];
  gradient: number[];
}
const { cases } = JSON.parse(readFileSync(new URL('roi-align-gradient.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

beforeAll(startTestedBackend);

function furthest(a: ArrayLike<number>, b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(...b.map((value, i) => Math.abs(value - a[i])));
}

describe('RoIAlign and its gradient as PyTorch computes them', () => {
  test.each(cases)('$height x $width x $channels, P $pooledSize, ratio $samplingRatio', (c) => {
    const options = { pooledSize: c.pooledSize, samplingRatio: c.samplingRatio, spatialScale: 1 / c.stride };
    const column = (image: number[][], i: number) => Float32Array.from(image, (box) => box[i]);
    const boxes = c.boxes.map((image) => ({
      x1: column(image, 0),
      y1: column(image, 1),
      x2: column(image, 2),
      y2: column(image, 3),
    }));
    const features = tf.tensor4d(c.features, [2, c.height, c.width, c.channels]);
    const upstream = tf.tensor4d(c.upstream, [8, c.pooledSize, c.pooledSize, c.channels]);
    expect(furthest(poolRois(features, boxes, options).dataSync(), c.pooled)).toBeLessThan(1e-5);
    const gradient = tf.grad((x) => poolRois(x as tf.Tensor4D, boxes, options))(features, upstream);
    expect(furthest(gradient.dataSync(), c.gradient)).toBeLessThan(1e-5);
  });
});
