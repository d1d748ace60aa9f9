/** The images that are decided together. */
import { allocateRoiTable, NUM_TOP, type RoiTable } from '../../src/core/tables.js';

/** Most images of a minibatch that the panel reads; a larger minibatch is said to be cut. */
export const MAX_BATCH_IMAGES = 64;

/** Image indices [start, end) of a minibatch. */
export interface ImageRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The minibatch that an image belongs to: consecutive images in file order, the last one may be short.
 * @param numImages images in the run file; 0 while unknown gives the image alone.
 */
export function minibatchRange(imageIndex: number, imagesPerBatch: number, numImages: number): ImageRange {
  const start = Math.floor(imageIndex / imagesPerBatch) * imagesPerBatch;
  return { start, end: Math.max(Math.min(start + imagesPerBatch, numImages), imageIndex + 1) };
}

/**
 * One table of all rows, in the given order; `imageIndex` counts the tables.
 * Real columns are float64 where any table has them so. One table alone is returned with its columns as they are.
 * @param tables at least one, all with the same K and `roiBox`; tables of zero rows are fine.
 */
export function concatRoiTables(tables: readonly RoiTable[]): RoiTable {
  const first = tables[0];
  if (first === undefined) return allocateRoiTable(0, 0, 'float32');
  if (tables.length === 1) return { ...first, imageIndex: new Int32Array(first.numRois) };
  const precision = tables.some((table) => table.x1 instanceof Float64Array) ? 'float64' : 'float32';
  const numRois = tables.reduce((sum, table) => sum + table.numRois, 0);
  const all = allocateRoiTable(numRois, first.numClasses, precision, first.roiBox);
  let start = 0;
  tables.forEach((table, index) => {
    copyRows(all, table, start);
    all.imageIndex.fill(index, start, start + table.numRois);
    start += table.numRois;
  });
  return all;
}

const COLUMNS = ['x1', 'y1', 'x2', 'y2', 'predX1', 'predY1', 'predX2', 'predY2', 'lossCls', 'lossLoc', 'score', 'predClass', 'gtIndex', 'gtClass', 'iou'] as const;

function copyRows(all: RoiTable, table: RoiTable, start: number): void {
  for (const column of COLUMNS) all[column].set(table[column], start);
  all.topClass.set(table.topClass, start * NUM_TOP);
  all.topScore.set(table.topScore, start * NUM_TOP);
}
