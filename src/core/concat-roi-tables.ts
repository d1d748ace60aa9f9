import { allocateRoiTable, NUM_TOP } from './tables.js';
import type { RoiTable } from './tables.js';

const COLUMNS = [
  'x1',
  'y1',
  'x2',
  'y2',
  'predX1',
  'predY1',
  'predX2',
  'predY2',
  'lossCls',
  'lossLoc',
  'score',
  'predClass',
  'gtIndex',
  'gtClass',
  'iou',
  'entropy',
  'el2n',
] as const satisfies readonly (keyof RoiTable)[];

/**
 * One minibatch out of the tables of its images: their rows in the given order; `imageIndex` counts the tables.
 * Real columns are float64 where any table has them so.
 * @param tables at least one, all with the same K and `roiBox`; tables of zero rows are fine. A single one keeps its
 * columns, without a copy.
 */
export function concatRoiTables(tables: readonly RoiTable[]): RoiTable {
  const [first] = tables;
  if (tables.length === 1) return { ...first, imageIndex: new Int32Array(first.numRois) };
  const precision = tables.some(({ x1 }) => x1 instanceof Float64Array) ? 'float64' : 'float32';
  const numRois = tables.reduce((sum, table) => sum + table.numRois, 0);
  const all = allocateRoiTable(numRois, first.numClasses, precision, first.roiBox);
  let start = 0;
  tables.forEach((table, index) => {
    for (const column of COLUMNS) all[column].set(table[column], start);
    all.topClass.set(table.topClass, start * NUM_TOP);
    all.topScore.set(table.topScore, start * NUM_TOP);
    all.imageIndex.fill(index, start, start + table.numRois);
    start += table.numRois;
  });
  return all;
}

/** Rows [start, end) as views; `imageIndex` stays as it is. */
export function sliceRoiTable(rois: RoiTable, start: number, end: number): RoiTable {
  const columns = [...COLUMNS, 'imageIndex' as const].map((name) => [name, rois[name].subarray(start, end)]);
  return {
    ...rois,
    ...(Object.fromEntries(columns) as Partial<RoiTable>),
    numRois: end - start,
    topClass: rois.topClass.subarray(start * NUM_TOP, end * NUM_TOP),
    topScore: rois.topScore.subarray(start * NUM_TOP, end * NUM_TOP),
  };
}
