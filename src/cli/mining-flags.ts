/** The flags of the mining options, made from the one list of options: names, ranges, defaults and help. */
import { Option } from 'commander';
import { inWords } from '../core/said.js';
import type { Command } from 'commander';
import { checkPreset, DEFAULT_CONFIG, OPTION_KEYS, OPTIONS } from '../core/mining/mining-options.js';
import { flagOf, rangeOf } from '../core/option-specs.js';
import { BACKGROUND_BELOW } from '../core/predictions.js';
import { PRESET_IDS } from '../core/mining/samplers/index.js';
import type { MiningConfig, OptionKey } from '../core/mining/mining-options.js';
import type { PresetId } from '../core/mining/samplers/index.js';
import { presetConfig, resolveConfig } from '../core/mining/select.js';
import type { Task } from '../core/tables.js';
import { SAMPLERS } from '../core/mining/samplers/index.js';
import { share } from './flag-values.js';

/** What commander parsed; keys are option keys. */
export type MiningFlags = { readonly preset?: string } & Readonly<Partial<Record<OptionKey, string>>>;

/** Adds `--preset` and one flag an option. */
export function addMiningFlags(command: Command, presetHelp: string): Command {
  command.addOption(new Option('--preset <id>', `${presetHelp}: ${PRESET_IDS.join(', ')}`).helpGroup('Mining:'));
  for (const key of OPTION_KEYS) {
    command.addOption(
      new Option(`--${flagOf(key)} <${OPTIONS[key].kind === 'choice' ? 'word' : 'n'}>`, helpOf(key)).helpGroup(
        'Mining:',
      ),
    );
  }
  return command;
}

/**
 * The configuration that flags ask for.
 * @param base what flags change where no preset is named; with a preset they change that preset's defaults.
 * @param task of the run that it decides.
 * @throws MiningError 'options'
 */
export function configFromFlags(
  flags: MiningFlags,
  base: MiningConfig = DEFAULT_CONFIG,
  task: Task = 'detection',
): MiningConfig {
  const given = Object.fromEntries(
    OPTION_KEYS.filter((key) => flags[key] !== undefined).map((key) => [key, valueOf(key, flags[key] ?? '')]),
  );
  if (flags.preset !== undefined) return presetConfig(task, checkPreset(flags.preset), given);
  const { preset, ...options } = base;
  return resolveConfig(preset, { ...options, ...given });
}

/** `--background-below`: what a detector's prediction is called. */
export function backgroundBelowOption(): Option {
  return new Option('--background-below <score>', 'detection score below which `predicted` is background')
    .argParser(share)
    .default(BACKGROUND_BELOW);
}

/** Text that is no number stays text: the check names it. */
function valueOf(key: OptionKey, text: string): number | string | null {
  const spec = OPTIONS[key];
  if (spec.kind === 'choice') return text;
  if (spec.nullable === true && text === 'none') return null;
  const value = Number(text);
  return text.trim() === '' || Number.isNaN(value) ? text : value;
}

function helpOf(key: OptionKey): string {
  const spec = OPTIONS[key];
  const range =
    spec.kind === 'choice'
      ? `one of ${spec.choices.join(', ')}`
      : inWords(rangeOf(spec)) + (spec.nullable === true ? ' or none' : '');
  const own = SAMPLERS.flatMap(({ id, defaults }) =>
    defaults?.[key] === undefined ? [] : [`${id} ${defaults[key] ?? 'none'}`],
  );
  const users = SAMPLERS.filter(({ options }) => options.includes(key)).map(({ id }) => id);
  const read = users.length === 0 ? '' : `; read by ${listPresets(users)}`;
  return `${spec.help} (${range}; default ${[`${spec.default ?? 'none'}`, ...own].join(', ')}${read})`;
}

function listPresets(ids: readonly PresetId[]): string {
  return ids.length === PRESET_IDS.length ? 'every preset' : ids.join(', ');
}
