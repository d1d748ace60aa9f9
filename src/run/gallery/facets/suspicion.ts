import { NONE } from '../../../core/tables.js';
import { SUSPICIONS } from '../../../core/triage/label-suspects.js';
import type { Facet } from './facet.js';

/** Why a label is worth a second look. */
export const suspicionFacet: Facet = {
  id: 'suspicion',
  title: 'Check the label',
  shape: 'list',
  values: ({ suspicions }) => ({
    names: SUSPICIONS.map(({ id, says }) => `${id}: ${says}`),
    code: (row) => suspicions?.kind[row] ?? NONE,
  }),
};
