import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { evaluateNetwork } from '../../../src/train/evaluate/evaluate.js';
import { loadLayers } from '../../../src/train/network/load-network.js';
import { saveNetwork } from '../../../src/train/save-network.js';
import { Training, type TrainOptions } from '../../../src/train/trainer.js';
import { loadState, saveState } from '../../../src/train/training-state.js';
import { startTestedBackend } from './start-backend.js';
import { OPTIONS, SPEC, TINY_IMAGES, trainTiny } from './tiny-training.js';

let folder: string;
beforeAll(async () => {
  await startTestedBackend();
  folder = await mkdtemp(join(tmpdir(), 'training-'));
});
afterAll(async () => rm(folder, { recursive: true }));

const valuesOf = ({ network }: Training) =>
  [...network.body.getWeights(), ...network.head.getWeights()].flatMap((weight) => [...weight.dataSync()]);
const BOOTSTRAP: TrainOptions = {
  ...OPTIONS,
  flip: false,
  mining: resolveConfig('bootstrap', { batchSize: 16, scoreThreshold: 0.3 }),
  bootstrap: { evictThreshold: 0.25, epochsPerRound: 2 },
};

describe('a training that was stopped', () => {
  test.each([
    ['OHEM', OPTIONS],
    ['bootstrap', BOOTSTRAP],
  ])('%s goes on as if it had not been', async (name, options) => {
    const whole = await trainTiny(options, 7);
    const first = await trainTiny(options, 5);
    const file = join(folder, name);
    await saveState(file, first, 'same');
    const second = new Training(SPEC, options, TINY_IMAGES);
    await loadState(file, second, 'same');
    while (second.step < 7) await second.runStep();
    expect(valuesOf(second)).toEqual(valuesOf(whole));
  });

  test('refuses a state of another training and what is none', async () => {
    const training = await trainTiny(OPTIONS, 0);
    const file = join(folder, 'state');
    await saveState(file, training, 'one');
    await expect(loadState(file, training, 'two')).rejects.toThrow('checkpoint: resume: expected the configuration');
    await writeFile(file, 'no state');
    await expect(loadState(file, training, 'one')).rejects.toThrow('expected the state of a training');
    await expect(loadState(join(folder, 'nowhere'), training, 'one')).rejects.toThrow('nowhere');
  });
});

test('a saved network goes on learning from where it was', async () => {
  const { network } = await trainTiny(OPTIONS, 3);
  await saveNetwork(folder, SPEC, ['bright', 'dark'], network);
  const start = {
    body: await loadLayers(join(folder, 'body/model.json'), 3),
    head: await loadLayers(join(folder, 'head/model.json'), 2),
  };
  const training = new Training(SPEC, { ...OPTIONS, frozenBody: true }, TINY_IMAGES, start);
  const head = network.head.getWeights().flatMap((weight) => [...weight.dataSync()]);
  // Stored in half precision.
  start.head
    .getWeights()
    .flatMap((weight) => [...weight.dataSync()])
    .forEach((value, i) => expect(value).toBeCloseTo(head[i], 2));
  const { losses } = await training.runStep();
  expect(Number.isFinite(losses.cls)).toBe(true);
  await saveNetwork(folder, SPEC, ['bright', 'dark'], training.network);
  await expect(loadLayers(join(folder, 'head/model.json'), 3)).rejects.toThrow('outputs');
});

describe("R-CNN's rounds", () => {
  test('mine, add to the cache, retrain, let go of what has become easy', async () => {
    const training = new Training(SPEC, { ...BOOTSTRAP, sgd: { ...OPTIONS.sgd, learningRate: 0.05 } }, TINY_IMAGES);
    const sizes: number[] = [];
    while (training.step < 25) {
      const before = training.rounds?.numRounds;
      const { numSelected, numForeground } = await training.runStep();
      if (training.rounds?.numRounds !== before) sizes.push(training.rounds?.cache.roi.length ?? NaN);
      expect(numForeground).toBeLessThanOrEqual(4);
      expect(numSelected).toBeLessThanOrEqual(16);
    }
    // Two steps an epoch, two epochs a round.
    expect(sizes).toHaveLength(6);
    expect(Math.max(...sizes)).toBeGreaterThan(0);
    expect(sizes.some((size, i) => i > 0 && size < sizes[i - 1])).toBe(true);
  });

  test('are refused where RoIs do not keep their places', () => {
    const stage = { from: 'stage', ...SPEC.proposals } as const;
    expect(() => new Training(SPEC, { ...BOOTSTRAP, frozenBody: false, proposals: stage }, TINY_IMAGES)).toThrow(
      'options: proposals',
    );
    expect(() => new Training(SPEC, { ...BOOTSTRAP, flip: true }, TINY_IMAGES)).toThrow('options: flip');
  });
});

test('evaluation gives every mean, and a trained network beats a fresh one', async () => {
  const fresh = await trainTiny(OPTIONS, 0);
  const trained = await trainTiny({ ...OPTIONS, sgd: { ...OPTIONS.sgd, learningRate: 0.03 } }, 24);
  const [{ precision: before }, { precision: after, images }] = await Promise.all(
    [fresh, trained].map(({ network }) => evaluateNetwork(network, SPEC, OPTIONS.proposals, TINY_IMAGES)),
  );
  expect(images.map(({ gts }) => gts.numGts)).toEqual([1, 1, 1, 0]);
  for (const value of [after.voc07, after.voc10, after.coco, after.coco50, after.coco75])
    expect(value).toBeGreaterThanOrEqual(0);
  expect(after.byClass).toHaveLength(2);
  expect(after.voc10).toBeGreaterThan(before.voc10);
});
