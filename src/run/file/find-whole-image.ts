/** Looks for the next whole image behind damage. */
import type { FileHandle } from 'node:fs/promises';
import { readSeal, SEAL_BYTES } from '../../arrow/checksum.js';
import { decodeImage, decodeSchema } from '../../arrow/decode-run.js';
import { metadataLength, PREFIX_BYTES, readHeader } from '../../arrow/ipc-message.js';
import { readExactly, tryRead } from './read-bytes.js';

/** Messages begin at multiples of this. */
const STEP = 8;
const CHUNK_BYTES = 1 << 20;

export interface WholeImage {
  readonly start: number;
  /** Its place in the run as its seal tells; null in a run without checksums. */
  readonly imageIndex: number | null;
}

/**
 * The first image in [start, end) that is whole to its last byte.
 * @param start first byte of the damaged image, which is not looked at.
 * @param fewest an image before this place cannot follow.
 * @returns null where there is none.
 * Cost: reads all of it once where there is none.
 */
export async function findWholeImage(
  handle: FileHandle,
  start: number,
  end: number,
  schemaBytes: Uint8Array,
  fewest: number,
): Promise<WholeImage | null> {
  for await (const at of messageStarts(handle, start + STEP, end)) {
    const image = await wholeImageAt(handle, at, end, schemaBytes);
    if (image !== null && (image.imageIndex ?? fewest) >= fewest) return image;
  }
  return null;
}

/**
 * Places in [start, end) where a message may begin: the marker in front of each.
 * @param start a multiple of 8.
 */
export async function* messageStarts(handle: FileHandle, start: number, end: number): AsyncGenerator<number> {
  for (let at = start; at + PREFIX_BYTES <= end; at += CHUNK_BYTES) {
    const chunk = await readExactly(handle, at, Math.min(end, at + CHUNK_BYTES + PREFIX_BYTES));
    for (let i = 0; i + PREFIX_BYTES <= chunk.byteLength && i < CHUNK_BYTES; i += STEP)
      if (chunk[i] === 255 && chunk[i + 1] === 255 && chunk[i + 2] === 255 && chunk[i + 3] === 255) yield at + i;
  }
}

async function wholeImageAt(
  handle: FileHandle,
  start: number,
  fileEnd: number,
  schemaBytes: Uint8Array,
): Promise<WholeImage | null> {
  const prefix = await readExactly(handle, start, start + PREFIX_BYTES);
  const length = tryRead(() => metadataLength(prefix));
  const bodyStart = start + PREFIX_BYTES + (length ?? 0);
  if (length === null || length === 0 || bodyStart > fileEnd) return null;
  const metadata = await readExactly(handle, start + PREFIX_BYTES, bodyStart);
  const header = tryRead(() => readHeader(metadata));
  if (header?.kind !== 'record-batch' || bodyStart + header.bodyLength > fileEnd) return null;
  const bytes = await readExactly(handle, start, bodyStart + header.bodyLength);
  if (tryRead(() => decodeImage(schemaBytes, bytes)) === null) return null;
  const seal = decodeSchema(schemaBytes).sealed ? readSeal(bytes.subarray(-SEAL_BYTES)) : null;
  return { start, imageIndex: seal?.imageIndex ?? null };
}
