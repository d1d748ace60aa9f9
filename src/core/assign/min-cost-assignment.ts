/**
 * Assigns rows to columns one to one at the least total cost: every one of the fewer of the two is assigned.
 * @param costs rows * columns, row-major, finite.
 * @returns the column of each row; NONE where there are fewer columns than rows and the row got none.
 * Source: Crouse, "On implementing 2D rectangular assignment algorithms" (IEEE TAES 2016): shortest augmenting paths
 * after Jonker and Volgenant (Computing 1987).
 * Cost: s² l, with s the fewer and l the more of rows and columns.
 */
import { NONE } from '../tables.js';

export function minCostAssignment(costs: Float64Array, numRows: number, numColumns: number): Int32Array {
  if (numRows <= numColumns) return assignEachRow(costs, numRows, numColumns);
  const turned = new Float64Array(costs.length);
  for (let row = 0; row < numRows; row++)
    for (let column = 0; column < numColumns; column++)
      turned[column * numRows + row] = costs[row * numColumns + column];
  const columnOfRow = new Int32Array(numRows).fill(NONE);
  assignEachRow(turned, numColumns, numRows).forEach((row, column) => (columnOfRow[row] = column));
  return columnOfRow;
}

/** Row by row: the cheapest path of changes that frees a column, under prices that keep all reduced costs >= 0. */
function assignEachRow(costs: Float64Array, numRows: number, numColumns: number): Int32Array {
  const rowPrice = new Float64Array(numRows);
  const columnPrice = new Float64Array(numColumns);
  const columnOfRow = new Int32Array(numRows).fill(NONE);
  const rowOfColumn = new Int32Array(numColumns).fill(NONE);
  const comesFrom = new Int32Array(numColumns);
  const distance = new Float64Array(numColumns);
  const isDone = new Uint8Array(numColumns);
  for (let start = 0; start < numRows; start++) {
    distance.fill(Infinity);
    isDone.fill(0);
    let row = start;
    let length = 0;
    let sink = NONE;
    while (sink === NONE) {
      const column = relax(row, length);
      length = distance[column];
      isDone[column] = 1;
      row = rowOfColumn[column];
      if (row === NONE) sink = column;
    }
    rowPrice[start] += length;
    for (let column = 0; column < numColumns; column++) {
      if (isDone[column] === 0 || column === sink) continue;
      rowPrice[rowOfColumn[column]] += length - distance[column];
      columnPrice[column] -= length - distance[column];
    }
    for (let column = sink; ;) {
      const owner = comesFrom[column];
      rowOfColumn[column] = owner;
      const freed = columnOfRow[owner];
      columnOfRow[owner] = column;
      if (owner === start) break;
      column = freed;
    }
  }
  return columnOfRow;

  /** Shortens distances through `row`; the nearest column that is not done, a free one on a tie. */
  function relax(row: number, length: number): number {
    let nearest = NONE;
    let least = Infinity;
    for (let column = 0, at = row * numColumns; column < numColumns; column++, at++) {
      if (isDone[column] === 1) continue;
      const through = length + costs[at] - rowPrice[row] - columnPrice[column];
      if (through < distance[column]) {
        distance[column] = through;
        comesFrom[column] = row;
      }
      const here = distance[column];
      if (here > least || (here === least && rowOfColumn[column] !== NONE)) continue;
      if (here === least && nearest !== NONE && rowOfColumn[nearest] === NONE) continue;
      least = here;
      nearest = column;
    }
    return nearest;
  }
}
