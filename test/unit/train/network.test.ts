import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkFastRcnnContract } from '../../../src/checkpoint/fast-rcnn-contract.js';
import { fastRcnnFiles } from '../../../src/checkpoint/fast-rcnn.js';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { allocateGtTable } from '../../../src/core/tables.js';
import { tfjsCpu } from '../../../src/engine/tfjs-cpu.js';
import type { TrainingImage } from '../../../src/train/minibatch.js';
import type { NetworkSpec } from '../../../src/train/network-spec.js';
import { BATCH_NORM_SUFFIX, buildBody, foldBody } from '../../../src/train/network.js';
import { saveNetwork } from '../../../src/train/save-network.js';
import { trainNetwork, type TrainOptions } from '../../../src/train/trainer.js';

beforeAll(async () => void (await tf.setBackend('cpu')));

/** Square: the JavaScript backend mixes up height and width in the gradient of ResizeBilinear (4.22.0). */
const SPEC: NetworkSpec = {
  numClasses: 2,
  inputWidth: 32,
  inputHeight: 32,
  mean: 128,
  std: 64,
  widths: [4, 5, 6],
  features: 6,
  proposalWidth: 5,
  anchors: { stride: 8, sizes: [12], ratios: [1] },
  proposals: { preNmsTop: 20, nmsThreshold: 0.7, numProposals: 8, minSize: 2 },
  pooledSize: 3,
  samplingRatio: 1,
  hidden: [10],
  deltaWeights: [10, 10, 5, 5],
};
const OPTIONS: TrainOptions = {
  seed: 4,
  steps: 3,
  imagesPerBatch: 2,
  sgd: { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, warmup: 2, drops: [] },
  anchorRule: { count: 12, fgFraction: 0.5, fgThreshold: 0.5, bgThreshold: 0.3, lowQualityMatches: true },
  roiRule: { count: 8, fgFraction: 0.25, fgThreshold: 0.5, bgThreshold: 0.5, lowQualityMatches: false },
  proposals: { preNmsTop: 20, nmsThreshold: 0.7, numProposals: 8, minSize: 2 },
};

/** Grey noise with one bright square; its class is its shade. The last image has no object. */
async function image(index: number): Promise<TrainingImage> {
  const random = seededRandom(index);
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, () => 90 + random.below(40));
  const gts = allocateGtTable(index === 3 ? 0 : 1);
  if (index < 3) {
    const [x, y] = [4 + random.below(12), 4 + random.below(12)];
    for (let row = y; row < y + 12; row++) data.fill(index % 2 === 0 ? 250 : 10, (row * 32 + x) * 3, (row * 32 + x + 12) * 3);
    gts.gtClass[0] = index % 2;
    [gts.x1[0], gts.y1[0], gts.x2[0], gts.y2[0]] = [x, y, x + 12, y + 12];
  }
  return { image: { width: 32, height: 32, data }, gts };
}

const train = (options: TrainOptions, losses: number[] = []) =>
  trainNetwork(SPEC, options, 4, image, async (_, { objectness, proposalBox, cls, box }) => void losses.push(objectness + proposalBox + cls + box));

test('the same seed gives the same weights, another seed others', async () => {
  const weightsOf = async (seed: number) => {
    const { body, head } = await train({ ...OPTIONS, seed });
    return [...body.getWeights(), ...head.getWeights()].flatMap((weight) => [...weight.dataSync()]);
  };
  const first = await weightsOf(4);
  expect(first.every(Number.isFinite)).toBe(true);
  expect(await weightsOf(4)).toEqual(first);
  expect(await weightsOf(5)).not.toEqual(first);
});

test('training lowers the loss', async () => {
  const losses: number[] = [];
  await train({ ...OPTIONS, steps: 24, sgd: { ...OPTIONS.sgd, learningRate: 0.03 } }, losses);
  const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
  expect(mean(losses.slice(-6))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));
});

test('folding the normalisation keeps the outputs', () => {
  const body = buildBody(SPEC, true, 1);
  const random = seededRandom(2);
  for (const layer of body.layers.filter(({ name }) => name.endsWith(BATCH_NORM_SUFFIX))) {
    layer.setWeights(layer.getWeights().map((weight) => tf.tensor(Float32Array.from({ length: weight.size }, () => 0.5 + random.next()), weight.shape)));
  }
  const x = tf.tensor(Float32Array.from({ length: 32 * 32 * 3 }, () => random.next() * 4 - 2), [1, 32, 32, 3]);
  const before = body.predict(x) as tf.Tensor[];
  const after = foldBody(SPEC, body).predict(x) as tf.Tensor[];
  before.forEach((tensor, i) => expect(tf.max(tf.abs(tf.sub(tensor, after[i]))).dataSync()[0]).toBeLessThan(1e-4));
});

test('a saved network opens as a checkpoint of the fast-rcnn family and detects', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'network-'));
  await saveNetwork(folder, SPEC, ['bright', 'dark'], await train(OPTIONS));
  const contract: unknown = JSON.parse(await readFile(join(folder, 'ohem.json'), 'utf8'));
  expect(checkFastRcnnContract(contract, folder).classes).toEqual(['bright', 'dark']);
  const engine = await tfjsCpu.start();
  const detector = await (await fastRcnnFiles(join(folder, 'ohem.json'), contract)).open((path, format) => engine.loadGraph(path, format));
  const output = await detector.detect((await image(0)).image);
  expect(output.numRois).toBeGreaterThan(0);
  expect(output.scores.every(Number.isFinite)).toBe(true);
  expect(output.deltas).toHaveLength(output.numRois * 4);
  detector.dispose();
  await rm(folder, { recursive: true });
});
