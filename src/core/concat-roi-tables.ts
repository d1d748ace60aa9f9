import type { RoiRest } from './roi-rest.js';
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
  'roiIndex',
  'sampled',
] as const satisfies readonly (keyof RoiTable)[];

/**
 * One minibatch out of the tables of its images: their rows in the given order; `imageIndex` counts the tables.
 * Real columns are float64 where any table has them so.
 * @param tables at least one, each of one image, all with the same K and `roiBox`; tables of zero rows are fine. A
 * single one keeps its columns, without a copy.
 */
export function concatRoiTables(tables: readonly RoiTable[]): RoiTable {
  const [first] = tables;
  const rests = restsOf(tables);
  if (tables.length === 1) return { ...first, imageIndex: new Int32Array(first.numRois), ...rests };
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
  return { ...all, ...rests };
}

function restsOf(tables: readonly RoiTable[]): Pick<RoiTable, 'rests'> {
  const rests = new Map<number, RoiRest>();
  tables.forEach((table, index) => {
    for (const rest of table.rests?.values() ?? []) rests.set(index, rest);
  });
  return rests.size === 0 ? {} : { rests };
}

/**
 * Some rows, copied.
 * @param rows in the order of the new table; a row may be taken twice.
 */
export function takeRows(rois: RoiTable, rows: Int32Array): RoiTable {
  const precision = rois.x1 instanceof Float64Array ? 'float64' : 'float32';
  const taken = allocateRoiTable(rows.length, rois.numClasses, precision, rois.roiBox);
  for (const column of [...COLUMNS, 'imageIndex' as const]) {
    const [from, to] = [rois[column], taken[column]];
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]];
  }
  for (let i = 0; i < rows.length; i++) {
    // No views: two a row cost more than what they copy.
    for (let place = 0; place < NUM_TOP; place++) {
      taken.topClass[i * NUM_TOP + place] = rois.topClass[rows[i] * NUM_TOP + place];
      taken.topScore[i * NUM_TOP + place] = rois.topScore[rows[i] * NUM_TOP + place];
    }
  }
  return rois.rests === undefined ? taken : { ...taken, rests: rois.rests };
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
