/** A mining configuration as it arrives from a webview or from storage. */
import * as v from 'valibot';
import { MiningError } from '../core/mining-error.js';
import { OPTION_KEYS, type MiningConfig } from '../core/mining/mining-options.js';
import { resolveConfig } from '../core/mining/select.js';

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

/** Whole and in range; an option that is not there has its preset's default, a key that is no option is left out. */
export const miningConfig: v.GenericSchema<MiningConfig> = v.pipe(
  v.custom<MiningConfig>(isObject, 'a mining configuration'),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const given = dataset.value;
    try {
      return resolveConfig(given.preset, Object.fromEntries(OPTION_KEYS.map((key) => [key, given[key]])));
    } catch (error) {
      if (!(error instanceof MiningError)) throw error;
      addIssue({ label: error.where, expected: error.expected, received: error.received });
      return NEVER;
    }
  }),
);
