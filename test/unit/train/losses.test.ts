import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { softmaxLossFromLogits } from '../../../src/core/losses/class/cross-entropy.js';
import { smoothL1Loss } from '../../../src/core/losses/box/smooth-l1.js';
import { IGNORE } from '../../../src/core/tables.js';
import { newHead } from '../../../src/train/network/network.js';
import { focalCrossEntropy, meanBinaryCrossEntropy, meanCrossEntropy, smoothL1 } from '../../../src/train/losses.js';
import { startTestedBackend } from './start-backend.js';
import { SPEC } from './tiny-training.js';

beforeAll(startTestedBackend);

test('cross-entropy is the mean of what mining measures', () => {
  const logits = Float32Array.of(2, -1, 0.5, 0, 3, 3);
  const labels = Int32Array.of(1, 2);
  const expected = (softmaxLossFromLogits(logits, 0, 2, 1) + softmaxLossFromLogits(logits, 3, 2, 2)) / 2;
  expect(meanCrossEntropy(tf.tensor2d(logits, [2, 3]), labels).dataSync()[0]).toBeCloseTo(expected, 5);
});

test('focal loss is cross-entropy by (1 - p_t)^2 and alpha, over the foreground; an ignored row pays nothing', () => {
  const logits = Float32Array.of(2, -1, 0.5, 0, 3, 3, 1, 1, 0);
  const labels = Int32Array.of(1, 2, IGNORE);
  const [foreground, background] = [0, 1].map((row) => {
    const loss = softmaxLossFromLogits(logits, row * 3, 2, labels[row]);
    return (row === 0 ? 0.25 : 0.75) * (1 - Math.exp(-loss)) ** 2 * loss;
  });
  const loss = focalCrossEntropy(tf.tensor2d(logits, [3, 3]), labels).dataSync()[0];
  expect(loss).toBeCloseTo(foreground + background, 5);
  expect(focalCrossEntropy(tf.zeros([0, 3]), new Int32Array(0)).dataSync()[0]).toBe(0);
});

test('a head for the focal loss begins with background at .99, one for cross-entropy with every class alike', () => {
  const spec = { ...SPEC, numClasses: 3 };
  const probabilities = (classLoss: 'focal' | 'cross-entropy') => {
    const head = newHead(spec, classLoss, 1);
    const [logits] = head.predict(tf.zeros([1, spec.pooledSize, spec.pooledSize, spec.features])) as tf.Tensor[];
    return Array.from(tf.softmax(logits).dataSync());
  };
  expect(probabilities('focal')).toEqual([0.01 / 3, 0.01 / 3, 0.01 / 3, 0.99].map((p) => expect.closeTo(p, 6)));
  expect(probabilities('cross-entropy')).toEqual(Array.from({ length: 4 }, () => expect.closeTo(0.25, 6)));
});

test('smooth L1 is the sum of what mining measures over the count', () => {
  const predicted = [0.1, -0.9, 0.02, 4];
  const target = Float32Array.of(0, 0.3, 0, -1);
  const expected = smoothL1Loss(predicted, 0, target, 1 / 9);
  expect(smoothL1(tf.tensor2d(predicted, [1, 4]), target, 1 / 9, 5).dataSync()[0]).toBeCloseTo(expected / 5, 5);
});

test('binary cross-entropy stays finite for large logits', () => {
  const values = meanBinaryCrossEntropy(tf.tensor1d([200, -200, 0]), Float32Array.of(0, 1, 1)).dataSync();
  expect(values[0]).toBeCloseTo((200 + 200 + Math.LN2) / 3, 3);
});

test('without rows the losses are 0', () => {
  expect(meanCrossEntropy(tf.zeros([0, 3]), new Int32Array(0)).dataSync()[0]).toBe(0);
  expect(meanBinaryCrossEntropy(tf.zeros([0]), new Float32Array(0)).dataSync()[0]).toBe(0);
  expect(smoothL1(tf.zeros([0, 4]), new Float32Array(0), 1, 0).dataSync()[0]).toBe(0);
});
