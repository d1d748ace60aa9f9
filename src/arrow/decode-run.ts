/**
 * Reads the messages of a run file without Node and without the Arrow library: flechette's reader believes the lengths
 * it finds, and a run file may come from anywhere (docs/adr/0005). Columns are views of the bytes.
 */
import { MiningError, show } from '../core/mining-error.js';
import { said } from '../core/said.js';
import { roiBoxOf } from '../core/facts/run-manifest.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { numUnkept, type RoiRest } from '../core/roi-rest.js';
import { IGNORE, NONE } from '../core/tables.js';
import type { GtTable, RoiTable } from '../core/tables.js';
import { BatchReader, summaryLength } from './batch-reader.js';
import { checkSeal, manifestSum } from './checksum.js';
import { indexSignature, runSignature } from './column-types.js';
import type { ColumnArray } from './column-types.js';
import type { IndexEntry, RunImage } from './encode-run.js';
import type { MessageHeader } from './ipc-message.js';
import { metadataLength, PREFIX_BYTES, readBatchLayout, readHeader, readSchema } from './ipc-message.js';
import type { ByteRange, ColumnSpec, RoiKey } from './run-columns.js';
import {
  CHECKSUM_KEY,
  GT_COLUMNS,
  MANIFEST_KEY,
  RANGE_COLUMNS,
  REST_COLUMNS,
  roiColumns,
  SUMMARY_COLUMNS,
} from './run-columns.js';
import { parseManifest } from './run-manifest-schema.js';

/** What a schema message says. */
interface RunSchema {
  readonly manifest: RunManifest;
  /** Its images end with a seal. Older files have none: damage of their numbers cannot be told. */
  readonly sealed: boolean;
}

const schemas = new WeakMap<Uint8Array, RunSchema>();

/** @throws MiningError 'run-file' as `decodeSchema` */
export function decodeManifest(schemaBytes: Uint8Array): RunManifest {
  return decodeSchema(schemaBytes).manifest;
}

/**
 * The manifest inside a schema message, and whether the run has checksums; read once for each array of bytes.
 * @throws MiningError 'run-file' when the bytes are no schema of a run file, or are damaged.
 */
export function decodeSchema(schemaBytes: Uint8Array): RunSchema {
  const known = schemas.get(schemaBytes);
  if (known !== undefined) return known;
  const { signature, metadata } = guard('schema', () => readSchema(splitMessage(schemaBytes).header));
  const json = metadata.get(MANIFEST_KEY);
  if (json === undefined)
    throw new MiningError(
      'run-file',
      'schema',
      said`the metadata key "${MANIFEST_KEY}" of a run`,
      'another Arrow stream',
    );
  const manifest = parseManifest(json);
  if (signature !== runSignature(manifest)) {
    throw new MiningError(
      'run-file',
      'schema',
      said`the columns of a run, version ${manifest.ohemRun}`,
      'other columns',
    );
  }
  const schema = { manifest, sealed: checkManifestSum(json, metadata) };
  schemas.set(schemaBytes, schema);
  return schema;
}

/** @returns whether there is a checksum. A key that is none of ours is damaged: it must not pass for an old file. */
function checkManifestSum(json: string, metadata: ReadonlyMap<string, string>): boolean {
  const sum = metadata.get(CHECKSUM_KEY);
  const stranger = [...metadata.keys()].find((key) => key !== MANIFEST_KEY && key !== CHECKSUM_KEY);
  if (stranger !== undefined)
    throw new MiningError('run-file', 'schema', said`the keys ${MANIFEST_KEY} and ${CHECKSUM_KEY}`, show(stranger));
  if (sum === undefined) return false;
  if (sum !== manifestSum(json)) throw new MiningError('run-file', 'schema', said`the checksum ${show(sum)}`, 'damage');
  return true;
}

/**
 * One image: views of `batchBytes` where they start at a multiple of 8 bytes of their buffer, else of one copy.
 * `imageIndex` columns are 0.
 * @throws MiningError 'run-file' when the bytes are no image of that run.
 */
export function decodeImage(schemaBytes: Uint8Array, batchBytes: Uint8Array): RunImage {
  const { manifest, sealed } = decodeSchema(schemaBytes);
  return guard('image', () => {
    const bytes = aligned(batchBytes);
    const { header, body, length } = splitMessage(bytes);
    const stamp = sealed ? checkSeal(bytes.subarray(0, length)).stamp : null;
    const reader = new BatchReader(readBatchLayout(header), body);
    const [summary] = readSummaries(reader, 1);
    const rois = readRois(reader, manifest);
    const gts = readGts(reader);
    const rest = manifest.ohemRun === 1 ? null : readRest(reader);
    checkIndices(rois, gts);
    checkKept(rois, rest, summary.numRois);
    if (summary.numGts !== gts.numGts) throw new RangeError('counts that differ from the rows');
    return {
      summary,
      rois: rest === null ? rois : { ...rois, rests: new Map([[0, rest]]) },
      gts,
      ...(stamp === null ? {} : { stamp }),
    };
  });
}

/** Bytes of a batch's body that `decodeSummary` needs. @throws MiningError 'run-file' */
export function summaryBodyLength(metadata: Uint8Array): number {
  return guard('image', () => summaryLength(readBatchLayout(readHeader(metadata))));
}

/**
 * The summary of an image from its metadata and the first `summaryBodyLength` bytes of its body. @throws MiningError
 * 'run-file'
 */
