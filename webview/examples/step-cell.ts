/** Arrow keys in a matrix with headers. */

/** Row and column of the matrix; -1 is the header. The corner (-1, -1) is no cell. */
export interface Cell {
  readonly row: number;
  readonly column: number;
}

/**
 * The cell that a key goes to; null where the key is not one of the matrix's, or nothing lies there.
 * @param length rows and columns, headers not counted.
 */
export function stepCell({ row, column }: Cell, key: string, length: number): Cell | null {
  const last = length - 1;
  const steps: Readonly<Record<string, Cell>> = {
    ArrowLeft: { row, column: column - 1 },
    ArrowRight: { row, column: column + 1 },
    ArrowUp: { row: row - 1, column },
    ArrowDown: { row: row + 1, column },
    Home: { row, column: row < 0 ? 0 : -1 },
    End: { row, column: last },
    PageUp: { row: column < 0 ? 0 : -1, column },
    PageDown: { row: last, column },
  };
  const next = steps[key];
  if (next === undefined || next.row > last || next.column > last || next.row < -1 || next.column < -1) return null;
  return next.row < 0 && next.column < 0 ? null : next;
}
