import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { learningRateAt, Sgd } from '../../../src/train/sgd.js';
import { startTestedBackend } from './start-backend.js';

beforeAll(startTestedBackend);

const OPTIONS = { learningRate: 0.1, momentum: 0.5, weightDecay: 0.2, warmup: 4, drops: [10, 20] };

test('the rate rises over the warm-up and drops by ten', () => {
  const rates = [0, 3, 9, 10, 20].map((step) => learningRateAt(step, OPTIONS));
  [0.025, 0.1, 0.1, 0.01, 0.001].forEach((rate, i) => expect(rates[i]).toBeCloseTo(rate, 12));
});

test('two steps by hand; biases do not decay', () => {
  const kernel = tf.variable(tf.tensor2d([[1]]));
  const bias = tf.variable(tf.tensor1d([1]));
  const untouched = tf.variable(tf.tensor1d([3]));
  const sgd = new Sgd({ ...OPTIONS, warmup: 0, drops: [] }, [kernel, bias]);
  const step = (n: number) =>
    sgd.apply(
      { [kernel.name]: tf.tensor2d([[2]]), [bias.name]: tf.tensor1d([2]), [untouched.name]: tf.tensor1d([9]) },
      n,
    );
  step(0);
  // Kernel: v = 2 + .2 * 1, w = 1 - .22. Bias: v = 2, w = .8.
  expect(kernel.dataSync()[0]).toBeCloseTo(0.78, 6);
  expect(bias.dataSync()[0]).toBeCloseTo(0.8, 6);
  step(1);
  expect(kernel.dataSync()[0]).toBeCloseTo(0.78 - 0.1 * (0.5 * 2.2 + 2 + 0.2 * 0.78), 6);
  expect(bias.dataSync()[0]).toBeCloseTo(0.8 - 0.1 * 3, 6);
  expect(untouched.dataSync()[0]).toBe(3);
});

test('a missing gradient is 0: momentum and decay go on', () => {
  const kernel = tf.variable(tf.tensor2d([[1]]));
  const sgd = new Sgd({ ...OPTIONS, warmup: 0, drops: [] }, [kernel]);
  sgd.apply({ [kernel.name]: tf.tensor2d([[2]]) }, 0);
  sgd.apply({}, 1);
  expect(kernel.dataSync()[0]).toBeCloseTo(0.78 - 0.1 * (0.5 * 2.2 + 0.2 * 0.78), 6);
});
