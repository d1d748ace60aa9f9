import { labelNames, predictionOf, type Facet } from './facet.js';

/** The class that the network says. */
export const predictionFacet: Facet = {
  id: 'prediction',
  title: 'Prediction',
  shape: 'list',
  values: (items, run) => ({ names: labelNames(run), code: (row) => predictionOf(items, row, run) }),
};
