/**
 * Writes the messages of a run file: the schema with flechette, record batches by hand, since its builders take one
 * JavaScript object a row and its writer encodes the schema anew for each (docs/adr/0005).
 */
import type { DataType, Field } from '@uwdata/flechette';
import {
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
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import type { RoiRest } from '../core/roi-rest.js';
import type { GtTable, Precision, RoiTable } from '../core/tables.js';
import { BatchWriter } from './batch-writer.js';
import { manifestSum, sealLength, writeSeal, writeSealOfExamples } from './checksum.js';
import { COLUMN_ARRAYS, fixedStorage, type ColumnArray } from './column-types.js';
import { END_OF_STREAM, metadataLength, PREFIX_BYTES } from './ipc-message.js';
import { checkExample } from './known-of-examples.js';
import type { ByteRange, ColumnSpec, SummaryKey } from './run-columns.js';
import {
  CHECKSUM_KEY,
  GTS,
  MANIFEST_KEY,
  RANGE_COLUMNS,
  REST,
  REST_COLUMNS,
  ROIS,
  rowFormat,
  type RowFormat,
} from './run-columns.js';

/** One image of a run: a row of the file. */
export interface RunImage {
  readonly summary: ImageSummary;
  /** RoIs of this image alone. */
  readonly rois: RoiTable;
  readonly gts: GtTable;
  /** The file with the pixels as it was when they were measured; absent: unknown. */
  readonly stamp?: FileStamp;
}

/** An image's summary and the place of its record batch, which examples share. */
export type IndexEntry = ByteRange & { readonly summary: ImageSummary };

const TYPES = { uint8, int16, int32, int64, float32, float64 } as const;

/** The schema message: first bytes of a run file, with the manifest and its checksum inside. */
export function encodeSchema(manifest: RunManifest): Uint8Array {
  const { precision } = manifest;
  const { summary, rois, gts, hasRest } = rowFormat(manifest);
  const json = JSON.stringify(manifest);
  const metadata = new Map([
    [MANIFEST_KEY, json],
    [CHECKSUM_KEY, manifestSum(json)],
  ]);
  const lists: readonly (readonly [string, readonly ColumnSpec<string>[]])[] = [
    [ROIS, rois],
    [GTS, gts],
    ...(hasRest ? [[REST, REST_COLUMNS] as const] : []),
  ];
  const fields = lists.map(([name, columns]) =>
    fieldOf(name, list(fieldOf('item', struct(columns.map((spec) => columnField(spec, precision)))))),
  );
  return schemaMessage([...summary.map((spec) => columnField(spec, precision)), ...fields], metadata);
}

/**
 * One record batch message of one row.
 * @param image real columns are converted where they differ from the manifest's precision.
 * @param imageIndex place in the run, for the seal; null: without a seal, for a run that was begun without.
 */
export function encodeImage(image: RunImage, manifest: RunManifest, imageIndex: number | null = 0): Uint8Array {
  if (rowFormat(manifest).isOfExamples) return encodeExamples([image], manifest, imageIndex ?? 0);
  const { writer, summaryLength } = writeImages([image], manifest);
  if (imageIndex === null) return writer.finish(1);
  const sealed = writer.finish(1, sealLength(null));
  writeSeal(sealed, imageIndex, PREFIX_BYTES + metadataLength(sealed) + summaryLength, image.stamp);
  return sealed;
}

/**
 * One record batch message of many rows, for a run of examples.
 * @param images at least one, as of `encodeImage`.
 * @param imageIndex place of the first in the run.
 * @throws TypeError where one is no example (docs/adr/0028).
 */
export function encodeExamples(images: readonly RunImage[], manifest: RunManifest, imageIndex: number): Uint8Array {
  const format = rowFormat(manifest);
  for (const image of images) checkExample(image, format);
  const { writer, summaryLength } = writeImages(images, manifest);
  const sealed = writer.finish(images.length, sealLength(images.length));
  const stamps = images.map(({ stamp }) => stamp);
  writeSealOfExamples(sealed, imageIndex, PREFIX_BYTES + metadataLength(sealed) + summaryLength, stamps);
  return sealed;
}

/** @returns the batch to its last column, and bytes of its body up to its last summary column. */
function writeImages(images: readonly RunImage[], manifest: RunManifest) {
  const { precision } = manifest;
  const format = rowFormat(manifest);
  const writer = new BatchWriter();
  const summaries = images.map(({ summary }) => summary);
  writeSummaries(writer, summaries, format.summary);
  const { length: summaryLength } = writer;
  const [rois, gts] = [images.map((image) => image.rois), images.map((image) => image.gts)];
  const numRois = writer.openList(rois.map((table) => table.numRois));
  for (const spec of format.rois) writer.numbers(spec, joined(rois, spec, precision), numRois, precision);
  const numGts = writer.openList(gts.map((table) => table.numGts));
  for (const spec of format.gts) writer.numbers(spec, joined(gts, spec, precision), numGts, precision);
  if (format.hasRest) writeRests(writer, [...(rois[0]?.rests?.values() ?? [])]);
  return { writer, summaryLength };
}

/** A column of several tables; of one without a copy. */
function joined<Key extends string>(
  tables: readonly Readonly<Record<Key, ColumnArray>>[],
  { key, storage }: ColumnSpec<Key>,
  precision: Precision,
): ColumnArray {
  const parts = tables.map((table) => table[key]);
  if (parts.length === 1) return parts[0];
  const ArrayType = COLUMN_ARRAYS[storage === 'utf8' ? 'uint8' : fixedStorage(storage, precision)];
  const all = new ArrayType(parts.reduce((sum, { length }) => sum + length, 0)) as Float64Array;
  let at = 0;
  for (const part of parts) {
    all.set(part as Float64Array, at);
    at += part.length;
  }
  return all;
}

/** The index: an Arrow stream of its own, one row an image. */
export function encodeIndex(entries: readonly IndexEntry[], { summary }: RowFormat): Uint8Array {
  const fields = [...summary, ...RANGE_COLUMNS].map((spec) => columnField(spec, 'float64'));
  const writer = new BatchWriter();
  writeSummaries(
    writer,
    entries.map((entry) => entry.summary),
    summary,
  );
  for (const spec of RANGE_COLUMNS) {
    const values = BigInt64Array.from(entries, (entry) => BigInt(entry[spec.key]));
    writer.numbers(spec, values, entries.length, 'float64');
  }
  const parts = [schemaMessage(fields, null), writer.finish(entries.length), END_OF_STREAM];
  const bytes = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.byteLength;
  }
  return bytes;
}

