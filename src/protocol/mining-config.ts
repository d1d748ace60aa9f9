/** A mining configuration as it arrives from another side or from storage. */
import * as v from 'valibot';
import { MiningError } from '../core/mining-error.js';
import { OPTION_KEYS, type MiningConfig } from '../core/mining/mining-options.js';
import { PRESET_IDS } from '../core/mining/samplers/index.js';
import { resolveConfig } from '../core/mining/select.js';

const given = v.looseObject({ preset: v.picklist(PRESET_IDS) });

/** Whole and in range; an option that is not there has its preset's default, a key that is no option is left out. */
export const miningConfig: v.GenericSchema<unknown, MiningConfig> = v.pipe(
  given,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { preset, ...options } = dataset.value;
    try {
      return resolveConfig(preset, Object.fromEntries(OPTION_KEYS.map((key) => [key, options[key]])));
    } catch (error) {
      if (!(error instanceof MiningError)) throw error;
      addIssue({ label: error.where, expected: error.expected, received: error.received });
      return NEVER;
    }
  }),
);
