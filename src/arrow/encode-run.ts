/**
 * Writes the messages of a run file with flechette. Its builders take one JavaScript object a row; here its Batch and
 * Column classes are filled with the table's own arrays, so that a column costs one copy into the message and no
 * object per RoI (docs/adr/0005).
 */
import type { DataType, Field } from '@uwdata/flechette';
import {
  Batch,
  Column,
  Endianness,
  fixedSizeList,
  float32,
  float64,
  int16,
  int32,
  int64,
  list,
  struct,
  Table,
  tableToIPC,
  uint8,
  utf8,
  Version,
} from '@uwdata/flechette';
import type { FileStamp } from '../core/facts/file-stamp.js';
import { BLANK_SUMMARY } from '../core/facts/run-manifest.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import type { RoiRest } from '../core/roi-rest.js';
import { allocateGtTable, allocateRoiTable } from '../core/tables.js';
import type { GtTable, Precision, RoiTable } from '../core/tables.js';
import { manifestSum, SEAL_BYTES, writeSeal } from './checksum.js';
import { COLUMN_ARRAYS, fixedStorage } from './column-types.js';
import type { ColumnArray } from './column-types.js';
import {
  END_OF_STREAM,
  lengthenBody,
  metadataLength,
  PREFIX_BYTES,
  readBatchLayout,
  readHeader,
} from './ipc-message.js';
import type { ByteRange, ColumnSpec } from './run-columns.js';
import {
  CHECKSUM_KEY,
  GT_COLUMNS,
  GTS,
  MANIFEST_KEY,
  RANGE_COLUMNS,
  REST,
  REST_COLUMNS,
  roiColumns,
  ROIS,
  SUMMARY_COLUMNS,
} from './run-columns.js';
import { summaryLength } from './batch-reader.js';

/** One image of a run: a row of the file. */
export interface RunImage {
  readonly summary: ImageSummary;
  /** RoIs of this image alone. */
  readonly rois: RoiTable;
  readonly gts: GtTable;
  /** The file with the pixels as it was when they were measured; absent: unknown. */
  readonly stamp?: FileStamp;
}

/** An image's summary and the place of its record batch. */
export type IndexEntry = ByteRange & { readonly summary: ImageSummary };

/** A named column of a record batch that is being written. */
interface Part {
  readonly field: Field;
  readonly batch: Batch<unknown>;
}

const NO_NULLS = new Uint8Array(0);
const TYPES = { uint8, int16, int32, int64, float32, float64 } as const;

/** The schema message: first bytes of a run file, with the manifest and its checksum inside. */
export function encodeSchema(manifest: RunManifest): Uint8Array {
  const { precision, classes } = manifest;
  // A blank image gives the columns their types.
  const nothing = {
    summary: BLANK_SUMMARY,
    rois: allocateRoiTable(0, classes.length, precision),
    gts: allocateGtTable(0),
  };
  const parts = imageParts(nothing, manifest);
  const json = JSON.stringify(manifest);
  const metadata = new Map([
    [MANIFEST_KEY, json],
    [CHECKSUM_KEY, manifestSum(json)],
  ]);
  const bytes = encodeTable(parts, metadata, false);
  return bytes.subarray(0, bytes.byteLength - END_OF_STREAM.byteLength);
}

/**
 * One record batch message of one row.
 * @param image real columns are converted where they differ from the manifest's precision.
 * @param imageIndex place in the run, for the seal; null: without a seal, for a run that was begun without.
 */
export function encodeImage(image: RunImage, manifest: RunManifest, imageIndex: number | null = 0): Uint8Array {
  const bytes = encodeTable(imageParts(image, manifest), null, true);
  const plain = bytes.subarray(PREFIX_BYTES + metadataLength(bytes), bytes.byteLength - END_OF_STREAM.byteLength);
  if (imageIndex === null) return plain;
  const sealed = new Uint8Array(plain.byteLength + SEAL_BYTES);
  sealed.set(plain);
  lengthenBody(sealed, SEAL_BYTES);
  const bodyStart = PREFIX_BYTES + metadataLength(sealed);
  writeSeal(
    sealed,
    imageIndex,
    bodyStart + summaryLength(readBatchLayout(readHeader(sealed.subarray(PREFIX_BYTES, bodyStart)))),
    image.stamp,
  );
  return sealed;
}

/** The index: an Arrow stream of its own, one row an image. */
export function encodeIndex(entries: readonly IndexEntry[]): Uint8Array {
  const ranges = RANGE_COLUMNS.map((spec) => {
    const values = BigInt64Array.from(entries, (entry) => BigInt(entry[spec.key]));
    return fixedPart(spec, values, entries.length, 'float64');
  });
  return encodeTable([...summaryParts(entries.map(({ summary }) => summary)), ...ranges], null, true);
}

