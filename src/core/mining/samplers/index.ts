/** The presets, in the order of the menu. */
import { all } from './all.js';
import { bgLo } from './bg-lo.js';
import { bootstrap } from './bootstrap.js';
import { mmdet } from './mmdet.js';
import { paper } from './paper.js';
import { random } from './random.js';
import { releasedCode } from './released-code.js';
import type { SamplerSpec } from './sampler.js';
import { ssd } from './ssd.js';
import { tfOd } from './tf-od.js';
import { topB } from './top-b.js';
import { topRate } from './top-rate.js';

const REGISTERED = [paper, releasedCode, topB, topRate, mmdet, tfOd, ssd, random, bgLo, bootstrap, all] as const;

type Registered = (typeof REGISTERED)[number];
type KeysOf<T> = T extends unknown ? keyof T : never;

export type PresetId = Registered['id'];
/** Options that one preset alone declares. */
export type OwnOptionKey = KeysOf<NonNullable<Registered['own']>>;
/** A preset as everything outside this folder sees it. */
export type Sampler = SamplerSpec<PresetId, OwnOptionKey>;

export const SAMPLERS: readonly Sampler[] = REGISTERED;
export const PRESET_IDS: readonly PresetId[] = SAMPLERS.map(({ id }) => id);

const BY_ID: ReadonlyMap<PresetId, Sampler> = new Map(SAMPLERS.map((sampler) => [sampler.id, sampler]));

/** The preset of an id. */
export function samplerOf(preset: PresetId): Sampler {
  return BY_ID.get(preset) ?? paper;
}
