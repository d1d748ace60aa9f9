/** Keys and badges of the verdicts. */
import type { Verdict } from '../../src/core/triage/decisions.js';

/** `KeyboardEvent.key` of each: the same in every room. */
export const VERDICT_KEYS: Readonly<Record<Verdict, string>> = {
  hard: 'h',
  'not-hard': 'e',
  'label-missing': 'm',
  'label-class': 'c',
  'label-box': 'b',
  'duplicate-label': 'd',
  ignore: 'i',
};
