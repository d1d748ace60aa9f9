/** Which options the active preset reads, and what stands in for those it does not. */
import {
  DEFAULT_CONFIG,
  OPTION_KEYS,
  type MiningConfig,
  type OptionKey,
} from '../../src/core/mining/mining-options.js';
import { samplerOf, type Sampler } from '../../src/core/mining/samplers/index.js';
import type { ImageSelection } from '../rows/image-selection.js';

/**
 * `used`: the preset reads it. `derived`: another option decides in its place now; setting it takes over.
 * `unused`: the preset never reads it.
 */
export type OptionUse = 'used' | 'derived' | 'unused';

/** Options that say nothing where each image is one example without boxes. */
const OF_BOXES: readonly OptionKey[] = ['nmsThreshold', 'rankBy'];

/**
 * Options to show: those of the default preset, which people know, then the active one's own.
 * @param ownOnly only those that the preset reads.
 */
export function shownOptions(sampler: Sampler, ownOnly: boolean, classification: boolean): readonly OptionKey[] {
  if (classification) return OPTION_KEYS.filter((key) => sampler.options.includes(key) && !OF_BOXES.includes(key));
  if (ownOnly) return OPTION_KEYS.filter((key) => sampler.options.includes(key));
  const first = samplerOf(DEFAULT_CONFIG.preset).options;
  return OPTION_KEYS.filter((key) => first.includes(key) || sampler.options.includes(key));
}

/** How the active preset treats an option. */
export function optionUse(key: OptionKey, sampler: Sampler, config: MiningConfig): OptionUse {
  // Presets over a whole minibatch need to know how far it reaches.
  const reads = sampler.options.includes(key) || (key === 'imagesPerBatch' && sampler.scope === 'minibatch');
  if (!reads) return 'unused';
  const both = sampler.options.includes('batchSize') && sampler.options.includes('keepRate');
  if (!both) return 'used';
  const derived = config.keepRate === null ? 'keepRate' : 'batchSize';
  return key === derived ? 'derived' : 'used';
}

/** The value that a derived option comes to; null where it has none. */
export function derivedValue(
  key: OptionKey,
  sampler: Sampler,
  config: MiningConfig,
  selection: ImageSelection | null,
): number | null {
  if (selection === null) return null;
  if (key === 'keepRate') return selection.batchRanked === 0 ? null : selection.batchSelected / selection.batchRanked;
  if (key === 'batchSize') return selection.batchSelected * batchesOf(selection, sampler, config);
  return null;
}

/** The minibatch that B speaks of, as a multiple of what is in view: an image of N, or one of many minibatches. */
export function batchesOf(
  { numBatches }: Pick<ImageSelection, 'numBatches'>,
  { scope }: Sampler,
  { imagesPerBatch }: MiningConfig,
): number {
  return scope === 'image' ? imagesPerBatch / numBatches : 1 / numBatches;
}

/** What changes when a derived option is set: the option that stood in for it steps back. */
export function takeOver(key: OptionKey, value: number | string | boolean | null, config: MiningConfig): MiningConfig {
  const keepRate = key === 'batchSize' ? null : config.keepRate;
  return { ...config, keepRate, [key]: value };
}
