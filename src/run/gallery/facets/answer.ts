import { NONE } from '../../../core/tables.js';
import { predictionOf, type Facet } from './facet.js';

const NAMES = ['right', 'another class', 'missed: object → background', 'false alarm: background → object'];
const [RIGHT, OTHER, MISSED, FALSE_ALARM] = [0, 1, 2, 3];

/** How the prediction stands to the label. */
export const answerFacet: Facet = {
  id: 'answer',
  title: 'Answer',
  shape: 'list',
  values: (items, run) => ({
    names: NAMES,
    code(row) {
      const [label, prediction, background] = [items.label[row], predictionOf(items, row, run), run.classes.length];
      if (label < 0 || prediction === NONE) return NONE;
      if (label === prediction) return RIGHT;
      if (prediction === background) return MISSED;
      return label === background ? FALSE_ALARM : OTHER;
    },
  }),
};
