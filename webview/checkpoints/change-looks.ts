/** How each change is drawn and called: shape and colour tell the same, so that colour is not needed. */
import type { Change } from '../../src/core/reports/checkpoint-changes.js';
import { t } from '../words/t.js';

export interface ChangeLook {
  readonly name: string;
  readonly says: string;
  /** An SVG path around (0, 0), in a square of 10. */
  readonly path: string;
  readonly filled: boolean;
  /** The style sheet's variable of its colour. */
  readonly colour: string;
}

export const CHANGE_LOOKS: Readonly<Record<Change, ChangeLook>> = {
  broken: {
    name: t('Broken'),
    says: t('Known at A, not at B'),
    path: 'M-4-4 4 4M4-4-4 4',
    filled: false,
    colour: '--change-broken',
  },
  'newly-hard': {
    name: t('Newly hard'),
    says: t('Known at both; the loss has risen above the threshold'),
    path: 'M0-5 5 4H-5Z',
    filled: true,
    colour: '--change-newly-hard',
  },
  fixed: {
    name: t('Fixed'),
    says: t('Not known at A, known at B'),
    path: 'M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0Z',
    filled: true,
    colour: '--change-fixed',
  },
  'still-hard': {
    name: t('Still hard'),
    says: t('Known at neither, or a loss above the threshold at both'),
    path: 'M-4-4H4V4H-4Z',
    filled: true,
    colour: '--change-still-hard',
  },
  'still-known': {
    name: t('Still known'),
    says: t('Known at both; the loss at B is not above the threshold'),
    path: 'M-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0Z',
    filled: false,
    colour: '--change-still-known',
  },
};
