import { evenBins, type Facet } from './facet.js';

/** The loss that mining ranks by; of an image the sum over its selected RoIs. */
export const lossFacet: Facet = {
  id: 'loss',
  title: 'Loss',
  shape: 'histogram',
  values({ loss }) {
    const most = loss.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, value) : most), 0);
    return evenBins(loss, most === 0 ? 1 : most, 20, (edge) => String(Number(edge.toPrecision(3))));
  },
};
