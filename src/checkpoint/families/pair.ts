/** Boxes [1, A, 4] and scores [1, A, C] or [1, C, A] as two outputs: what several families share. */
import type { Outputs } from './family.js';
import type { Columns } from './layout.js';
import { allColumns, tablesOf, type Table } from './look.js';

export interface BoxesAndScores {
  readonly boxes: Columns;
  readonly scores: Columns;
}

/**
 * The only two float tables of as many rows, one of them four wide. By name where both are.
 * @returns null where there are more or fewer, or roles stay open.
 */
export function boxesAndScores(outputs: Outputs): BoxesAndScores | null {
  const tables = tablesOf(outputs);
  if (tables.length !== 2) return null;
  const pairs = tables.flatMap((boxes, i) => {
    const scores = scoresOf(tables[1 - i], boxes);
    return boxes.axes[1] === 4 && scores !== null ? [{ boxes: allColumns(boxes), scores }] : [];
  });
  const named = pairs.length > 1 ? pairs.filter(({ boxes }) => /box/i.test(boxes.output)) : pairs;
  return named.length === 1 ? named[0] : null;
}

function scoresOf(table: Table, { axes: [numRows] }: Table): Columns | null {
  if (table.axes[0] === numRows) return allColumns(table);
  return table.axes[1] === numRows ? { output: table.name, from: 0, to: table.axes[0], rowsLast: true } : null;
}
