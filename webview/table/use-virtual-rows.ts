/** The core of TanStack Virtual for Preact: rows of which only those in sight are built. */
import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useState } from 'preact/hooks';

/** Rows built beyond each end, so that scrolling shows no gap. */
const OVERSCAN = 8;

export interface VirtualRows {
  /** The element that scrolls. */
  readonly list: { readonly current: HTMLDivElement | null };
  readonly numRows: number;
  /** px, the same for all rows or by index. */
  readonly rowHeight: number | ((index: number) => number);
  /** What heights by index follow from: they are measured again when it is another. */
  readonly layout?: unknown;
}

export type RowWindow = Virtualizer<HTMLDivElement, HTMLDivElement>;

/** Follows the list's scrolling and size; the view is built again when other rows come into sight. */
export function useVirtualRows({ list, numRows, rowHeight, layout = rowHeight }: VirtualRows): RowWindow {
  const [, buildAgain] = useReducer((count: number, _change: void) => count + 1, 0);
  const options = {
    count: numRows,
    getScrollElement: () => list.current,
    estimateSize: (index: number) => (typeof rowHeight === 'number' ? rowHeight : rowHeight(index)),
    overscan: OVERSCAN,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: () => buildAgain(),
  };
  const [rows] = useState(() => new Virtualizer<HTMLDivElement, HTMLDivElement>(options));
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => rows._willUpdate());
  // Heights are kept by the library until it is told that they are others.
  useLayoutEffect(() => rows.measure(), [rows, layout]);
  return rows;
}

/**
 * Brings a row into sight by the least way when `index` or the rows themselves change; an index below 0 does nothing.
 */
export function useRowInSight(rows: RowWindow, index: number, order: unknown): void {
  useLayoutEffect(() => {
    if (index >= 0) rows.scrollToIndex(index, { align: 'auto' });
  }, [rows, index, order]);
}
