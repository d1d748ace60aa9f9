/** Finds the images of a run file: by its index where the run was finished, else message by message. */
import type { FileHandle } from 'node:fs/promises';
import { decodeIndex, decodeManifest, decodeSummary, summaryBodyLength } from '../../arrow/decode-run.js';
import type { IndexEntry } from '../../arrow/encode-run.js';
import { END_OF_STREAM, metadataLength, PREFIX_BYTES, readHeader } from '../../arrow/ipc-message.js';
import { MiningError } from '../../core/mining-error.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';

/** Last bytes of a finished run: offset and length of the index, then these eight. */
const MAGIC = new TextEncoder().encode('OHEMIDX1');
export const TRAILER_BYTES = 16 + MAGIC.byteLength;
/** Covers prefix, metadata and summary of most images in one read. */
const LOOK_BYTES = 4096;

export interface RunScan {
  readonly manifest: RunManifest;
  readonly schemaBytes: Uint8Array;
  readonly entries: readonly IndexEntry[];
  /** End of the last whole image: where a resumed run goes on. */
  readonly end: number;
  /** The run was finished: its end-of-stream marker stands behind the last image. */
  readonly complete: boolean;
}

/**
 * @throws MiningError 'run-file' when it is no run file, or damaged otherwise than by a cut.
 * Cost: one read for a finished run, one an image otherwise.
 */
export async function scanRun(handle: FileHandle): Promise<RunScan> {
  const { size } = await handle.stat();
  const schemaBytes = await readSchemaBytes(handle, size);
  const base = { manifest: decodeManifest(schemaBytes), schemaBytes };
  const entries = await readIndex(handle, size, schemaBytes.byteLength);
  if (entries !== null) return { ...base, entries, end: entries.at(-1)?.end ?? schemaBytes.byteLength, complete: true };
  return { ...base, ...(await scanMessages(handle, size, schemaBytes.byteLength)) };
}

/** The bytes that follow the last image of a finished run. */
export function encodeEnding(index: Uint8Array, end: number): Uint8Array {
  const bytes = new Uint8Array(END_OF_STREAM.byteLength + index.byteLength + TRAILER_BYTES);
  bytes.set(END_OF_STREAM);
  bytes.set(index, END_OF_STREAM.byteLength);
  const trailer = new DataView(bytes.buffer, bytes.byteLength - TRAILER_BYTES);
  trailer.setBigUint64(0, BigInt(end + END_OF_STREAM.byteLength), true);
  trailer.setBigUint64(8, BigInt(index.byteLength), true);
  bytes.set(MAGIC, bytes.byteLength - MAGIC.byteLength);
  return bytes;
}

/** Bytes [start, end) of a file, in a buffer of their own. @throws MiningError when the file is shorter. */
export async function readExactly(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled);
    if (bytesRead === 0) throw damaged(start + filled, `${end - start - filled} more bytes`, 'the end of the file');
    filled += bytesRead;
  }
  return bytes;
}

async function readSchemaBytes(handle: FileHandle, size: number): Promise<Uint8Array> {
  const notArrow = (received: string) =>
    new MiningError('run-file', 'first bytes', 'a run file (*.ohem, an Arrow stream)', received);
  if (size < PREFIX_BYTES) throw notArrow(`${size} bytes`);
  const prefix = await readExactly(handle, 0, PREFIX_BYTES);
  const length = tryRead(() => metadataLength(prefix));
  if (length === null || length === 0) throw notArrow('another kind of file');
  if (PREFIX_BYTES + length > size) throw notArrow('a schema that is cut short');
  return readExactly(handle, 0, PREFIX_BYTES + length);
}

/** The index, or null where there is none or it does not describe this file: it is a cache. */
async function readIndex(handle: FileHandle, size: number, schemaEnd: number): Promise<IndexEntry[] | null> {
  if (size < schemaEnd + END_OF_STREAM.byteLength + TRAILER_BYTES) return null;
  const trailer = await readExactly(handle, size - TRAILER_BYTES, size);
  if (MAGIC.some((byte, i) => trailer[16 + i] !== byte)) return null;
  const view = new DataView(trailer.buffer);
  const offset = Number(view.getBigUint64(0, true));
  const length = Number(view.getBigUint64(8, true));
  if (offset < schemaEnd || offset + length + TRAILER_BYTES !== size) return null;
  const bytes = await readExactly(handle, offset, offset + length);
  const entries = tryRead(() => decodeIndex(bytes));
  return entries !== null && fits(entries, schemaEnd, offset - END_OF_STREAM.byteLength) ? entries : null;
}

/** Images follow each other without a gap, from the schema to the end of the stream. */
function fits(entries: readonly IndexEntry[], schemaEnd: number, streamEnd: number): boolean {
  let at = schemaEnd;
  for (const { start, end } of entries) {
    if (start !== at || end <= start) return false;
    at = end;
  }
  return at === streamEnd;
}

async function scanMessages(handle: FileHandle, size: number, schemaEnd: number) {
  const entries: IndexEntry[] = [];
  for (;;) {
    const start = entries.at(-1)?.end ?? schemaEnd;
    const found = await scanMessage(handle, size, start);
    if (found === 'cut' || found === 'end-of-stream')
      return { entries, end: start, complete: found === 'end-of-stream' };
    entries.push(found);
  }
}

async function scanMessage(
  handle: FileHandle,
  size: number,
  start: number,
): Promise<IndexEntry | 'cut' | 'end-of-stream'> {
  if (start + PREFIX_BYTES > size) return 'cut';
  const look = await readExactly(handle, start, Math.min(size, start + LOOK_BYTES));
  // A file system that lost power leaves zeros where the data did not arrive.
  if (look.every((byte) => byte === 0)) return 'cut';
  const length = tryRead(() => metadataLength(look));
  if (length === null) throw damaged(start, 'an Arrow message', 'other bytes');
  if (length === 0) return 'end-of-stream';
  const bodyStart = start + PREFIX_BYTES + length;
  if (bodyStart > size) return 'cut';
  const upTo = (end: number) =>
    end - start <= look.byteLength ? look.subarray(0, end - start) : readExactly(handle, start, end);
  const metadata = (await upTo(bodyStart)).subarray(PREFIX_BYTES);
  const header = tryRead(() => readHeader(metadata));
  if (header === null) throw damaged(start, 'an Arrow message', 'damaged metadata');
  const end = bodyStart + header.bodyLength;
  if (end > size) return 'cut';
  const body = (await upTo(bodyStart + summaryBodyLength(metadata))).subarray(PREFIX_BYTES + length);
  return { start, end, summary: decodeSummary(metadata, body) };
}

function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof MiningError) return null;
    throw error;
  }
}

function damaged(at: number, expected: string, received: string): MiningError {
  return new MiningError('run-file', `byte ${at}`, expected, received);
}
