/** A detector small enough for the JavaScript backend, and pictures that it can learn. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../../src/core/seeded-random.js';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { allocateGtTable } from '../../../src/core/tables.js';
import { encodePng } from '../../../src/dataset/pixels/decode-image.js';
import type { TrainingImage } from '../../../src/train/minibatch.js';
import type { NetworkSpec } from '../../../src/train/network/network-spec.js';
import { Training, type StepReport, type TrainOptions } from '../../../src/train/trainer.js';

export const SPEC: NetworkSpec = {
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

export const OPTIONS: TrainOptions = {
  seed: 4,
  imagesPerBatch: 2,
  sgd: { learningRate: 0.01, momentum: 0.9, weightDecay: 1e-4, warmup: 2, drops: [] },
  anchorRule: { count: 12, fgFraction: 0.5, fgThreshold: 0.5, bgThreshold: 0.3, lowQualityMatches: true },
  mining: resolveConfig('paper', { batchSize: 12 }),
  proposals: { from: 'anchors', stride: 4, sizes: [12], ratios: [1] },
  flip: true,
  frozenBody: false,
  featureCacheBytes: 2 ** 20,
  keepPooled: false,
  randomSteps: 0,
  classLoss: 'cross-entropy',
  foregroundQuota: null,
  bootstrap: { evictThreshold: 0.3, epochsPerRound: 1 },
};

/** Grey noise with one bright or dark square; its class is its shade. The last of the four has no object. */
export async function tinyImage(index: number): Promise<TrainingImage> {
  const random = seededRandom(index);
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, () => 90 + random.below(40));
  const gts = allocateGtTable(index === 3 ? 0 : 1);
  if (index < 3) {
    const [x, y] = [4 + random.below(12), 4 + random.below(12)];
    for (let row = y; row < y + 12; row++)
      data.fill(index % 2 === 0 ? 250 : 10, (row * 32 + x) * 3, (row * 32 + x + 12) * 3);
    gts.gtClass[0] = index % 2;
    [gts.x1[0], gts.y1[0], gts.x2[0], gts.y2[0]] = [x, y, x + 12, y + 12];
  }
  return { image: { width: 32, height: 32, data }, gts };
}

export const TINY_IMAGES = { numImages: 4, load: tinyImage };

export async function trainTiny(options: TrainOptions, steps: number, reports: StepReport[] = []): Promise<Training> {
  const training = new Training(SPEC, options, TINY_IMAGES);
  while (training.step < steps) reports.push(await training.runStep());
  return training;
}

/** `ohem train`'s configuration for a detector as small, over the files of `writeTinyDataset`; two steps an epoch. */
export const TINY_CONFIG = {
  data: { path: 'instances.json', images: 'images' },
  network: {
    inputWidth: 48,
    inputHeight: 48,
    widths: [4, 5, 6],
    features: 6,
    proposalWidth: 5,
    anchors: { sizes: [16], ratios: [1] },
    hidden: [8],
    pooledSize: 3,
  },
  proposals: { from: 'anchors', stride: 8, sizes: [18], ratios: [1] },
  sampler: { batchSize: 8 },
  schedule: { epochs: 2, warmup: 0, drops: [1] },
  logEvery: 1,
  out: 'out',
} as const;

/** The four pictures as a data set of COCO's form: `instances.json` and `images/` in a folder. */
export async function writeTinyDataset(folder: string): Promise<void> {
  await mkdir(join(folder, 'images'));
  const images: object[] = [];
  const annotations: object[] = [];
  for (let id = 0; id < 4; id++) {
    const { image, gts } = await tinyImage(id);
    await encodePng(image, join(folder, 'images', `${id}.png`));
    images.push({ id, file_name: `${id}.png`, width: 32, height: 32 });
    for (let g = 0; g < gts.numGts; g++)
      annotations.push({
        id: annotations.length,
        image_id: id,
        category_id: gts.gtClass[g],
        bbox: [gts.x1[g], gts.y1[g], 12, 12],
        area: 144,
        iscrowd: 0,
      });
  }
  const categories = ['bright', 'dark'].map((name, id) => ({ id, name }));
  await writeFile(join(folder, 'instances.json'), JSON.stringify({ images, annotations, categories }));
}
