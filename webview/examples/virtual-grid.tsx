import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { NONE } from '../../src/core/tables.js';
import { formatCount } from '../rows/format.js';
import type { GridLayout, GridLine } from '../rows/grid-layout.js';
import type { GridShape } from '../state/grid-shape.js';
import { useRowInSight, useVirtualRows } from '../table/use-virtual-rows.js';

/** Least width of a cell and height of a line, px; names that need a second line make lines higher. */
const [CELL_WIDTH, LINE_HEIGHT, HIGH_LINE] = [100, 136, 154];
const HEADING_HEIGHT = 28;
/** Names up to this length stand on one line: `7 → 1`. */
const SHORT_NAME = 4;

export interface VirtualGridProps {
  readonly layout: GridLayout;
  /** Written when the grid is given another size. */
  readonly shape: Signal<GridShape>;
  /** Place with the focus; NONE. */
  readonly at: number;
  /** Id of the element of that place, where it exists. */
  readonly activeId: string | undefined;
  /** What the places stand for: with another order the focus is brought into sight again. */
  readonly order: unknown;
  readonly classes: readonly string[];
  readonly label: string;
  readonly testId: string;
  readonly Cell: (place: number) => ComponentChildren;
  /** Places [first, last] have been built. */
  readonly onBuilt?: (first: number, last: number) => void;
  /** What stands in an empty grid. */
  readonly children: ComponentChildren;
}

/** Cells in lines and groups. Only the lines in sight exist; the focus is told by `aria-activedescendant`. */
export function VirtualGrid(props: VirtualGridProps) {
  const { layout, shape, at, order, onBuilt } = props;
  const list = useRef<HTMLDivElement>(null);
  const long = props.classes.some((name) => name.length > SHORT_NAME);
  const lineHeight = long ? HIGH_LINE : LINE_HEIGHT;
  const heightOf = (line: number) => ('first' in layout.lineAt(line) ? lineHeight : HEADING_HEIGHT);
  const window = useVirtualRows({ list, numRows: layout.numLines, rowHeight: heightOf, layout });
  useRowInSight(window, at < 0 ? NONE : layout.lineOf(at), order);
  useGridShape(list, shape, lineHeight);
  const built = window.getVirtualItems().map(({ index, start, size }) => ({ index, start, size }));
  const places = built.map(({ index }) => layout.lineAt(index)).filter((line) => 'first' in line);
  const [first, last] = [places[0], places.at(-1)];
  useLayoutEffect(() => {
    if (first !== undefined && last !== undefined) onBuilt?.(first.first, last.first + last.count - 1);
  }, [first?.first, last?.first, order]);
  return (
    <div
      ref={list}
      class="example-grid"
      role="listbox"
      tabIndex={0}
      aria-label={props.label}
      aria-activedescendant={props.activeId}
      data-testid={props.testId}
      data-count={layout.length}
      data-columns={layout.columns}
      data-long={long}
    >
      <div class="example-length" role="presentation" style={{ height: `${window.getTotalSize()}px` }}>
        {built.map(({ index, start, size }) => (
          <Line key={index} line={layout.lineAt(index)} top={start} height={size} grid={props} />
        ))}
      </div>
      {layout.length === 0 && props.children}
    </div>
  );
}

interface LineProps {
  readonly line: GridLine;
  /** px. */
  readonly top: number;
  readonly height: number;
  readonly grid: VirtualGridProps;
}

function Line({ line, top, height, grid }: LineProps) {
  const place = { height: `${height}px`, transform: `translateY(${top}px)` };
  if (!('first' in line))
    return (
      <div class="example-heading" role="presentation" data-testid="grid-heading" style={place}>
        {line.name} <span class="quiet">{formatCount(line.count)}</span>
      </div>
    );
  const columns = `repeat(${grid.layout.columns}, minmax(0, 1fr))`;
  return (
    <div class="example-row" role="presentation" style={{ ...place, gridTemplateColumns: columns }}>
      {Array.from({ length: line.count }, (_, i) => grid.Cell(line.first + i))}
    </div>
  );
}

/** As many columns as there is room for. */
function useGridShape(
  list: { readonly current: HTMLDivElement | null },
  shape: Signal<GridShape>,
  lineHeight: number,
): void {
  useEffect(() => {
    if (list.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      shape.value = { columns: Math.max(Math.floor(width / CELL_WIDTH), 1), rows: Math.floor(height / lineHeight) };
    });
    observer.observe(list.current);
    return () => observer.disconnect();
  }, [list, shape, lineHeight]);
}
