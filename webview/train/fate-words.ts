/** What became of a hard example, in words. */
import type { Fate } from '../../src/core/reports/example-fates.js';
import { t } from '../words/t.js';

export const FATE_WORDS: Readonly<Record<Fate, string>> = {
  easy: t('became easy'),
  stayed: t('stayed hard'),
  new: t('are new'),
};
export const FATE_HELP: Readonly<Record<Fate, string>> = {
  easy: t('among the chosen before the training, no longer after it'),
  stayed: t('among the chosen before and after the training'),
  new: t('among the chosen only after the training'),
};
/** Where `FateFacts` counts each. */
export const COUNT_KEYS: Readonly<Record<Fate, 'numEasy' | 'numStayed' | 'numNew'>> = {
  easy: 'numEasy',
  stayed: 'numStayed',
  new: 'numNew',
};
