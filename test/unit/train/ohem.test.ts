import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { PRESET_IDS } from '../../../src/core/mining/samplers/index.js';
import { concatRoiTables } from '../../../src/core/concat-roi-tables.js';
import { encodeDelta } from '../../../src/core/boxes/box-coding.js';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { resolveConfig, selectHardestRows } from '../../../src/core/mining/select.js';
import { allocateGtTable, NONE } from '../../../src/core/tables.js';
import { selectedLoss, takeSelected } from '../../../src/train/head-loss.js';
import { buildHead } from '../../../src/train/network/network.js';
import { poolFrom, poolRois } from '../../../src/train/pool-rois.js';
import {
  measureImages,
  pairHeads,
  poolingOf,
  readOnlyPass,
  syncReadOnlyHead,
} from '../../../src/train/network/roi-heads.js';
import { Training, type StepReport } from '../../../src/train/trainer.js';
import { OPTIONS, SPEC, TINY_IMAGES, trainTiny } from './tiny-training.js';
import { startTestedBackend } from './start-backend.js';

beforeAll(startTestedBackend);

const random = seededRandom(8);
const features = () =>
  tf.tensor4d(
    Float32Array.from({ length: 2 * 4 * 4 * 6 }, () => random.next() * 2 - 1),
    [2, 4, 4, 6],
  );
const variablesOf = (model: LayersModel) => model.weights.map((weight) => weight.read() as tf.Variable);
const valuesOf = (model: LayersModel) => model.getWeights().flatMap((weight) => [...weight.dataSync()]);

/** Two images with 14 boxes each, a square of class 1 in the first. */
function scene() {
  const boxes = [0, 1].map(() => {
    const x1 = Float32Array.from({ length: 14 }, (_, i) => (i < 2 ? 8 + i : random.next() * 20));
    const y1 = Float32Array.from({ length: 14 }, (_, i) => (i < 2 ? 8 : random.next() * 20));
    return { x1, y1, x2: x1.map((x) => x + 11), y2: y1.map((y) => y + 12) };
  });
  const gts = [allocateGtTable(1), allocateGtTable(0)];
  [gts[0].x1[0], gts[0].y1[0], gts[0].x2[0], gts[0].y2[0], gts[0].gtClass[0]] = [8, 8, 20, 20, 1];
  return { boxes, gts, map: features() };
}

function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

describe('the two heads', () => {
  test('the heads agree after each sync and differ once the trainable one has moved', () => {
    const heads = pairHeads(buildHead(SPEC, 1), buildHead(SPEC, 2));
    const { map, boxes } = scene();
    const saysB = () =>
      tf.tidy(() =>
        (heads.trainable.predict(poolRois(map, boxes, poolingOf(SPEC))) as tf.Tensor[]).flatMap((tensor) => [
          ...tensor.dataSync(),
        ]),
      );
    const saysA = () => {
      const { logits, deltas } = readOnlyPass(heads.readOnly, poolFrom(map, boxes, poolingOf(SPEC)), boxes);
      return [...logits, ...deltas];
    };
    for (let round = 0; round < 2; round++) {
      expect(saysA()).toEqual(saysB());
      for (const variable of variablesOf(heads.trainable)) variable.assign(tf.add(variable, 0.05));
      expect(differenceOf(saysA(), saysB())).toBeGreaterThan(1e-3);
      syncReadOnlyHead(heads);
    }
    expect(saysA()).toEqual(saysB());
  });

  test('nothing of the read-only head is trainable, and no optimiser step reaches it before the sync', async () => {
    const training = await trainTiny(OPTIONS, 1);
    const { readOnly, trainable } = training.heads;
    expect(readOnly.trainableWeights).toEqual([]);
    expect(variablesOf(readOnly).map((variable) => variable.trainable)).toEqual(variablesOf(readOnly).map(() => false));
    const trained = new Set(training.sgd.variables.map(({ name }) => name));
    expect(variablesOf(readOnly).filter(({ name }) => trained.has(name))).toEqual([]);
    expect(variablesOf(trainable).every(({ name }) => trained.has(name))).toBe(true);
    const before = valuesOf(readOnly);
    const gradients = Object.fromEntries(
      training.sgd.variables.map((variable) => [variable.name, tf.onesLike(variable) as tf.Tensor]),
    );
    training.sgd.apply(gradients, 5);
    expect(valuesOf(readOnly)).toEqual(before);
    expect(valuesOf(trainable)).not.toEqual(before);
  });

  test('the read-only head leaves nothing behind, also inside a gradient', () => {
    const heads = pairHeads(buildHead(SPEC, 1), buildHead(SPEC, 2));
    const { map, boxes } = scene();
    const { numTensors } = tf.memory();
    readOnlyPass(heads.readOnly, poolFrom(map, boxes, poolingOf(SPEC)), boxes);
    expect(tf.memory().numTensors).toBe(numTensors);
    let inside = -1;
    tf.grad((x) => {
      const before = tf.memory().numTensors;
      readOnlyPass(heads.readOnly, poolFrom(x as tf.Tensor4D, boxes, poolingOf(SPEC)), boxes);
      inside = tf.memory().numTensors - before;
      return tf.sum(x);
    })(map).dispose();
    // Its own scalar's clones at most, not the pooled features and hidden layers.
    expect(inside).toBeLessThanOrEqual(2);
  });
});

