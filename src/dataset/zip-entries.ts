/** Entries of a zip archive, as far as NumPy writes them: stored or deflated, zip64, no encryption. */
import type { FileHandle } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly packedSize: number;
  readonly size: number;
  readonly headerOffset: number;
}

/** An archive that is none of ours; the message says what is there instead. */
export class ZipError extends Error {}

const END_BYTES = 22;
const END_MARK = 0x0605_4b50;
const END64_MARK = 0x0606_4b50;
const LOCATOR64_MARK = 0x0706_4b50;
const ENTRY_MARK = 0x0201_4b50;
const LOCAL_MARK = 0x0403_4b50;
const STORED = 0;
const DEFLATED = 8;
/** Deflate cannot do better; a larger claim is a trap. */
const MAX_RATIO = 1100;
const READ_BYTES = 1 << 30;

/** Reads the central directory. @throws ZipError */
export async function readZipEntries(handle: FileHandle): Promise<ZipEntry[]> {
  const { size } = await handle.stat();
  const tail = await readBytes(handle, Math.max(0, size - 65_557), size);
  let at = tail.length - END_BYTES;
  while (at >= 0 && tail.readUInt32LE(at) !== END_MARK) at--;
  if (at < 0) throw new ZipError('an archive without its end');
  const place = (await directory64(handle, tail, at, size)) ?? { offset: tail.readUInt32LE(at + 16), length: tail.readUInt32LE(at + 12), count: tail.readUInt16LE(at + 10) };
  if (place.offset + place.length > size) throw new ZipError('a directory outside the file');
  return parseEntries(await readBytes(handle, place.offset, place.offset + place.length), place.count);
}

/** The bytes of an entry. @throws ZipError */
export async function readZipEntry(handle: FileHandle, entry: ZipEntry): Promise<Buffer> {
  const { size } = await handle.stat();
  if (entry.headerOffset + 30 > size) throw new ZipError('an entry outside the file');
  const local = await readBytes(handle, entry.headerOffset, entry.headerOffset + 30);
  if (local.readUInt32LE(0) !== LOCAL_MARK) throw new ZipError('an entry without its header');
  const start = entry.headerOffset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
  if (start + entry.packedSize > size) throw new ZipError('an entry that is cut short');
  const packed = await readBytes(handle, start, start + entry.packedSize);
  if (entry.method === STORED) return packed;
  if (entry.method !== DEFLATED) throw new ZipError(`compression method ${entry.method}`);
  if (entry.size > entry.packedSize * MAX_RATIO + 1024) throw new ZipError(`${entry.size} bytes out of ${entry.packedSize}`);
  const bytes = await inflate(packed, { maxOutputLength: Math.max(1, entry.size) }).catch((error: Error) => {
    throw new ZipError(error.message);
  });
  if (bytes.length !== entry.size) throw new ZipError(`${bytes.length} bytes instead of ${entry.size}`);
  return bytes;
}

async function directory64(handle: FileHandle, tail: Buffer, end: number, size: number) {
  const locator = end - 20;
  if (locator < 0 || tail.readUInt32LE(locator) !== LOCATOR64_MARK) return null;
  const at = Number(tail.readBigUInt64LE(locator + 8));
  if (at + 56 > size) throw new ZipError('a directory outside the file');
  const record = await readBytes(handle, at, at + 56);
  if (record.readUInt32LE(0) !== END64_MARK) throw new ZipError('a broken directory');
  return { count: Number(record.readBigUInt64LE(32)), length: Number(record.readBigUInt64LE(40)), offset: Number(record.readBigUInt64LE(48)) };
}

function parseEntries(bytes: Buffer, count: number): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY_MARK) throw new ZipError('a broken directory');
    const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
    const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
    if (extraEnd > bytes.length) throw new ZipError('a broken directory');
    const short = { size: bytes.readUInt32LE(at + 24), packedSize: bytes.readUInt32LE(at + 20), headerOffset: bytes.readUInt32LE(at + 42) };
    const sizes = { ...short, ...zip64Sizes(bytes.subarray(nameEnd, extraEnd), short) };
    entries.push({ name: bytes.toString('utf8', at + 46, nameEnd), method: bytes.readUInt16LE(at + 10), ...sizes });
    at = extraEnd + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** Values that did not fit 32 bits stand in an extra field, in this order. */
function zip64Sizes(extra: Buffer, short: { size: number; packedSize: number; headerOffset: number }): Partial<typeof short> {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const field = extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
    const long: Partial<typeof short> = {};
    let next = 0;
    for (const key of ['size', 'packedSize', 'headerOffset'] as const) {
      if (short[key] !== 0xffff_ffff) continue;
      if (next + 8 > field.length) throw new ZipError('a broken directory');
      long[key] = Number(field.readBigUInt64LE(next));
      next += 8;
    }
    return long;
  }
  return {};
}

async function readBytes(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.alloc(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await handle.read(bytes, filled, Math.min(READ_BYTES, bytes.length - filled), start + filled);
    if (bytesRead === 0) throw new ZipError('a file that is cut short');
    filled += bytesRead;
  }
  return bytes;
}