function imageParts({ summary, rois, gts }: RunImage, manifest: RunManifest): Part[] {
  const { precision, ohemRun } = manifest;
  const roiParts = roiColumns(manifest).map((spec) => fixedPart(spec, rois[spec.key], rois.numRois, precision));
  const gtParts = GT_COLUMNS.map((spec) => fixedPart(spec, gts[spec.key], gts.numGts, precision));
  const lists = [listPart(ROIS, roiParts, rois.numRois), listPart(GTS, gtParts, gts.numGts)];
  return [
    ...summaryParts([summary]),
    ...lists,
    ...(ohemRun === 1 ? [] : [restPart([...(rois.rests?.values() ?? [])])]),
  ];
}

function restPart(rests: readonly RoiRest[]): Part {
  const parts = REST_COLUMNS.map((spec) => {
    const values = Float64Array.from(rests.flatMap((rest) => valuesOf(rest[spec.key])));
    return fixedPart(spec, values, rests.length, 'float64');
  });
  return listPart(REST, parts, rests.length);
}

function valuesOf(value: number | Int32Array): number[] {
  return typeof value === 'number' ? [value] : [...value];
}

function summaryParts(summaries: readonly ImageSummary[]): Part[] {
  return SUMMARY_COLUMNS.map((spec) => {
    const values = summaries.map((summary) => summary[spec.key]);
    if (spec.storage === 'utf8') return textPart(spec.name, values.map(String));
    const numbers = Float64Array.from(values, Number);
    return fixedPart(spec, numbers, summaries.length, 'float64');
  });
}

/** A column of numbers: `stride` values a row. */
function fixedPart(spec: ColumnSpec<string>, values: ColumnArray, numRows: number, precision: Precision): Part {
  if (spec.storage === 'utf8') throw new TypeError(`${spec.name} holds text`);
  const storage = fixedStorage(spec.storage, precision);
  const type = TYPES[storage]();
  const stride = spec.stride ?? 1;
  const numbers = convert(values, storage).subarray(0, numRows * stride);
  const leaf = batchOf(type, numRows * stride, { values: numbers });
  if (spec.stride === undefined) return part(spec.name, type, leaf);
  const listType = fixedSizeList(fieldOf('item', type), stride);
  return part(spec.name, listType, batchOf(listType, numRows, { children: [leaf] }));
}

function convert(values: ColumnArray, storage: keyof typeof COLUMN_ARRAYS): ColumnArray {
  const ArrayType = COLUMN_ARRAYS[storage];
  if (values instanceof ArrayType) return values;
  if (values instanceof BigInt64Array || ArrayType === BigInt64Array) throw new TypeError(`a column is not ${storage}`);
  return (ArrayType as Exclude<typeof ArrayType, BigInt64ArrayConstructor>).from(values);
}

function textPart(name: string, texts: readonly string[]): Part {
  const encoder = new TextEncoder();
  const pieces = texts.map((text) => encoder.encode(text));
  const offsets = new Int32Array(texts.length + 1);
  pieces.forEach((piece, i) => (offsets[i + 1] = offsets[i] + piece.byteLength));
  const values = new Uint8Array(offsets[texts.length]);
  pieces.forEach((piece, i) => values.set(piece, offsets[i]));
  return part(name, utf8(), batchOf(utf8(), texts.length, { offsets, values }));
}

/** One row that holds all rows of `parts`. */
function listPart(name: string, parts: readonly Part[], numRows: number): Part {
  const rowType = struct(parts.map(({ field }) => field));
  const rows = batchOf(rowType, numRows, { children: parts.map(({ batch }) => batch) });
  const type = list(fieldOf('item', rowType));
  return part(name, type, batchOf(type, 1, { offsets: Int32Array.of(0, numRows), children: [rows] }));
}

type Buffers = Pick<ConstructorParameters<typeof Batch>[0], 'values' | 'offsets' | 'children'>;

function batchOf(type: DataType, length: number, buffers: Buffers): Batch<unknown> {
  return new Batch({ type, length, nullCount: 0, validity: NO_NULLS, ...buffers });
}

function part(name: string, type: DataType, batch: Batch<unknown>): Part {
  return { field: fieldOf(name, type), batch };
}

function fieldOf(name: string, type: DataType): Field {
  return { name, type, nullable: false, metadata: new Map() };
}

function encodeTable(parts: readonly Part[], metadata: Map<string, string> | null, withRows: boolean): Uint8Array {
  const fields = parts.map(({ field }) => field);
  const schema = { version: Version.V5, endianness: Endianness.Little, fields, metadata };
  const columns = parts.map(({ field, batch }) => new Column(withRows ? [batch] : [], field.type));
  const bytes = tableToIPC(new Table(schema, columns), { format: 'stream' });
  if (bytes === null) throw new TypeError('flechette gave no bytes');
  return bytes;
}
