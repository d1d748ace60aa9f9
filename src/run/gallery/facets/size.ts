import { NONE } from '../../../core/tables.js';
import type { Facet } from './facet.js';

/** Largest area of small and of medium objects, px². Source: pycocotools, `areaRng`. */
const [SMALL, MEDIUM] = [32 ** 2, 96 ** 2];

/** COCO's bands of area. */
export const sizeFacet: Facet = {
  id: 'size',
  title: 'Size',
  shape: 'list',
  values: ({ x1, y1, x2, y2 }) => ({
    names: ['small (≤ 32² px)', 'medium (≤ 96² px)', 'large'],
    code(row) {
      const area = (x2[row] - x1[row]) * (y2[row] - y1[row]);
      if (!(area > 0)) return NONE;
      return area <= SMALL ? 0 : area <= MEDIUM ? 1 : 2;
    },
  }),
};
