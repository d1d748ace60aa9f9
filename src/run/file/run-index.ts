/** What stands behind the last image of a finished run: end of the stream, index, its checksums, trailer. */
import type { FileHandle } from 'node:fs/promises';
import { xxh32 } from '../../arrow/checksum.js';
import { IndexColumns, type ReadBytes } from '../../arrow/index-columns.js';
import { END_OF_STREAM } from '../../arrow/ipc-message.js';
import type { RowFormat } from '../../arrow/run-columns.js';
import { blockSums, BLOCK_BYTES, IndexSource } from './index-source.js';
import { IndexedImages, IndexedRanges } from './indexed-images.js';
import { readExactly, tryRead } from './read-bytes.js';

/**
 * A trailer: offset and length of the index, uint64 each; XXH32 of what stands between the index and here, which is the
 * XXH32 of each of its blocks, and of these two; zeros; then this.
 */
const MAGIC = 'OHEMIDX3';
const TRAILER_BYTES = 32;
/** The same with one XXH32 of index and these two. */
const WHOLE_MAGIC = 'OHEMIDX2';
/** Of runs without checksums: offset, length, this. */
const OLD_MAGIC = 'OHEMIDX1';
const OLD_TRAILER_BYTES = 24;

/** An index of so few bytes, some 15,000 images, is checked when the run is opened, and kept in memory. */
const FEW_BYTES = 4 << 20;

/**
 * The bytes that follow the last image.
 * @param end of the last image.
 */
export function encodeEnding(index: Uint8Array, end: number): Uint8Array {
  const sums = blockSums(index);
  const indexAt = END_OF_STREAM.byteLength;
  const sumsAt = indexAt + index.byteLength;
  const at = sumsAt + sums.byteLength;
  const bytes = new Uint8Array(at + TRAILER_BYTES);
  bytes.set(END_OF_STREAM);
  bytes.set(index, indexAt);
  bytes.set(new Uint8Array(sums.buffer), sumsAt);
  const trailer = new DataView(bytes.buffer, at);
  trailer.setBigUint64(0, BigInt(end + indexAt), true);
  trailer.setBigUint64(8, BigInt(index.byteLength), true);
  trailer.setUint32(16, xxh32(bytes.slice(sumsAt, at + 16)), true);
  bytes.set(new TextEncoder().encode(MAGIC), at + 24);
  return bytes;
}

export interface RunIndex {
  readonly images: IndexedImages;
  readonly ranges: IndexedRanges;
  /** What is read of the file only when it is asked for; null: nothing. */
  readonly source: IndexSource | null;
  /** The bytes around it, which only other readers look at, are as they were written, too. */
  readonly isEndWhole: boolean;
}

export interface IndexPlace {
  readonly handle: FileHandle;
  readonly path: string;
  /** Of the file. */
  readonly size: number;
  /** Where the first image begins. */
  readonly schemaEnd: number;
  /** Of its rows. */
  readonly format: RowFormat;
}

/**
 * The index, or null where there is none, it has changed, or it does not describe this file: it is a cache.
 * @param isChecked all of it is read and checked; else, where it is large, each part when it is asked for.
 */
export async function readIndex(place: IndexPlace, isChecked: boolean): Promise<RunIndex | null> {
  const trailer = await readTrailer(place);
  if (trailer === null) return null;
  const { handle, path, schemaEnd, format } = place;
  const opened = await openBytes(place, trailer, isChecked);
  if (opened === null) return null;
  const { read, source } = opened;
  const streamEnd = trailer.offset - END_OF_STREAM.byteLength;
  const lists = tryRead(() => {
    const columns = IndexColumns.open(read, trailer.length, format);
    const ranges = new IndexedRanges(columns, schemaEnd, streamEnd, { path, isShared: format.isOfExamples });
    if (opened.isChecked) columns.check();
    const fits = ranges.isAtEnds && (!opened.isChecked || ranges.every(() => true));
    return fits ? { images: new IndexedImages(columns), ranges } : null;
  });
  if (lists === null) return null;
  const mark = await readExactly(handle, streamEnd, trailer.offset);
  const isMarked = mark.every((byte, i) => byte === END_OF_STREAM[i]);
  return { ...lists, source, isEndWhole: isMarked && trailer.isPadded };
}

interface Trailer {
  readonly magic: string;
  /** Where it begins. */
  readonly at: number;
  readonly offset: number;
  readonly length: number;
  /** null: a run without checksums. */
  readonly sum: number | null;
  readonly isPadded: boolean;
}

async function readTrailer({ handle, size, schemaEnd }: IndexPlace): Promise<Trailer | null> {
  if (size < schemaEnd + END_OF_STREAM.byteLength + OLD_TRAILER_BYTES) return null;
  const magic = new TextDecoder('latin1').decode(await readExactly(handle, size - 8, size));
  if (magic !== MAGIC && magic !== WHOLE_MAGIC && magic !== OLD_MAGIC) return null;
  const isOld = magic === OLD_MAGIC;
  const at = size - (isOld ? OLD_TRAILER_BYTES : TRAILER_BYTES);
  const view = new DataView((await readExactly(handle, at, size)).buffer);
  const offset = Number(view.getBigUint64(0, true));
  const length = Number(view.getBigUint64(8, true));
  const numSums = magic === MAGIC ? Math.ceil(length / BLOCK_BYTES) : 0;
  if (offset - END_OF_STREAM.byteLength < schemaEnd || offset + length + 4 * numSums !== at) return null;
  const facts = { magic, at, offset, length };
  if (isOld) return { ...facts, sum: null, isPadded: true };
  return { ...facts, sum: view.getUint32(16, true), isPadded: view.getUint32(20, true) === 0 };
}

interface OpenBytes {
  readonly read: ReadBytes;
  readonly source: IndexSource | null;
  /** All of it was read. */
  readonly isChecked: boolean;
}

/** The bytes of an index; null where they have changed. */
async function openBytes(place: IndexPlace, trailer: Trailer, isChecked: boolean): Promise<OpenBytes | null> {
  const { handle, path } = place;
  const { magic, at, offset, length, sum } = trailer;
  const summed = await readExactly(handle, magic === MAGIC ? offset + length : offset, at + 16);
  if (sum !== null && xxh32(summed) !== sum) return null;
  const isWhole = magic !== MAGIC;
  if (isWhole && length <= FEW_BYTES) return bytesOf(summed.subarray(0, length));
  const numSums = Math.ceil(length / BLOCK_BYTES);
  const sums = isWhole ? blockSums(summed.subarray(0, length)) : new Uint32Array(summed.buffer, 0, numSums);
  const source = new IndexSource(handle.fd, path, offset, length, sums);
  if (length <= FEW_BYTES) {
    const bytes = tryRead(() => source.all());
    return bytes === null ? null : bytesOf(bytes);
  }
  if (isChecked && !isWhole && tryRead(() => (source.check(), true)) === null) return null;
  return { read: source.read, source, isChecked: isChecked || isWhole };
}

function bytesOf(bytes: Uint8Array): OpenBytes {
  return { read: (start, end) => bytes.subarray(start, end), source: null, isChecked: true };
}
