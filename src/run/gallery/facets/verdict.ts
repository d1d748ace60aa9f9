import { VERDICT_IDS } from '../../../core/triage/decisions.js';
import type { Facet } from './facet.js';

/** What somebody decided on the item. */
export const verdictFacet: Facet = {
  id: 'verdict',
  title: 'Verdict',
  shape: 'list',
  values: (_, { decisionOf }) => ({
    names: ['undecided', ...VERDICT_IDS],
    code(row) {
      const decision = decisionOf(row);
      return decision === undefined ? 0 : 1 + VERDICT_IDS.indexOf(decision.verdict);
    },
  }),
};
