/** What stands behind the last image of a finished run: end of the stream, index, trailer. */
import type { FileHandle } from 'node:fs/promises';
import { xxh32 } from '../../arrow/checksum.js';
import { decodeIndex } from '../../arrow/decode-run.js';
import type { IndexEntry } from '../../arrow/encode-run.js';
import { END_OF_STREAM } from '../../arrow/ipc-message.js';
import { readExactly, tryRead } from './read-bytes.js';

/** A trailer: offset and length of the index, uint64 each, XXH32 of index and these two, zeros, then this. */
const MAGIC = 'OHEMIDX2';
const TRAILER_BYTES = 32;
/** Of runs without checksums: offset, length, this. */
const OLD_MAGIC = 'OHEMIDX1';
const OLD_TRAILER_BYTES = 24;

/**
 * The bytes that follow the last image.
 * @param end of the last image.
 */
export function encodeEnding(index: Uint8Array, end: number): Uint8Array {
  const bytes = new Uint8Array(END_OF_STREAM.byteLength + index.byteLength + TRAILER_BYTES);
  bytes.set(END_OF_STREAM);
  bytes.set(index, END_OF_STREAM.byteLength);
  const at = bytes.byteLength - TRAILER_BYTES;
  const trailer = new DataView(bytes.buffer, at);
  trailer.setBigUint64(0, BigInt(end + END_OF_STREAM.byteLength), true);
  trailer.setBigUint64(8, BigInt(index.byteLength), true);
  trailer.setUint32(16, xxh32(bytes.subarray(END_OF_STREAM.byteLength, at + 16)), true);
  bytes.set(new TextEncoder().encode(MAGIC), at + 24);
  return bytes;
}

export interface RunIndex {
  readonly entries: readonly IndexEntry[];
  /** The bytes around it, which only other readers look at, are as they were written, too. */
  readonly isEndWhole: boolean;
}

/**
 * The index, or null where there is none, it has changed, or it does not describe this file: it is a cache.
 * @param isShared images may lie in one record batch.
 */
export async function readIndex(
  handle: FileHandle,
  size: number,
  schemaEnd: number,
  isShared: boolean,
): Promise<RunIndex | null> {
  if (size < schemaEnd + END_OF_STREAM.byteLength + OLD_TRAILER_BYTES) return null;
  const magic = new TextDecoder('latin1').decode(await readExactly(handle, size - 8, size));
  if (magic !== MAGIC && magic !== OLD_MAGIC) return null;
  const trailerAt = size - (magic === MAGIC ? TRAILER_BYTES : OLD_TRAILER_BYTES);
  const view = new DataView((await readExactly(handle, trailerAt, size)).buffer);
  const offset = Number(view.getBigUint64(0, true));
  const length = Number(view.getBigUint64(8, true));
  const streamEnd = offset - END_OF_STREAM.byteLength;
  if (streamEnd < schemaEnd || offset + length !== trailerAt) return null;
  const summed = await readExactly(handle, offset, trailerAt + 16);
  if (magic === MAGIC && xxh32(summed) !== view.getUint32(16, true)) return null;
  const entries = tryRead(() => decodeIndex(summed.subarray(0, length)));
  if (entries === null || !fits(entries, schemaEnd, streamEnd, isShared)) return null;
  const mark = await readExactly(handle, streamEnd, offset);
  const isMarked = mark.every((byte, i) => byte === END_OF_STREAM[i]);
  return { entries, isEndWhole: isMarked && (magic === OLD_MAGIC || view.getUint32(20, true) === 0) };
}

/** Images follow each other without a gap, from the schema to the end of the stream. */
function fits(entries: readonly IndexEntry[], schemaEnd: number, streamEnd: number, isShared: boolean): boolean {
  let [from, at] = [NaN, schemaEnd];
  for (const { start, end } of entries) {
    if (isShared && start === from && end === at) continue;
    if (start !== at || end <= start) return false;
    [from, at] = [start, end];
  }
  return at === streamEnd;
}
