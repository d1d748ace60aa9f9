/** Which rows of a long list are worth building: those in sight and a few around them. */

/** Rows built beyond each end, so that scrolling shows no gap. */
const OVERSCAN = 8;

/**
 * Row range [start, end) for a scroll position; an empty list gives an empty range.
 * @param rowHeight px, the same for all rows.
 */
export function windowRows(scrollTop: number, viewHeight: number, rowHeight: number, numRows: number): { readonly start: number; readonly end: number } {
  const first = Math.floor(scrollTop / rowHeight) - OVERSCAN;
  const last = Math.ceil((scrollTop + viewHeight) / rowHeight) + OVERSCAN;
  const start = Math.min(Math.max(first, 0), numRows);
  return { start, end: Math.max(Math.min(last, numRows), start) };
}

/** The scroll position nearest to the present one at which a row is wholly in sight. */
export function scrollToRow(index: number, scrollTop: number, viewHeight: number, rowHeight: number): number {
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight];
  if (top < scrollTop) return top;
  return bottom > scrollTop + viewHeight ? bottom - viewHeight : scrollTop;
}
