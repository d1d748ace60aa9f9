/**
 * Reads the messages of a run file without Node and without the Arrow library: flechette's reader believes the lengths
 * it finds, and a run file may come from anywhere (docs/adr/0005). Columns are views of the bytes.
 */
import { MiningError, show } from '../core/mining-error.js';
import { said } from '../core/said.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { BatchReader, summaryLength } from './batch-reader.js';
import { checkSeal, manifestSum } from './checksum.js';
import { runSignature } from './column-types.js';
import { imageOf, readBatch, readSummaries, type ImageBatch } from './decode-batch.js';
import type { RunImage } from './encode-run.js';
import type { BatchLayout, MessageHeader } from './ipc-message.js';
import { metadataLength, PREFIX_BYTES, readBatchLayout, readHeader, readSchema } from './ipc-message.js';
import type { RowFormat } from './run-columns.js';
import { CHECKSUM_KEY, MANIFEST_KEY, rowFormat } from './run-columns.js';
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
  const sealed = checkManifestSum(json, metadata);
  if (!sealed && rowFormat(manifest).isOfExamples)
    throw new MiningError('run-file', 'schema', said`the keys ${MANIFEST_KEY} and ${CHECKSUM_KEY}`, show(MANIFEST_KEY));
  const schema = { manifest, sealed };
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

/** Of examples: whoever reads one reads those beside it next. */
const batches = new WeakMap<Uint8Array, ImageBatch>();

/**
 * One image: views of `batchBytes` where they start at a multiple of 8 bytes of their buffer, else of one copy.
 * `imageIndex` columns are 0.
 * @param batchBytes its record batch; examples share one, which is read once for each array of bytes.
 * @param row of the image in it.
 * @throws MiningError 'run-file' when the bytes are no image of that run.
 */
export function decodeImage(schemaBytes: Uint8Array, batchBytes: Uint8Array, row = 0): RunImage {
  const batch = batches.get(batchBytes) ?? decodeBatch(schemaBytes, batchBytes);
  if (batch.summaries.length > 1) batches.set(batchBytes, batch);
  return guard('image', () => {
    if (row >= batch.summaries.length) throw new RangeError(`row ${row} of ${batch.summaries.length}`);
    return imageOf(batch, row);
  });
}

function decodeBatch(schemaBytes: Uint8Array, batchBytes: Uint8Array): ImageBatch {
  const { manifest, sealed } = decodeSchema(schemaBytes);
  return guard('image', () => {
    const bytes = aligned(batchBytes);
    const { header, body, length } = splitMessage(bytes);
    const layout = readBatchLayout(header);
    const numRows = numImages(layout, rowFormat(manifest));
    const stamps = sealed ? checkSeal(bytes.subarray(0, length), numRows).stamps : [];
    return readBatch(new BatchReader(layout, body), manifest, numRows, stamps);
  });
}

/** Images of a record batch. @throws RangeError where there is none. */
function numImages({ numRows }: BatchLayout, { isOfExamples }: RowFormat): number {
  if (numRows === 0) throw new RangeError('no image');
  return isOfExamples ? numRows : 1;
}

/** Bytes of a batch's body that `decodeSummaries` needs. @throws MiningError 'run-file' */
export function summaryBodyLength(schemaBytes: Uint8Array, metadata: Uint8Array): number {
  const { summary } = rowFormat(decodeManifest(schemaBytes));
  return guard('image', () => summaryLength(readBatchLayout(readHeader(metadata)), summary));
}

/**
 * The summaries of a batch's images from its metadata and the first `summaryBodyLength` bytes of its body. @throws
 * MiningError 'run-file'
 */
export function decodeSummaries(schemaBytes: Uint8Array, metadata: Uint8Array, body: Uint8Array): ImageSummary[] {
  const format = rowFormat(decodeManifest(schemaBytes));
  return guard('image', () => {
    const layout = readBatchLayout(readHeader(metadata));
    return readSummaries(new BatchReader(layout, aligned(body)), format, numImages(layout, format));
  });
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
