/**
 * XXH32 of a run file's parts, and the seal at the end of an image (docs/adr/0021). A changed bit is always found:
 * every step of the hash is one-to-one in the word that it takes; other damage is missed once in 2^32.
 */

import type { FileStamp } from '../core/facts/file-stamp.js';

const P1 = 0x9e3779b1 | 0;
const P2 = 0x85ebca77 | 0;
const P3 = 0xc2b2ae3d | 0;
const P4 = 0x27d4eb2f | 0;
const P5 = 0x165667b1 | 0;

/**
 * XXH32, seed 0.
 * @param bytes starts at a multiple of 4 bytes of its buffer.
 * @returns in [0, 2^32).
 * Source: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md, "XXH32 Algorithm Description".
 * Cost: 0.3 ms for the 759 kB of an image of 8,400 RoIs (one core of the machine of docs/adr/0005).
 */
export function xxh32(bytes: Uint8Array): number {
  const length = bytes.byteLength;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, length >>> 2);
  const numInStripes = (length >>> 4) << 2;
  let hash = ((length < 16 ? P5 : mixStripes(words, numInStripes)) + length) | 0;
  for (let i = numInStripes; i < words.length; i++)
    hash = Math.imul(rotate((hash + Math.imul(words[i], P3)) | 0, 17), P4);
  for (let i = words.length << 2; i < length; i++)
    hash = Math.imul(rotate((hash + Math.imul(bytes[i], P5)) | 0, 11), P1);
  hash = Math.imul(hash ^ (hash >>> 15), P2);
  hash = Math.imul(hash ^ (hash >>> 13), P3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Four sums that do not wait for each other, over stripes of four words. */
function mixStripes(words: Int32Array, length: number): number {
  let a = (P1 + P2) | 0;
  let b = P2;
  let c = 0;
  let d = -P1 | 0;
  for (let i = 0; i < length; i += 4) {
    a = Math.imul(rotate((a + Math.imul(words[i], P2)) | 0, 13), P1);
    b = Math.imul(rotate((b + Math.imul(words[i + 1], P2)) | 0, 13), P1);
    c = Math.imul(rotate((c + Math.imul(words[i + 2], P2)) | 0, 13), P1);
    d = Math.imul(rotate((d + Math.imul(words[i + 3], P2)) | 0, 13), P1);
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Checksum of a manifest's JSON as the schema holds it: eight hex digits. */
export function manifestSum(json: string): string {
  return xxh32(new TextEncoder().encode(json)).toString(16).padStart(8, '0');
}

/**
 * Last bytes of a sealed record batch: size and time of the file with its image's pixels, float64 each, NaN unknown;
 * image index, sum of its head, sum of all before that sum, mark; uint32 each. Of examples each has a size and a time
 * in front of the seal, and in the place of these stand the number of images, uint32, and zeros.
 */
export const SEAL_BYTES = 32;
/** Size and time. */
const STAMP_BYTES = 16;
/** `SEAL`, and `SEAN` for n examples. */
const MARK = 0x4c414553;
const MARK_OF_EXAMPLES = 0x4e414553;

export interface Seal {
  /** The file with the pixels of each image as it was when they were measured; null unknown. */
  readonly stamps: readonly (FileStamp | null)[];
  /** Place of the first image in its run. */
  readonly imageIndex: number;
  /** Sum of the message up to its last summary column: a scan reads no more. */
  readonly headSum: number;
  /** Sum of the whole message up to this field. */
  readonly sum: number;
}

/** Bytes of a seal and what stands in front of it. @param numExamples null: of one image. */
export function sealLength(numExamples: number | null): number {
  return SEAL_BYTES + STAMP_BYTES * (numExamples ?? 0);
}

/**
 * Seals a message of one image that ends with `sealLength` free bytes.
 * @param message starts at a multiple of 8 bytes of its buffer; its seal is written.
 * @param headLength bytes of the head.
 * @param stamp undefined: unknown.
 */
export function writeSeal(message: Uint8Array, imageIndex: number, headLength: number, stamp?: FileStamp): void {
  const at = message.byteLength - SEAL_BYTES;
  writeStamp(new DataView(message.buffer, message.byteOffset + at), 0, stamp);
  writeSums(message, { imageIndex, headLength, mark: MARK });
}

/** The same for examples. @param stamps of each. */
export function writeSealOfExamples(
  message: Uint8Array,
  imageIndex: number,
  headLength: number,
  stamps: readonly (FileStamp | undefined)[],
): void {
  const at = message.byteLength - sealLength(stamps.length);
  const view = new DataView(message.buffer, message.byteOffset + at);
  stamps.forEach((stamp, i) => writeStamp(view, i * STAMP_BYTES, stamp));
  view.setUint32(stamps.length * STAMP_BYTES, stamps.length, true);
  writeSums(message, { imageIndex, headLength, mark: MARK_OF_EXAMPLES });
}

function writeStamp(view: DataView, at: number, stamp: FileStamp | undefined): void {
  view.setFloat64(at, stamp?.size ?? NaN, true);
  view.setFloat64(at + 8, stamp?.mtimeMs ?? NaN, true);
}

function writeSums(
  message: Uint8Array,
  { imageIndex, headLength, mark }: { imageIndex: number; headLength: number; mark: number },
): void {
  const at = message.byteLength - SEAL_BYTES;
  const view = new DataView(message.buffer, message.byteOffset + at);
  view.setUint32(16, imageIndex, true);
  view.setUint32(20, xxh32(message.subarray(0, headLength)), true);
  view.setUint32(24, xxh32(message.subarray(0, at + 24)), true);
  view.setUint32(28, mark, true);
}

/** Images that the batch with these last SEAL_BYTES holds; null where there is no seal. */
export function sealedImages(last: Uint8Array): number | null {
  if (last.byteLength !== SEAL_BYTES) return null;
  const view = new DataView(last.buffer, last.byteOffset, last.byteLength);
  const mark = view.getUint32(28, true);
  if (mark === MARK_OF_EXAMPLES) return view.getUint32(0, true);
  return mark === MARK ? 1 : null;
}

/**
 * The seal at the end of these bytes; null where there is none. Of examples `stamps` are those that lie in the bytes,
 * the last ones.
 */
export function readSeal(last: Uint8Array): Seal | null {
  const at = last.byteLength - SEAL_BYTES;
  const numImages = sealedImages(last.subarray(Math.max(0, at)));
  if (numImages === null) return null;
  const view = new DataView(last.buffer, last.byteOffset, last.byteLength);
  const isOfExamples = view.getUint32(at + 28, true) === MARK_OF_EXAMPLES;
  const numStamps = isOfExamples ? Math.min(numImages, Math.floor(at / STAMP_BYTES)) : 1;
  const first = isOfExamples ? at - numStamps * STAMP_BYTES : at;
  const stamps = Array.from({ length: numStamps }, (_, i) => readStamp(view, first + i * STAMP_BYTES));
  return {
    stamps,
    imageIndex: view.getUint32(at + 16, true),
    headSum: view.getUint32(at + 20, true),
    sum: view.getUint32(at + 24, true),
  };
}

function readStamp(view: DataView, at: number): FileStamp | null {
  const stamp = { size: view.getFloat64(at, true), mtimeMs: view.getFloat64(at + 8, true) };
  return Number.isNaN(stamp.size) ? null : stamp;
}

/**
 * @param message a whole sealed message that starts at a multiple of 8 bytes of its buffer.
 * @param numImages that it holds.
 * @throws RangeError where it is not as it was written.
 */
export function checkSeal(message: Uint8Array, numImages = 1): Seal {
  const at = message.byteLength - SEAL_BYTES;
  const seal = readSeal(message);
  if (seal === null || xxh32(message.subarray(0, at + 24)) !== seal.sum || seal.stamps.length !== numImages)
    throw new RangeError('bytes that have changed');
  return seal;
}
