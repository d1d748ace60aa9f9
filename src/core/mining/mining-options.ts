/**
 * The one list of mining options: those that presets share and those that a preset declares itself. The CLI's `--help`,
 * the settings in package.json, the panel's controls and `ohem sample`'s flags are made from it; nothing else names a
 * default or a range.
 *
 * Sources of the defaults: docs/semantics.md, each preset's own file in `samplers/`.
 */
import { MiningError, show } from '../mining-error.js';
import { said } from '../said.js';
import { checkValue } from '../option-specs.js';
import type { OptionSpec } from '../option-specs.js';
import { PRESET_IDS, SAMPLERS } from './samplers/index.js';
import type { OwnOptionKey, PresetId } from './samplers/index.js';
import { SHARED_OPTIONS } from './shared-options.js';
import type { SharedOptions } from './shared-options.js';

/** Every option of every preset, flat. A preset reads only the keys that its sampler lists. */
export type MiningConfig = { readonly preset: PresetId } & SharedOptions & Readonly<Record<OwnOptionKey, number>>;
export type OptionKey = keyof SharedOptions | OwnOptionKey;

/** In the order in which a person meets them. */
export const OPTIONS = {
  ...SHARED_OPTIONS,
  ...Object.fromEntries(SAMPLERS.flatMap(({ own = {} }) => Object.entries(own))),
} as Readonly<Record<OptionKey, OptionSpec>>;

export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[];

/** The defaults, before a preset's own. */
export const DEFAULT_CONFIG: MiningConfig = Object.freeze({
  preset: 'paper',
  ...Object.fromEntries(OPTION_KEYS.map((key) => [key, OPTIONS[key].default])),
}) as unknown as MiningConfig;

/**
 * Checks one value of an option.
 * @returns the value.
 * @throws MiningError 'options' that names the option and its range.
 */
export function checkOption(key: OptionKey, value: unknown): number | string | null {
  return checkValue(key, OPTIONS[key], value);
}

/** @throws MiningError 'options' for an unknown preset. */
export function checkPreset(value: unknown): PresetId {
  const preset = PRESET_IDS.find((id) => id === value);
  if (preset === undefined)
    throw new MiningError('options', 'preset', said`one of ${PRESET_IDS.join(', ')}`, show(value));
  return preset;
}
