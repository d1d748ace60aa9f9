import { DECIDED_IDS } from '../../../core/triage/decisions.js';
import type { Facet } from './facet.js';

/** What somebody decided on the item. */
export const verdictFacet: Facet = {
  id: 'verdict',
  title: 'Verdict',
  shape: 'list',
  values: (_, { decisionOf }) => ({
    names: DECIDED_IDS,
    code: (row) => DECIDED_IDS.indexOf(decisionOf(row)?.verdict ?? 'undecided'),
  }),
};
