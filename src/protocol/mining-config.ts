/**
 * A mining configuration as it arrives. Names and ranges are those of the list of options (core/mining); an option that
 * is not there has its preset's default. The two schemas differ in what becomes of a key that is no option, because
 * their writers differ.
 */
import * as v from 'valibot';
import { inWords } from '../core/said.js';
import { MiningError } from '../core/mining-error.js';
import { OPTION_KEYS, type MiningConfig } from '../core/mining/mining-options.js';
import { resolveConfig } from '../core/mining/select.js';

const given = v.custom<MiningConfig>(
  (value) => typeof value === 'object' && value !== null,
  'the options of mining, by name',
);

/** Of a request, which a person or a program has just written: what is no option is a mistake, and named. */
export const miningOptions = v.pipe(
  given,
  v.transform(({ preset, ...options }) => resolveConfig(preset, options)),
);

/** Of a webview or of storage, which another version may have written: what is no option is left out. */
export const miningConfig: v.GenericSchema<MiningConfig> = v.pipe(
  given,
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const { value } = dataset;
    try {
      return resolveConfig(value.preset, Object.fromEntries(OPTION_KEYS.map((key) => [key, value[key]])));
    } catch (error) {
      if (!(error instanceof MiningError)) throw error;
      const [label, expected, received] = [error.where, error.expected, error.received].map((part) => inWords(part));
      addIssue({ label, expected, received });
      return NEVER;
    }
  }),
);
