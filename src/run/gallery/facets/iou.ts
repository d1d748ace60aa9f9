import { evenBins, type Facet } from './facet.js';

/** IoU of RoI and object. */
export const iouFacet: Facet = {
  id: 'iou',
  title: 'IoU',
  shape: 'histogram',
  values: ({ iou }) => evenBins(iou, 1, 10, (edge) => edge.toFixed(1)),
};
