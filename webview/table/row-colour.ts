import { Status } from '../../src/core/tables.js';
import { colourAt } from '../canvas/colour-map.js';
import type { ImageSelection } from '../state/image-selection.js';
import type { PanelModel } from '../state/model.js';

/** CSS colour of a row's mark, '' none: ranks colour what trains or was suppressed; a weight colours all that is ranked. */
export function rowColour(model: PanelModel, selection: ImageSelection, row: number): string {
  const { by, place } = model.colouring.value;
  const status = selection.status[row];
  const coloured = status === Status.selected || status === Status.nmsSuppressed || (by !== 'rank' && status === Status.belowBudget);
  return coloured ? colourAt(model.colours.value, place[row]) : '';
}
