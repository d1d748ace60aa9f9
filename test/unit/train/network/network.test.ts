import * as tf from '@tensorflow/tfjs-core';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkFastRcnnContract } from '../../../../src/checkpoint/families/fast-rcnn/fast-rcnn-contract.js';
import { fastRcnn } from '../../../../src/checkpoint/families/fast-rcnn/fast-rcnn.js';
import { seededRandom } from '../../../../src/core/seeded-random.js';
import { tfjsCpu } from '../../../../src/engine/tfjs/tfjs-cpu.js';
import { BATCH_NORM_SUFFIX, buildBody, foldBody } from '../../../../src/train/network/network.js';
import { saveNetwork } from '../../../../src/train/save-network.js';
import { OPTIONS, SPEC, tinyImage, trainTiny } from '../tiny-training.js';
import { startTestedBackend } from '../start-backend.js';

beforeAll(startTestedBackend);

test('the same seed gives the same weights, another seed others', async () => {
  const weightsOf = async (seed: number) => {
    const { network } = await trainTiny({ ...OPTIONS, seed }, 3);
    return [...network.body.getWeights(), ...network.head.getWeights()].flatMap((weight) => [...weight.dataSync()]);
  };
  const first = await weightsOf(4);
  expect(first.every(Number.isFinite)).toBe(true);
  expect(await weightsOf(4)).toEqual(first);
  expect(await weightsOf(0)).toEqual(await weightsOf(0));
  expect(await weightsOf(5)).not.toEqual(first);
});

test('the gradient of a resize is its transpose, also where height and width differ', () => {
  const random = seededRandom(3);
  const drawn = (shape: [number, number, number, number]) =>
    tf.tensor4d(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.next()),
      shape,
    );
  const [x, dy] = [drawn([1, 2, 3, 2]), drawn([1, 4, 6, 2])];
  const resized = (from: tf.Tensor4D): tf.Scalar => tf.sum(tf.mul(tf.image.resizeBilinear(from, [4, 6]), dy));
  const gradient = tf.grad((from) => resized(from as tf.Tensor4D))(x);
  expect(gradient.shape).toEqual(x.shape);
  expect(tf.sum(tf.mul(gradient, x)).dataSync()[0]).toBeCloseTo(resized(x).dataSync()[0], 4);
});

test('folding the normalisation keeps the outputs', () => {
  const body = buildBody(SPEC, true, 1);
  const random = seededRandom(2);
  for (const layer of body.layers.filter(({ name }) => name.endsWith(BATCH_NORM_SUFFIX))) {
    layer.setWeights(
      layer.getWeights().map((weight) =>
        tf.tensor(
          Float32Array.from({ length: weight.size }, () => 0.5 + random.next()),
          weight.shape,
        ),
      ),
    );
  }
  const x = tf.tensor(
    Float32Array.from({ length: 32 * 32 * 3 }, () => random.next() * 4 - 2),
    [1, 32, 32, 3],
  );
  const before = body.predict(x) as tf.Tensor[];
  const after = foldBody(SPEC, body).predict(x) as tf.Tensor[];
  before.forEach((tensor, i) => expect(tf.max(tf.abs(tf.sub(tensor, after[i]))).dataSync()[0]).toBeLessThan(1e-4));
});

test('a saved network opens as a checkpoint of the fast-rcnn family and detects', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'network-'));
  await saveNetwork(folder, SPEC, ['bright', 'dark'], (await trainTiny(OPTIONS, 3)).network);
  const contract: unknown = JSON.parse(await readFile(join(folder, 'ohem.json'), 'utf8'));
  expect(checkFastRcnnContract(contract, folder).classes).toEqual(['bright', 'dark']);
  const engine = await tfjsCpu.start();
  const detector = await (
    await fastRcnn.locate(join(folder, 'ohem.json'), contract)
  ).open((path, format) => engine.loadGraph(path, format));
  const output = await detector.detect((await tinyImage(0)).image);
  expect(output.numRois).toBeGreaterThan(0);
  expect(output.scores.every(Number.isFinite)).toBe(true);
  expect(output.deltas).toHaveLength(output.numRois * 4);
  detector.dispose();
  await rm(folder, { recursive: true });
});
