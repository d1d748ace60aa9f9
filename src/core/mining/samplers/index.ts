/** The presets, in the order of the menu. */
import type { PresetId } from '../mining-options.js';
import { all } from './all.js';
import { bgLo } from './bg-lo.js';
import { bootstrap } from './bootstrap.js';
import { mmdet } from './mmdet.js';
import { paper } from './paper.js';
import { random } from './random.js';
import { releasedCode } from './released-code.js';
import type { Sampler } from './sampler.js';
import { ssd } from './ssd.js';
import { tfOd } from './tf-od.js';
import { topB } from './top-b.js';
import { topRate } from './top-rate.js';

const BY_ID: Readonly<Record<PresetId, Sampler>> = {
  paper,
  'released-code': releasedCode,
  'top-b': topB,
  'top-rate': topRate,
  mmdet,
  'tf-od': tfOd,
  ssd,
  random,
  'bg-lo': bgLo,
  bootstrap,
  all,
};

export const SAMPLERS: readonly Sampler[] = Object.values(BY_ID);

export function samplerOf(preset: PresetId): Sampler {
  return BY_ID[preset];
}