export function decodeSummary(metadata: Uint8Array, body: Uint8Array): ImageSummary {
  return guard('image', () => {
    const reader = new BatchReader(readBatchLayout(readHeader(metadata)), aligned(body));
    const [summary] = readSummaries(reader, 1);
    return summary;
  });
}

/** @throws MiningError 'run-file' */
export function decodeIndex(bytes: Uint8Array): IndexEntry[] {
  return guard('index', () => {
    const stream = aligned(bytes);
    const schema = splitMessage(stream);
    if (readSchema(schema.header).signature !== indexSignature()) throw new RangeError('other columns');
    const { header, body } = splitMessage(stream.subarray(schema.length));
    const layout = readBatchLayout(header);
    // Every row has 8 bytes of `start` and of `end`: a count beyond that is damage.
    if (layout.numRows > body.byteLength / 16) throw new RangeError(`${layout.numRows} rows`);
    const reader = new BatchReader(layout, body);
    const summaries = readSummaries(reader, layout.numRows);
    const ranges = readRecords<ByteRange>(reader, RANGE_COLUMNS, layout.numRows);
    return ranges.map(({ start, end }, i) => ({ start, end, summary: summaries[i] }));
  });
}

function readSummaries(reader: BatchReader, numRows: number): ImageSummary[] {
  return readRecords<ImageSummary>(reader, SUMMARY_COLUMNS, numRows);
}

/** Few columns of one value an image: the one place where rows become objects. */
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

function readRois(reader: BatchReader, manifest: RunManifest): RoiTable {
  const numRois = reader.openList();
  const columns = readColumns(reader, roiColumns(manifest), numRois, manifest);
  return {
    numRois,
    numClasses: manifest.classes.length,
    roiBox: roiBoxOf(manifest),
    imageIndex: new Int32Array(numRois),
    roiIndex: new Int32Array(numRois).map((_, row) => row),
    sampled: new Uint8Array(numRois).fill(1),
    ...(columns as unknown as Omit<Pick<RoiTable, RoiKey>, 'roiIndex' | 'sampled'>),
  };
}

function readGts(reader: BatchReader): GtTable {
  const numGts = reader.openList();
  const columns = readColumns(reader, GT_COLUMNS, numGts, { precision: 'float64' });
  return {
    numGts,
    imageIndex: new Int32Array(numGts),
    ...(columns as unknown as Omit<GtTable, 'numGts' | 'imageIndex'>),
  };
}

/** What is not kept of an image; null: nothing. */
function readRest(reader: BatchReader): RoiRest | null {
  const numRests = reader.openList();
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

/** Index columns of a damaged or foreign file must not lead out of the tables that they index. */
function checkIndices(rois: RoiTable, gts: GtTable): void {
  checkRange('pred_class', rois.predClass, NONE, rois.numClasses - 1);
  checkRange('gt_class', rois.gtClass, IGNORE, rois.numClasses);
  checkRange('gt_index', rois.gtIndex, NONE, gts.numGts - 1);
  checkRange('top_class', rois.topClass, NONE, rois.numClasses);
  checkRange('gts.gt_class', gts.gtClass, IGNORE, rois.numClasses - 1);
}

/** Rows in the order of all RoIs, and every RoI counted. */
function checkKept({ numRois, roiIndex, sampled }: RoiTable, rest: RoiRest | null, numAll: number): void {
  if (numRois + (rest === null ? 0 : numUnkept(rest)) !== numAll)
    throw new RangeError('counts that differ from the rows');
  checkRange('roi_index', roiIndex, 0, numAll - 1);
  for (let row = 1; row < numRois; row++)
    if (roiIndex[row] <= roiIndex[row - 1]) throw new RangeError(`roi_index ${roiIndex[row]} at row ${row}`);
  checkRange('sampled', sampled, 0, 1);
  if (rest === null) return;
  checkRange('rest', Int32Array.of(rest.numBackground, rest.numIgnored, rest.numInvalid), 0, numAll);
  checkRange('rest', rest.histogram, 0, numAll);
  checkRange('rest.first_index', Int32Array.of(rest.firstIndex), NONE, numAll - 1);
  if (!Number.isFinite(rest.maxLossCls + rest.maxLossLoc)) throw new RangeError('losses of the rest');
}

function checkRange(name: string, values: Int32Array | Int16Array | Uint8Array, min: number, max: number): void {
  for (let i = 0; i < values.length; i++) {
    if (values[i] < min || values[i] > max) throw new RangeError(`${name} ${values[i]} at row ${i}`);
  }
}

interface Message {
  readonly header: MessageHeader;
  readonly body: Uint8Array;
  /** Bytes of prefix, metadata and body. */
  readonly length: number;
}

function splitMessage(bytes: Uint8Array): Message {
  const bodyStart = PREFIX_BYTES + metadataLength(bytes);
  if (bodyStart === PREFIX_BYTES || bodyStart > bytes.byteLength) throw new RangeError('no whole message');
  const header = readHeader(bytes.subarray(PREFIX_BYTES, bodyStart));
  const length = bodyStart + header.bodyLength;
  if (length > bytes.byteLength) throw new RangeError(`a body of ${header.bodyLength} bytes, cut short`);
  return { header, body: bytes.subarray(bodyStart, length), length };
}

function aligned(bytes: Uint8Array): Uint8Array {
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

/** Makes a reader's RangeError a line for a person. */
function guard<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MiningError('run-file', where, 'a whole Arrow message', error.message);
  }
}