function writeSummaries(
  writer: BatchWriter,
  summaries: readonly ImageSummary[],
  columns: readonly ColumnSpec<SummaryKey>[],
): void {
  for (const spec of columns) {
    if (spec.storage === 'utf8') writer.texts(summaries.map((summary) => String(summary[spec.key])));
    else
      writer.numbers(
        spec,
        summaries.map((summary) => Number(summary[spec.key])),
        summaries.length,
        'float64',
      );
  }
}

function writeRests(writer: BatchWriter, rests: readonly RoiRest[]): void {
  writer.openList([rests.length]);
  for (const spec of REST_COLUMNS) {
    const values = rests.flatMap((rest) => valuesOf(rest[spec.key]));
    writer.numbers(spec, values, rests.length, 'float64');
  }
}

function valuesOf(value: number | Int32Array): number[] {
  return typeof value === 'number' ? [value] : [...value];
}

function columnField({ name, storage, stride }: ColumnSpec<string>, precision: Precision): Field {
  if (storage === 'utf8') return fieldOf(name, utf8());
  const type = TYPES[fixedStorage(storage, precision)]();
  return fieldOf(name, stride === undefined ? type : fixedSizeList(fieldOf('item', type), stride));
}

function fieldOf(name: string, type: DataType): Field {
  return { name, type, nullable: false, metadata: new Map() };
}

function schemaMessage(fields: readonly Field[], metadata: Map<string, string> | null): Uint8Array {
  const schema = { version: Version.V5, endianness: Endianness.Little, fields: [...fields], metadata };
  const columns = fields.map(({ type }) => new Column([], type));
  const bytes = tableToIPC(new Table(schema, columns), { format: 'stream' });
  if (bytes === null) throw new TypeError('flechette gave no bytes');
  return bytes.subarray(0, bytes.byteLength - END_OF_STREAM.byteLength);
}
