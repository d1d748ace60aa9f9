import { useEffect, useRef } from 'preact/hooks';
import { NONE } from '../../src/core/tables.js';
import { countOf } from '../rows/format.js';
import { SORT_WORDS } from '../rows/example-order.js';
import type { PanelModel } from '../state/model.js';
import { usePanel } from '../state/panel-context.js';
import { useRowInSight, useVirtualRows } from '../table/use-virtual-rows.js';
import { exampleId, Thumbnail } from './thumbnail.js';

/** Least width of a cell and height of a row, px; names that need a second line make rows higher. */
const [CELL_WIDTH, ROW_HEIGHT, HIGH_ROW] = [100, 136, 154];
/** Names up to this length stand on one line: `7 → 1`. */
const SHORT_NAME = 4;

/** Thumbnails, hardest first. Only the rows in sight exist; the focus is told by `aria-activedescendant`. */
export function ExampleGrid() {
  const { model } = usePanel();
  const list = useRef<HTMLDivElement>(null);
  const rows = model.gridRows.value;
  const { columns } = model.gridShape.value;
  const at = rows.indexOf(model.focused.value);
  const long = model.classes.value.some((name) => name.length > SHORT_NAME);
  const rowHeight = long ? HIGH_ROW : ROW_HEIGHT;
  const window = useVirtualRows({ list, numRows: Math.ceil(rows.length / columns), rowHeight });
  useRowInSight(window, at < 0 ? NONE : Math.floor(at / columns), rows);
  useGridShape(list, rowHeight);
  const built = window.getVirtualItems();
  return (
    <div
      ref={list}
      class="example-grid"
      role="listbox"
      tabIndex={0}
      aria-label={`${countOf(rows.length, 'example')} by ${SORT_WORDS[model.exampleSort.value].name}`}
      aria-activedescendant={at < 0 ? undefined : exampleId(model.focused.value)}
      data-testid="example-grid"
      data-count={rows.length}
      data-columns={columns}
      data-long={long}
    >
      <div class="example-length" style={{ height: `${window.getTotalSize()}px` }}>
        {built.map(({ index, start }) => (
          <GridRow key={index} first={index * columns} top={start} height={rowHeight} />
        ))}
      </div>
      {rows.length === 0 && <EmptyGrid />}
    </div>
  );
}

function GridRow({ first, top, height }: { readonly first: number; readonly top: number; readonly height: number }) {
  const { model } = usePanel();
  const { columns } = model.gridShape.value;
  const rows = model.gridRows.value.subarray(first, first + columns);
  return (
    <div
      class="example-row"
      role="presentation"
      style={{
        height: `${height}px`,
        transform: `translateY(${top}px)`,
        gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
      }}
    >
      {Array.from(rows, (row, i) => (
        <Thumbnail key={row} row={row} place={first + i} />
      ))}
    </div>
  );
}

function EmptyGrid() {
  const { model } = usePanel();
  return <p class="example-none quiet">{whyEmpty(model)}</p>;
}

/** Nothing passes, nothing could be measured, or nothing is there yet. */
function whyEmpty({ rois, examples, progress }: PanelModel): string {
  if ((rois.value?.numRois ?? 0) > 0) return 'No example passes the filters.';
  const failed = examples.value?.images.find(({ error }) => error !== '');
  const left = progress.value?.state === 'running';
  if (failed === undefined || left)
    return left || examples.value === null ? 'Waiting for the first examples…' : 'The run has no examples.';
  return `No example could be measured. The first: ${failed.id}: ${failed.error}`;
}

/** As many columns as there is room for. */
function useGridShape(list: { readonly current: HTMLDivElement | null }, rowHeight: number): void {
  const { model } = usePanel();
  useEffect(() => {
    if (list.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      const columns = Math.max(Math.floor(width / CELL_WIDTH), 1);
      model.gridShape.value = { columns, rows: Math.floor(height / rowHeight) };
    });
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [list, model, rowHeight]);
}