test('gradients of (b) on the selected are those of one network whose other losses are zeroed', () => {
  const heads = pairHeads(buildHead(SPEC, 3), buildHead(SPEC, 4));
  for (const variable of variablesOf(heads.trainable))
    variable.assign(tf.add(variable, tf.mul(0.1, tf.randomNormal(variable.shape, 0, 1, 'float32', 5))));
  syncReadOnlyHead(heads);
  const { map, boxes, gts } = scene();
  const rois = concatRoiTables(
    measureImages(readOnlyPass(heads.readOnly, poolFrom(map, boxes, poolingOf(SPEC)), boxes), boxes, gts, SPEC),
  );
  const rows = selectHardestRows(rois, resolveConfig('paper', { batchSize: 8, imagesPerBatch: 2 }));
  const isSelected = Float32Array.from({ length: rois.numRois }, (_, row) => (rows.includes(row) ? 1 : 0));
  expect(rows.length).toBe(8);
  expect(rows.some((row) => rois.gtIndex[row] !== NONE)).toBe(true);
  const variables = variablesOf(heads.trainable);
  const mapVariable = tf.variable(map);

  const two = tf.variableGrads(() => {
    const { cls, box } = selectedLoss(
      heads.trainable,
      poolFrom(mapVariable, boxes, poolingOf(SPEC)),
      takeSelected(rois, rows, gts, SPEC),
      'cross-entropy',
    );
    return tf.add(cls, box);
  }, [...variables, mapVariable]);

  // The other way: one network on all RoIs, every loss written out, the losses of the others multiplied by 0.
  const target = new Float32Array(rois.numRois * 4);
  const encoded = new Float64Array(4);
  for (let row = 0; row < rois.numRois; row++) {
    if (rois.gtIndex[row] === NONE) continue;
    encodeDelta(encoded, rois, row, gts[rois.imageIndex[row]], rois.gtIndex[row], SPEC.deltaWeights);
    target.set(encoded, row * 4);
  }
  const isForeground = Float32Array.from(rois.gtIndex, (g) => (g === NONE ? 0 : 1));
  const one = tf.variableGrads(() => {
    const [logits, deltas] = heads.trainable.call(poolRois(mapVariable, boxes, poolingOf(SPEC)), {
      training: true,
    }) as [tf.Tensor2D, tf.Tensor2D];
    const cls = tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), tf.oneHot(tf.tensor1d(rois.gtClass, 'int32'), 3)), 1));
    const distance = tf.abs(tf.sub(deltas, tf.tensor2d(target, [rois.numRois, 4])));
    const isNear = tf.tensor2d(
      Float32Array.from(distance.dataSync(), (d) => (d < 1 ? 1 : 0)),
      [rois.numRois, 4],
    );
    const smooth = tf.add(
      tf.mul(isNear, tf.mul(0.5, tf.square(distance))),
      tf.mul(tf.sub(1, isNear), tf.sub(distance, 0.5)),
    );
    const loss = tf.add(cls, tf.mul(tf.sum(smooth, 1), tf.tensor1d(isForeground)));
    return tf.div<tf.Scalar>(tf.sum(tf.mul(loss, tf.tensor1d(isSelected))), 8);
  }, [...variables, mapVariable]);

  expect(two.value.dataSync()[0]).toBeCloseTo(one.value.dataSync()[0], 5);
  let largest = 0;
  for (const [name, gradient] of Object.entries(one.grads)) {
    largest = Math.max(largest, ...Array.from(gradient.dataSync(), Math.abs));
    expect(differenceOf(gradient.dataSync(), two.grads[name].dataSync())).toBeLessThan(1e-5);
  }
  expect(Object.keys(two.grads)).toHaveLength(variables.length + 1);
  expect(largest).toBeGreaterThan(0.01);
});

