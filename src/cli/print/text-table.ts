/** Rows of text as aligned columns; names of files and classes come from anywhere. */

/**
 * @param align one letter a column: `l` or `r`.
 * @returns one line a row, the header first.
 */
export function textTable(header: readonly string[], rows: readonly (readonly string[])[], align: string): string {
  const cells = [header, ...rows].map((row) => row.map(printable));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ''))));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] === 'r'))
      .join('  ')
      .trimEnd();
  return `${cells.map(line).join('\n')}\n`;
}

/** Control characters would move the cursor of a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '\ufffd');
}

function pad(cell: string, width: number, right: boolean): string {
  const space = ' '.repeat(width - widthOf(cell));
  return right ? space + cell : cell + space;
}

/** Columns of a terminal: code points, which is close enough. */
function widthOf(text: string): number {
  return [...text].length;
}
