/** The columns of a record batch as the tables of its images. */
import type { FileStamp } from '../core/facts/file-stamp.js';
import { roiBoxOf } from '../core/facts/run-manifest.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { sliceRoiTable } from '../core/concat-roi-tables.js';
import { numUnkept, type RoiRest } from '../core/roi-rest.js';
import { IGNORE, NONE, sliceGtTable } from '../core/tables.js';
import type { GtTable, RoiTable } from '../core/tables.js';
import type { BatchReader } from './batch-reader.js';
import { COLUMN_ARRAYS, fixedStorage } from './column-types.js';
import type { ColumnArray } from './column-types.js';
import type { RunImage } from './encode-run.js';
import { fullSummary, knownOfExample, leftOut } from './known-of-examples.js';
import type { ColumnSpec, RoiKey, RowFormat } from './run-columns.js';
import { REST_COLUMNS, rowFormat } from './run-columns.js';

/** Rows of image i of a table are [starts[i], starts[i + 1]). */
interface Rows<Table> {
  readonly table: Table;
  readonly starts: Int32Array;
}

/** The images of a record batch: one, or many examples. */
export interface ImageBatch {
  readonly summaries: readonly ImageSummary[];
  readonly rois: Rows<RoiTable>;
  readonly gts: Rows<GtTable>;
  /** Of each image; null: its file is unknown. */
  readonly stamps: readonly (FileStamp | null)[];
}

/** An image of a batch: views. @param row [0, N) */
export function imageOf({ summaries, rois, gts, stamps }: ImageBatch, row: number): RunImage {
  const stamp = stamps[row] ?? null;
  return {
    summary: summaries[row],
    rois: summaries.length === 1 ? rois.table : sliceRoiTable(rois.table, rois.starts[row], rois.starts[row + 1]),
    gts: summaries.length === 1 ? gts.table : sliceGtTable(gts.table, gts.starts[row], gts.starts[row + 1]),
    ...(stamp === null ? {} : { stamp }),
  };
}

/**
 * Reads a batch to its last column; columns are views of its bytes, `imageIndex` columns are 0.
 * @throws RangeError where its columns do not fit each other.
 */
export function readBatch(
  reader: BatchReader,
  manifest: RunManifest,
  numRows: number,
  stamps: ImageBatch['stamps'],
): ImageBatch {
  const format = rowFormat(manifest);
  const summaries = readSummaries(reader, format, numRows);
  const rois = readRois(reader, manifest, summaries);
  const gts = readGts(reader, format, summaries);
  const rest = format.hasRest ? readRest(reader) : null;
  checkIndices(rois.table, gts.table);
  checkKept(rois.table, rest);
  summaries.forEach((summary, row) => {
    const numKept = rois.starts[row + 1] - rois.starts[row];
    const numGts = gts.starts[row + 1] - gts.starts[row];
    if (numKept + (rest === null ? 0 : numUnkept(rest)) !== summary.numRois || numGts !== summary.numGts)
      throw new RangeError('counts that differ from the rows');
    if (format.hasRest) checkPlaces(rois.table, rest, summary.numRois);
  });
  const table = rest === null ? rois.table : { ...rois.table, rests: new Map([[0, rest]]) };
  return { summaries, rois: { ...rois, table }, gts, stamps };
}

/** @throws RangeError */
export function readSummaries(reader: BatchReader, format: RowFormat, numRows: number): ImageSummary[] {
  const stored = readRecords<ImageSummary>(reader, format.summary, numRows);
  return format.isOfExamples ? stored.map(fullSummary) : stored;
}

/** Few columns of one value an image: the one place where rows become objects. @throws RangeError */
function readRecords<T>(reader: BatchReader, columns: readonly ColumnSpec<keyof T & string>[], numRows: number): T[] {
  const values = columns.map((spec) =>
    spec.storage === 'utf8' ? reader.texts(numRows) : reader.numbers(spec, numRows, 'float64'),
  );
  // Objects that are born with all keys: Object.fromEntries takes several times as long.
  const blank: Readonly<Record<string, string | number>> = Object.fromEntries(columns.map(({ key }) => [key, 0]));
  return Array.from({ length: numRows }, (_, row) => {
    const record: Record<string, string | number> = { ...blank };
    for (let i = 0; i < columns.length; i++) {
      const value = values[i][row];
      record[columns[i].key] = typeof value === 'bigint' ? Number(value) : value;
    }
    return record as T;
  });
}

