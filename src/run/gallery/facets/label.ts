import { labelNames, type Facet } from './facet.js';

/** The class that the annotations say. */
export const labelFacet: Facet = {
  id: 'label',
  title: 'Label',
  shape: 'list',
  values: (items, run) => ({ names: labelNames(run), code: (row) => items.label[row] }),
};
