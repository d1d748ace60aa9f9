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
 * Last bytes of a sealed image: size and time of the file with its pixels, float64 each, NaN unknown; image index, sum
 * of its head, sum of all before that sum, mark; uint32 each.
 */
export const SEAL_BYTES = 32;
/** `SEAL`. */
const MARK = 0x4c414553;

export interface Seal {
  /** The file with the pixels as it was when they were measured; null unknown. */
  readonly stamp: FileStamp | null;
  /** Place of the image in its run. */
  readonly imageIndex: number;
  /** Sum of the message up to its last summary column: a scan reads no more. */
  readonly headSum: number;
  /** Sum of the whole message up to this field. */
  readonly sum: number;
}

/**
 * Seals a message that ends with SEAL_BYTES free bytes.
 * @param message starts at a multiple of 8 bytes of its buffer; its seal is written.
 * @param headLength bytes of the head.
 * @param stamp undefined: unknown.
 */
export function writeSeal(message: Uint8Array, imageIndex: number, headLength: number, stamp?: FileStamp): void {
  const at = message.byteLength - SEAL_BYTES;
  const view = new DataView(message.buffer, message.byteOffset + at);
  view.setFloat64(0, stamp?.size ?? NaN, true);
  view.setFloat64(8, stamp?.mtimeMs ?? NaN, true);
  view.setUint32(16, imageIndex, true);
  view.setUint32(20, xxh32(message.subarray(0, headLength)), true);
  view.setUint32(24, xxh32(message.subarray(0, at + 24)), true);
  view.setUint32(28, MARK, true);
}

/** The seal in a message's last SEAL_BYTES; null where there is none. */
export function readSeal(last: Uint8Array): Seal | null {
  const view = new DataView(last.buffer, last.byteOffset, last.byteLength);
  if (last.byteLength !== SEAL_BYTES || view.getUint32(28, true) !== MARK) return null;
  const stamp = { size: view.getFloat64(0, true), mtimeMs: view.getFloat64(8, true) };
  return {
    stamp: Number.isNaN(stamp.size) ? null : stamp,
    imageIndex: view.getUint32(16, true),
    headSum: view.getUint32(20, true),
    sum: view.getUint32(24, true),
  };
}

/**
 * @param message a whole sealed message that starts at a multiple of 8 bytes of its buffer.
 * @throws RangeError where it is not as it was written.
 */
export function checkSeal(message: Uint8Array): Seal {
  const at = message.byteLength - SEAL_BYTES;
  const seal = readSeal(message.subarray(Math.max(0, at)));
  if (seal === null || xxh32(message.subarray(0, at + 24)) !== seal.sum)
    throw new RangeError('bytes that have changed');
  return seal;
}