function readRois(reader: BatchReader, manifest: RunManifest, summaries: readonly ImageSummary[]): Rows<RoiTable> {
  const format = rowFormat(manifest);
  const starts = reader.openList(summaries.length);
  const numRois = starts[summaries.length];
  const roiIndex = new Int32Array(numRois);
  for (let image = 0; image < summaries.length; image++)
    for (let row = starts[image]; row < starts[image + 1]; row++) roiIndex[row] = row - starts[image];
  const columns = {
    ...readColumns(reader, format.rois, numRois, manifest),
    ...(format.isOfExamples && knownColumns(leftOut(format).rois, summaries, starts, manifest)),
  };
  const table = {
    numRois,
    numClasses: manifest.classes.length,
    roiBox: roiBoxOf(manifest),
    imageIndex: new Int32Array(numRois),
    roiIndex,
    sampled: new Uint8Array(numRois).fill(1),
    ...(columns as unknown as Omit<Pick<RoiTable, RoiKey>, 'roiIndex' | 'sampled'>),
  };
  return { table, starts };
}

function readGts(reader: BatchReader, format: RowFormat, summaries: readonly ImageSummary[]): Rows<GtTable> {
  const starts = reader.openList(summaries.length);
  const numGts = starts[summaries.length];
  const precision = { precision: 'float64' } as const;
  const columns = {
    ...readColumns(reader, format.gts, numGts, precision),
    ...(format.isOfExamples && knownColumns(leftOut(format).gts, summaries, starts, precision)),
  };
  const table = {
    numGts,
    imageIndex: new Int32Array(numGts),
    ...(columns as unknown as Omit<GtTable, 'numGts' | 'imageIndex'>),
  };
  return { table, starts };
}

/** What is not kept of an image; null: nothing. */
function readRest(reader: BatchReader): RoiRest | null {
  const numRests = reader.openList(1)[1];
  const columns = readColumns(reader, REST_COLUMNS, numRests, { precision: 'float64' });
  if (numRests === 0) return null;
  if (numRests > 1) throw new RangeError(`${numRests} rests of an image`);
  const values = REST_COLUMNS.map(({ key, stride }) => [key, stride === undefined ? columns[key][0] : columns[key]]);
  return Object.fromEntries(values) as RoiRest;
}

function readColumns(
  reader: BatchReader,
  columns: readonly ColumnSpec<string>[],
  numRows: number,
  { precision }: Pick<RunManifest, 'precision'>,
): Record<string, ColumnArray> {
  return Object.fromEntries(columns.map((spec) => [spec.key, reader.numbers(spec, numRows, precision)]));
}

/** Columns that no file has, from the summaries. */
function knownColumns(
  columns: readonly ColumnSpec<string>[],
  summaries: readonly ImageSummary[],
  starts: Int32Array,
  { precision }: Pick<RunManifest, 'precision'>,
): Record<string, ColumnArray> {
  const made = columns.map(({ key, storage }) => {
    const ArrayType = COLUMN_ARRAYS[storage === 'utf8' ? 'uint8' : fixedStorage(storage, precision)];
    const values = new ArrayType(starts[summaries.length]) as Exclude<ColumnArray, BigInt64Array>;
    summaries.forEach((summary, i) => values.fill(knownOfExample(key, summary), starts[i], starts[i + 1]));
    return [key, values];
  });
  return Object.fromEntries(made) as Record<string, ColumnArray>;
}

/** Index columns of a damaged or foreign file must not lead out of the tables that they index. */
function checkIndices(rois: RoiTable, gts: GtTable): void {
  checkRange('pred_class', rois.predClass, NONE, rois.numClasses - 1);
  checkRange('gt_class', rois.gtClass, IGNORE, rois.numClasses);
  checkRange('gt_index', rois.gtIndex, NONE, gts.numGts - 1);
  checkRange('top_class', rois.topClass, NONE, rois.numClasses);
  checkRange('gts.gt_class', gts.gtClass, IGNORE, rois.numClasses - 1);
}

function checkKept({ sampled }: RoiTable, rest: RoiRest | null): void {
  checkRange('sampled', sampled, 0, 1);
  if (rest !== null && !Number.isFinite(rest.maxLossCls + rest.maxLossLoc)) throw new RangeError('losses of the rest');
}

/** Rows in the order of all RoIs of the image, and the rest inside it. */
function checkPlaces({ numRois, roiIndex }: RoiTable, rest: RoiRest | null, numAll: number): void {
  checkRange('roi_index', roiIndex, 0, numAll - 1);
  for (let row = 1; row < numRois; row++)
    if (roiIndex[row] <= roiIndex[row - 1]) throw new RangeError(`roi_index ${roiIndex[row]} at row ${row}`);
  if (rest === null) return;
  checkRange('rest', Int32Array.of(rest.numBackground, rest.numIgnored, rest.numInvalid), 0, numAll);
  checkRange('rest', rest.histogram, 0, numAll);
  checkRange('rest.first_index', Int32Array.of(rest.firstIndex), NONE, numAll - 1);
}

function checkRange(name: string, values: Int32Array | Int16Array | Uint8Array, min: number, max: number): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] < min || values[i] > max) throw new RangeError(`${name} ${values[i]} at row ${i}`);
  }
}
