/** Second half of making the sample: the detector, trained on scenes that the sample does not show. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveConfig } from '../core/select.js';
import type { PresetId } from '../core/mining-options.js';
import type { TrainingImage } from '../train/minibatch.js';
import type { NetworkSpec } from '../train/network-spec.js';
import { saveNetwork } from '../train/save-network.js';
import { startTensorFlow } from '../train/tensorflow.js';
import { LOSS_KEYS, Training, type StepLosses, type TrainedNetwork, type TrainOptions } from '../train/trainer.js';
import { gtTableOf } from './annotate.js';
import { SAMPLE_CLASSES } from './parts/catalogue.js';
import { storedScene } from './scene-store.js';

export const NUM_TRAINING_SCENES = 700;
/** Steps between checkpoints on disk. */
const SAVE_EVERY = 200;

export const SAMPLE_SPEC: NetworkSpec = {
  numClasses: SAMPLE_CLASSES.length,
  inputWidth: 480,
  inputHeight: 368,
  mean: 128,
  std: 64,
  widths: [32, 48, 80],
  features: 64,
  proposalWidth: 48,
  anchors: { stride: 8, sizes: [14, 26, 46, 80], ratios: [0.5, 1, 2] },
  proposals: { preNmsTop: 1500, nmsThreshold: 0.75, numProposals: 400, minSize: 4 },
  pooledSize: 5,
  samplingRatio: 1,
  hidden: [128, 96],
  deltaWeights: [10, 10, 5, 5],
};

function trainOptions(seed: number, steps: number, sampler: PresetId): TrainOptions {
  return {
    seed,
    imagesPerBatch: 2,
    sgd: { learningRate: 0.02, momentum: 0.9, weightDecay: 1e-4, warmup: 100, drops: [Math.floor(steps * 0.7), Math.floor(steps * 0.92)] },
    anchorRule: { count: 192, fgFraction: 0.5, fgThreshold: 0.6, bgThreshold: 0.3, lowQualityMatches: true },
    // 192 RoIs over two images, as many as random sampling took.
    mining: resolveConfig(sampler, { batchSize: 192, imagesPerBatch: 2, num: 96, numHardExamples: 96 }),
    proposals: { from: 'stage', preNmsTop: 800, nmsThreshold: 0.75, numProposals: 250, minSize: 4 },
    flip: true,
    frozenBody: false,
    featureCacheBytes: 0,
    bootstrap: { evictThreshold: 0.3, epochsPerRound: 1 },
  };
}

export interface SampleTraining {
  readonly steps?: number;
  /** Preset that chooses the RoIs of a step. */
  readonly sampler: PresetId;
  /** Folder of rendered scenes. */
  readonly scenes: string;
}

/** Trains with TensorFlow (TFJS_NODE_PATH) and writes `checkpoint/` and its record into `folder`. */
export async function trainSample(folder: string, seed: number, { steps = 2400, sampler, scenes }: SampleTraining, say: (line: string) => void): Promise<void> {
  await startTensorFlow(process.env['TFJS_NODE_PATH']);
  const started = Date.now();
  const options = trainOptions(seed, steps, sampler);
  const training = new Training(SAMPLE_SPEC, options, { numImages: NUM_TRAINING_SCENES, load: heldScenes(scenes, seed) });
  const running = new RunningMean();
  const checkpoint = join(folder, 'checkpoint');
  await mkdir(checkpoint, { recursive: true });
  while (training.step < steps) {
    running.add((await training.runStep()).losses);
    const done = training.step;
    if (done % 50 === 0) say(`step ${done}/${steps}, ${((Date.now() - started) / 1000).toFixed(0)} s: ${running.take()}`);
    if (done % SAVE_EVERY === 0 || done === steps) await save(checkpoint, training.network, { ...options, trained: done });
  }
  training.dispose();
}

/** Scenes rendered or read once. */
function heldScenes(scenes: string, seed: number): (index: number) => Promise<TrainingImage> {
  const held = new Map<number, TrainingImage>();
  return async (index) => {
    const image = held.get(index) ?? (await trainingImage(scenes, seed, index));
    held.set(index, image);
    return image;
  };
}

async function save(folder: string, network: TrainedNetwork, record: object): Promise<void> {
  await saveNetwork(folder, SAMPLE_SPEC, SAMPLE_CLASSES, network);
  await writeFile(join(folder, 'training.json'), `${JSON.stringify({ trainingScenes: NUM_TRAINING_SCENES, ...record }, null, 2)}\n`);
}

async function trainingImage(scenes: string, seed: number, index: number): Promise<TrainingImage> {
  const { image, objects } = await storedScene(scenes, seed, 'training', index);
  return { image, gts: gtTableOf(objects) };
}

/** Means of the losses since the last line. */
class RunningMean {
  #sums = { objectness: 0, proposalBox: 0, cls: 0, box: 0 };
  #count = 0;

  add(losses: StepLosses): void {
    for (const key of LOSS_KEYS) this.#sums[key] += losses[key];
    this.#count++;
  }

  take(): string {
    const text = Object.entries(this.#sums).map(([key, sum]) => `${key} ${(sum / this.#count).toFixed(3)}`).join(', ');
    this.#sums = { objectness: 0, proposalBox: 0, cls: 0, box: 0 };
    this.#count = 0;
    return text;
  }
}
