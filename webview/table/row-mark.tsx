import { Status } from '../../src/core/tables.js';
import { colourAt } from '../geometry/colour-map.js';
import { MARK_IDS, MARK_WORDS, type SelectedMark } from '../rows/comparison.js';
import type { ImageSelection } from '../rows/image-selection.js';
import type { PanelModel } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { statusOf } from '../rows/roi-text.js';
import { t } from '../words/t.js';

/** A row's status by shape, its rank or weight by colour; in an overlay who selects it. */
export function RowMark({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const selection = model.selection.value;
  if (selection === null) return null;
  const mark = model.overlay.value?.mark[row];
  const markId = mark === undefined ? undefined : MARK_IDS[mark as SelectedMark];
  if (mark !== undefined && markId !== undefined)
    return <span class={`mark mark-${markId}`} title={t('selected by {0}', MARK_WORDS[mark] ?? '')} />;
  const { id, words } = statusOf(selection, row);
  return <span class={`mark mark-${id}`} style={{ color: rowColour(model, selection, row) }} title={words} />;
}

/** CSS colour, '' none: ranks colour what trains or was suppressed; a weight colours all that is ranked. */
function rowColour(model: PanelModel, selection: ImageSelection, row: number): string {
  const { by, place } = model.colouring.value;
  const status = selection.status[row];
  const coloured =
    status === Status.selected || status === Status.nmsSuppressed || (by !== 'rank' && status === Status.belowBudget);
  return coloured ? colourAt(model.colours.value, place[row]) : '';
}
