import { ERROR_TYPES } from '../../../core/triage/tide-errors.js';
import type { Facet } from './facet.js';

/** TIDE's error of a detection; of an object, what its being found would take. */
export const errorFacet: Facet = {
  id: 'error',
  title: 'Error (TIDE)',
  shape: 'list',
  values: ({ error }) => ({
    names: ERROR_TYPES.map(({ id, says }) => `${id}: ${says}`),
    code: (row) => error[row],
  }),
};