describe('a training', () => {
  test.each(PRESET_IDS.filter((id) => id !== 'bootstrap'))('%s chooses and trains', async (preset) => {
    const reports: StepReport[] = [];
    await trainTiny(
      { ...OPTIONS, mining: resolveConfig(preset, { batchSize: 12, num: 6, numHardExamples: 6 }) },
      2,
      reports,
    );
    const [first] = reports;
    expect(first.numSelected).toBeGreaterThan(0);
    expect(first.numSelected).toBeLessThanOrEqual(first.numRois);
    expect(Number.isFinite(first.losses.cls + first.losses.box)).toBe(true);
    expect(Number.isNaN(first.allRoiLoss)).toBe(['random', 'bg-lo', 'all'].includes(preset));
    if (preset === 'all') expect(first.numSelected).toBe(first.numRois);
    if (preset === 'ssd') expect(first.numSelected).toBeLessThanOrEqual(4 * first.numForeground);
    if (preset === 'paper') expect(first.numSelected).toBeLessThanOrEqual(12);
  });

  test('OHEM lowers the loss over all RoIs', async () => {
    const reports: StepReport[] = [];
    await trainTiny({ ...OPTIONS, sgd: { ...OPTIONS.sgd, learningRate: 0.03 } }, 30, reports);
    const mean = (part: StepReport[]) => part.reduce((sum, { allRoiLoss }) => sum + allRoiLoss, 0) / part.length;
    expect(mean(reports.slice(-6))).toBeLessThan(0.6 * mean(reports.slice(0, 5)));
  });

  test('the selected are harder than the rest', async () => {
    const reports: StepReport[] = [];
    await trainTiny(OPTIONS, 4, reports);
    for (const { losses, allRoiLoss } of reports) expect(losses.cls + losses.box).toBeGreaterThan(allRoiLoss);
  });

  test('a frozen body stays as it is, cached or not, and its head learns the same', async () => {
    const frozen = { ...OPTIONS, frozenBody: true };
    const fresh = valuesOf((await trainTiny(frozen, 0)).network.body);
    const cached = await trainTiny(frozen, 6);
    const uncached = await trainTiny({ ...frozen, featureCacheBytes: 0 }, 6);
    expect(valuesOf(cached.network.body)).toEqual(fresh);
    expect(valuesOf(cached.network.head)).toEqual(valuesOf(uncached.network.head));
    expect(valuesOf(cached.network.head)).not.toEqual(valuesOf((await trainTiny(frozen, 0)).network.head));
  });

  test('pooled features that are kept in half precision choose and teach as the maps do, kept or not', async () => {
    const frozen = { ...OPTIONS, frozenBody: true };
    const reports = { map: [] as StepReport[], pooled: [] as StepReport[] };
    await trainTiny(frozen, 6, reports.map);
    const pooled = await trainTiny({ ...frozen, keepPooled: true }, 6, reports.pooled);
    const again = await trainTiny({ ...frozen, keepPooled: true, featureCacheBytes: 0 }, 6);
    expect(valuesOf(again.network.head)).toEqual(valuesOf(pooled.network.head));
    for (const [step, { numRois, numSelected, losses }] of reports.pooled.entries()) {
      expect({ numRois, numSelected }).toMatchObject({ numRois: reports.map[step].numRois, numSelected: 12 });
      expect(losses.cls).toBeCloseTo(reports.map[step].losses.cls, 2);
    }
  });

  test('says so where pooled features are too large for half precision', async () => {
    const training = new Training(SPEC, { ...OPTIONS, frozenBody: true, keepPooled: true }, TINY_IMAGES);
    for (const variable of variablesOf(training.network.body)) variable.assign(tf.mul(variable, 100));
    await expect(training.runStep()).rejects.toThrow(/finite features/);
  });

  test('begins with random RoIs where it was asked to', async () => {
    const reports: StepReport[] = [];
    await trainTiny({ ...OPTIONS, randomSteps: 2 }, 3, reports);
    expect(reports.map(({ allRoiLoss }) => Number.isNaN(allRoiLoss))).toEqual([true, true, false]);
  });

  test('a foreground quota makes room for the hardest background', async () => {
    const [free, bounded]: [StepReport[], StepReport[]] = [[], []];
    const mining = resolveConfig('paper', { batchSize: 8, nmsThreshold: 1 });
    await trainTiny({ ...OPTIONS, mining }, 4, free);
    await trainTiny({ ...OPTIONS, mining, foregroundQuota: 0.25 }, 4, bounded);
    for (const [step, { numSelected, numForeground }] of bounded.entries()) {
      expect(numSelected).toBe(free[step].numSelected);
      expect(numForeground).toBeLessThanOrEqual(2);
    }
    expect(free.some(({ numForeground }) => numForeground > 2)).toBe(true);
  });

  test('keeps no tensors from step to step', async () => {
    const training = await trainTiny({ ...OPTIONS, proposals: { from: 'stage', ...SPEC.proposals } }, 2);
    const { numTensors } = tf.memory();
    await training.runStep(true);
    await training.runStep();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  test('nothing selected, nothing learned but decay: no crash', async () => {
    const reports: StepReport[] = [];
    await trainTiny({ ...OPTIONS, frozenBody: true, mining: resolveConfig('paper', { batchSize: 0 }) }, 1, reports);
    expect(reports[0]).toMatchObject({ numSelected: 0, losses: { cls: 0, box: 0 } });
  });

  test('proposals from a file are what each image brings', async () => {
    const reports: StepReport[] = [];
    await expect(trainTiny({ ...OPTIONS, proposals: { from: 'file' } }, 1, reports)).rejects.toThrow(/proposals/);
  });
});
