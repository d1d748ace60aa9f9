import { NONE } from '../../src/core/tables.js';
import { menuContext } from '../chrome/menu-context.js';
import { Name } from '../chrome/name.js';
import { VerdictBadge } from '../chrome/verdict-badge.js';
import { decisionOnRow } from '../state/decision-now.js';
import { formatMeasure } from '../rows/format.js';
import type { PanelModel } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { roiWords, statusOf } from '../rows/roi-text.js';
import { RowMark } from '../table/row-mark.js';
import { Pixels } from './pixels.js';

/** Identity of a cell's element. */
export function exampleId(row: number): string {
  return `example-${row}`;
}

/** One example: its pixels, label → prediction, status, and the loss (or what sorts). */
export function Thumbnail({ row, place }: { readonly row: number; readonly place: number }) {
  const { model, actions } = usePanel();
  const [examples, selection] = [model.examples.value, model.selection.value];
  if (examples === null || selection === null || row >= examples.rois.numRois) return null;
  const imageIndex = examples.rois.imageIndex[row];
  const predictions = model.predictions.value;
  const { label, prediction } = roiWords(examples.rois, predictions, row, model.classes.value);
  const status = statusOf(selection, row);
  const wrong = prediction !== label && predictions[row] !== NONE;
  return (
    <div
      id={exampleId(row)}
      class="example"
      role="option"
      aria-selected={row === model.focused.value}
      aria-setsize={model.gridRows.value.length}
      aria-posinset={place + 1}
      title={examples.images[imageIndex]?.id}
      data-testid="example"
      data-row={row}
      data-image-index={imageIndex}
      data-status={status.id}
      data-wrong={wrong}
      {...menuContext({ imageIndex, what: 'image', row: NONE }, examples.annotations[imageIndex])}
      onClick={() => actions.focus(row)}
      onDblClick={actions.openImage}
    >
      <Pixels uri={examples.uris[imageIndex] ?? null} />
      <span class="example-names">
        <RowMark row={row} />
        <span class="example-classes">
          <Name>{label}</Name>{' '}
          <span class={wrong ? 'example-said example-wrong' : 'example-said quiet'}>
            → <Name>{prediction}</Name>
          </span>
        </span>
      </span>
      <VerdictBadge decision={decisionOnRow(model, row)} />
      <LossMeter row={row} />
      <span class="visually-hidden">{status.words}</span>
    </div>
  );
}

/** The loss as a share of the hardest example's, and the number that the grid is sorted by. */
function LossMeter({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const selection = model.selection.value;
  if (selection === null) return null;
  const share = selection.rankLoss[row] / selection.rankLoss[selection.order[0] ?? row];
  return (
    <span class="example-loss">
      <span class="loss-bar" aria-hidden="true">
        <span
          class="loss-cls"
          style={{ width: `${Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) * 100 : 0}%` }}
        />
      </span>
      <span class="example-value">{sortedValue(model, row)}</span>
    </span>
  );
}

/** The number that the grid is sorted by. */
function sortedValue(model: PanelModel, row: number): string {
  const [rois, selection] = [model.rois.value, model.selection.value];
  if (rois === null || selection === null) return '';
  switch (model.exampleSort.value) {
    case 'loss':
      return formatMeasure(selection.rankLoss[row]);
    case 'margin':
      return formatMeasure(model.margin.value[row]);
    default:
      return formatMeasure(rois[model.exampleSort.value][row]);
  }
}
