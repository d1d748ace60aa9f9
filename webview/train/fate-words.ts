/** What became of a hard example, in words. */
import type { Fate } from '../../src/core/reports/example-fates.js';

export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  easy: 'became easy',
  stayed: 'stayed hard',
  new: 'are new',
};
export const FATE_HELP: Readonly<Record<Fate, string>> = {
  easy: 'among the chosen before the training, no longer after it',
  stayed: 'among the chosen before and after the training',
  new: 'among the chosen only after the training',
};
/** Where `FateFacts` counts each. */
export const COUNT_KEYS: Readonly<Record<Fate, 'numEasy' | 'numStayed' | 'numNew'>> = {
  easy: 'numEasy',
  stayed: 'numStayed',
  new: 'numNew',
};
