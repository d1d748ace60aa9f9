import { useComputed } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { isForeground, NONE, type RoiTable } from '../../src/core/tables.js';
import { menuContext } from '../chrome/menu-context.js';
import { VerdictBadge } from '../chrome/verdict-badge.js';
import { decisionOnRow } from '../state/decision-now.js';
import { Name } from '../chrome/name.js';
import { Section } from '../chrome/section.js';
import { listRows } from '../state/actions.js';
import { MARK_NAMES } from '../rows/comparison.js';
import { COLOUR_BY_WORDS, formatWeight } from '../rows/colouring.js';
import { formatLoss } from '../rows/format.js';
import type { ImageSelection } from '../rows/image-selection.js';
import { usePanel } from '../state/panel-context.js';
import { countRows, rankName, roiWords, statusOf } from '../rows/roi-text.js';
import { FilterBar } from './filter-bar.js';
import { RowMark } from './row-mark.js';
import { useRowInSight, useVirtualRows } from './use-virtual-rows.js';
import { t } from '../words/t.js';

/** Height of a row, px; the style sheet's `.roi-row` is the same. */
const ROW_HEIGHT = 22;

/** The image's RoIs in rank order. */
export function RoiListSection() {
  const { model } = usePanel();
  const { by } = model.colouring.value;
  const aside = (
    <>
      {by !== 'rank' && <span title={COLOUR_BY_WORDS[by].help}>{t('{0}, loss:', COLOUR_BY_WORDS[by].name)} </span>}
      {t('class')} <span class="loss-key loss-cls" aria-hidden="true" /> {t('box')}{' '}
      <span class="loss-key loss-loc" aria-hidden="true" />
    </>
  );
  return (
    <Section
      title={t('RoIs by rank')}
      term="loss rank"
      aside={aside}
      class="section-list"
      testId="list-section"
      height={230}
    >
      <FilterBar />
      <RoiList />
    </Section>
  );
}

/** Only the rows in sight exist; the focus is told by `aria-activedescendant`. */
function RoiList() {
  const { model, actions } = usePanel();
  const list = useRef<HTMLDivElement>(null);
  const rows = useUnchanged(useComputed(() => listRows(model)).value);
  const focused = rows.indexOf(model.focused.value);
  const window = useVirtualRows({ list, numRows: rows.length, rowHeight: ROW_HEIGHT });
  useRowInSight(window, focused, rows);
  const built = window.getVirtualItems();
  return (
    <div
      ref={list}
      class="roi-list"
      data-colour-by={model.colouring.value.by}
      role="listbox"
      tabIndex={0}
      aria-label={t('{0} in rank order', countRows(rows.length, 'RoI'))}
      aria-activedescendant={built.some(({ index }) => index === focused) ? rowId(model.focused.value) : undefined}
      data-testid="roi-list"
      data-count={rows.length}
      onPointerLeave={() => actions.hover(NONE)}
    >
      <div class="roi-list-length" style={{ height: `${window.getTotalSize()}px` }}>
        {built.map(({ index, start }) => (
          <RoiRow key={rows[index]} row={rows[index]} place={index} top={start} numRows={rows.length} />
        ))}
      </div>
    </div>
  );
}

/** The same array while the rows are the same: bringing one into sight asks the browser for a layout. */
function useUnchanged(rows: Int32Array): Int32Array {
  const latest = useRef(rows);
  const { current } = latest;
  if (rows.length !== current.length || rows.some((row, i) => row !== current[i])) latest.current = rows;
  return latest.current;
}

function rowId(row: number): string {
  return `roi-${row}`;
}

interface RoiRowProps {
  readonly row: number;
  readonly place: number;
  /** px from the list's start. */
  readonly top: number;
  readonly numRows: number;
}

function RoiRow({ row, place, top, numRows }: RoiRowProps) {
  const { model, actions } = usePanel();
  const [image, selection] = [model.image.value, model.selection.value];
  if (image === null || selection === null || row >= image.rois.numRois) return null;
  const { label, prediction, score } = roiWords(image.rois, model.predictions.value, row, model.classes.value);
  const by = selection.suppressedBy[row];
  const suppressor = by === NONE ? '' : t('by {0}', rankName(selection, by));
  return (
    <div
      id={rowId(row)}
      class="roi-row"
      role="option"
      aria-selected={row === model.focused.value}
      aria-setsize={numRows}
      aria-posinset={place + 1}
      data-testid="roi-row"
      data-row={row}
      data-status={statusOf(selection, row).id}
      data-mark={MARK_NAMES[model.overlay.value?.mark[row] ?? -1]}
      data-rank={selection.lossRank[row]}
      data-hovered={row === model.hovered.value}
      style={{ transform: `translateY(${top}px)` }}
      {...menuContext(
        { imageIndex: image.imageIndex, what: 'roi', row },
        image.gts.annotation[image.rois.gtIndex[row]],
      )}
      onClick={() => actions.focus(row)}
      onDblClick={actions.zoomToFocused}
      onPointerEnter={() => actions.hover(row)}
    >
      <RowMark row={row} />
      <span class="roi-rank">{rankName(selection, row)}</span>
      <span class="roi-names" title={`${label} → ${prediction} ${score} ${suppressor}`.trimEnd()}>
        <Name>{label}</Name>{' '}
        <span class="roi-said quiet">
          → <Name>{prediction}</Name> <span>{score}</span> <span class="roi-by">{suppressor}</span>
        </span>
      </span>
      <span>
        <VerdictBadge decision={decisionOnRow(model, row)} />
      </span>
      <WeightCell row={row} />
      <span class="roi-loss">
        {formatLoss(selection.rankLoss[row])}
        <LossBar rois={image.rois} selection={selection} row={row} />
      </span>
    </div>
  );
}

/** The weight that colours stand for; nothing while they stand for the rank. */
function WeightCell({ row }: { readonly row: number }) {
  const { model } = usePanel();
  const { by } = model.colouring.value;
  const weight = by === 'rank' ? undefined : model.weights.value?.[by][row];
  if (by === 'rank' || weight === undefined) return null;
  return (
    <span class="roi-weight" title={COLOUR_BY_WORDS[by].help} data-testid="roi-weight">
      {formatWeight(weight)}
    </span>
  );
}

/** Class and box loss as parts of a bar whose full length is the image's hardest RoI. */
function LossBar({
  rois,
  selection,
  row,
}: {
  readonly rois: RoiTable;
  readonly selection: ImageSelection;
  readonly row: number;
}) {
  const most = lossParts(rois, selection.order[0] ?? row).total;
  const { cls, loc } = lossParts(rois, row);
  return (
    <span class="loss-bar" aria-hidden="true">
      <span class="loss-cls" style={{ width: `${percent(cls / most)}%` }} />
      <span class="loss-loc" style={{ width: `${percent(loc / most)}%` }} />
    </span>
  );
}

function percent(share: number): number {
  return Number.isFinite(share) ? Math.min(Math.max(share, 0), 1) * 100 : 0;
}

/** The two losses of a row as mining adds them: background has no box loss. */
function lossParts(
  rois: RoiTable,
  row: number,
): { readonly cls: number; readonly loc: number; readonly total: number } {
  const foreground = isForeground(rois, row);
  const [cls, loc] = [rois.lossCls[row], foreground ? rois.lossLoc[row] : 0];
  return { cls, loc, total: cls + loc };
}
