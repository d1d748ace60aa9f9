import { evenBins, type Facet } from './facet.js';

/** The detection score. */
export const scoreFacet: Facet = {
  id: 'score',
  title: 'Score',
  shape: 'histogram',
  values: ({ score }) => evenBins(score, 1, 20, (edge) => edge.toFixed(2)),
};
