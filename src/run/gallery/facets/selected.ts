import type { Facet } from './facet.js';

/** What mining makes of an object or image: RoIs are listed only where they are selected. */
export const selectedFacet: Facet = {
  id: 'selected',
  title: 'Mining',
  shape: 'list',
  values: (items) => ({ names: ['nothing selected', 'selected'], code: (row) => items.selected[row] }),
};
