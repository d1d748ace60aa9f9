/** From a checked configuration to what a training is told: epochs become steps. */
import type { TrainOptions } from '../../train/trainer.js';
import type { TrainConfig } from './train-config.js';

/** @param numImages to train on. */
export function optionsOf(config: TrainConfig, numImages: number): TrainOptions {
  const { schedule, proposals, mining, bootstrap, anchorRule, imagesPerBatch, flip, seed, frozenBody } = config;
  const stepsPerEpoch = Math.ceil(numImages / imagesPerBatch);
  const { learningRate, momentum, weightDecay, warmup } = schedule;
  const drops = schedule.drops.map((epoch) => Math.round(epoch * stepsPerEpoch));
  const sgd = { learningRate, momentum, weightDecay, warmup, drops };
  return {
    seed,
    imagesPerBatch,
    sgd,
    anchorRule,
    mining,
    classLoss: config.classLoss,
    proposals,
    flip,
    frozenBody,
    bootstrap,
    featureCacheBytes: config.featureCacheMiB * 2 ** 20,
    keepPooled: config.keepPooled,
    randomSteps: Math.round(config.randomEpochs * stepsPerEpoch),
    foregroundQuota: config.foregroundQuota ?? null,
  };
}
