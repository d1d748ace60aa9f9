/** How many RoIs a preset keeps: by batch size, or by keep rate where that is set. */
import type { SharedOptions } from '../shared-options.js';

type BudgetConfig = Pick<SharedOptions, 'batchSize' | 'imagesPerBatch' | 'keepRate'>;

/** RoIs of one image: floor(B / N), or the keep rate of its `numValid` candidates before mining NMS. */
export function imageBudget(config: BudgetConfig, numValid: number): number {
  if (config.keepRate !== null) return keepRateBudget(config.keepRate, numValid);
  return Math.floor(config.batchSize / config.imagesPerBatch);
}

/** RoIs of a whole minibatch: B, or the keep rate of its `numValid` candidates before mining NMS. */
export function batchBudget(config: BudgetConfig, numValid: number): number {
  return config.keepRate === null ? config.batchSize : keepRateBudget(config.keepRate, numValid);
}

/** min(n, max(1, floor(n * r + 1e-9))); 0 of 0. The 1e-9 repairs 100 * 0.29 = 28.999…. */
export function keepRateBudget(rate: number, numValid: number): number {
  return Math.min(numValid, Math.max(1, Math.floor(numValid * rate + 1e-9)));
}
