/**
 * `metadata_props` of an .onnx file, which ONNX Runtime's JavaScript interface does not give. Reads the top level of
 * the ModelProto only and seeks over the graph, so a file of gigabytes costs a few reads.
 *
 * Source: onnx/onnx.proto: ModelProto.metadata_props = 14 of StringStringEntryProto {key = 1, value = 2}; protobuf's
 * wire format: key = field << 3 | type, types 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes.
 */
import type { FileHandle } from 'node:fs/promises';
import { MiningError } from '../../core/mining-error.js';
import { unreadable } from '../failure.js';
import { openRegular } from '../../files/reading.js';

const METADATA_PROPS = 14;
/** A varint takes at most ten bytes; a key and a length, twenty. */
const HEADER_BYTES = 20;
/** An entry, and all of them, bytes: the rest is not metadata that anybody reads. */
const LONGEST_ENTRY = 1 << 22;
const MOST_ENTRIES = 1 << 24;

/**
 * Reads the metadata of an ONNX file; a later entry of the same key wins.
 * @returns {} where the file has none.
 * @throws MiningError 'checkpoint' for a file that is missing, empty, truncated or no protobuf.
 */
export async function readOnnxMetadata(path: string): Promise<Record<string, string>> {
  const file = await openRegular(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    return await readProps(file, path);
  } finally {
    await file.close();
  }
}

async function readProps(file: FileHandle, path: string): Promise<Record<string, string>> {
  const stat = await file.stat();
  if (stat.size === 0) throw new MiningError('checkpoint', 'file', 'an ONNX model', 'an empty file', { file: path });
  const props: (readonly [key: string, value: string])[] = [];
  let numBytes = 0;
  for (let at = 0; at < stat.size;) {
    const header = await readBytes(file, at, Math.min(HEADER_BYTES, stat.size - at));
    const field = readField(header, path);
    const start = at + field.headerBytes;
    at = start + field.bodyBytes;
    if (at > stat.size) {
      throw new MiningError('checkpoint', 'file', `at least ${at} bytes`, `${stat.size} bytes`, {
        file: path,
        todo: 'The file is truncated',
      });
    }
    const isShort = field.bodyBytes < LONGEST_ENTRY && numBytes + field.bodyBytes < MOST_ENTRIES;
    if (field.number === METADATA_PROPS && isShort) {
      numBytes += field.bodyBytes;
      props.push(readEntry(await readBytes(file, start, field.bodyBytes), path));
    }
  }
  // Not by assignment: a key may be `__proto__`.
  return Object.fromEntries(props);
}

interface Field {
  readonly number: number;
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

/** The field that starts at the first of `bytes`. */
function readField(bytes: Uint8Array, path: string): Field {
  const key = readVarint(bytes, 0, path);
  const type = key.value % 8;
  const number = Math.floor(key.value / 8);
  if (number === 0 || !(type === 0 || type === 1 || type === 2 || type === 5)) throw notOnnx(path);
  if (type === 1) return { number, headerBytes: key.end, bodyBytes: 8 };
  if (type === 5) return { number, headerBytes: key.end, bodyBytes: 4 };
  const value = readVarint(bytes, key.end, path);
  return { number, headerBytes: value.end, bodyBytes: type === 0 ? 0 : value.value };
}

function readVarint(bytes: Uint8Array, start: number, path: string): { value: number; end: number } {
  let value = 0;
  let [scale, end] = [1, start];
  for (const byte of bytes.subarray(start)) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    end++;
    if (byte < 0x80) return { value, end };
  }
  throw notOnnx(path);
}

function readEntry(bytes: Uint8Array, path: string): [string, string] {
  const entry: [string, string] = ['', ''];
  for (let at = 0; at < bytes.length;) {
    const field = readField(bytes.subarray(at), path);
    const start = at + field.headerBytes;
    at = start + field.bodyBytes;
    if (at > bytes.length) throw notOnnx(path);
    if (field.number <= 2) entry[field.number - 1] = new TextDecoder().decode(bytes.subarray(start, at));
  }
  return entry;
}

async function readBytes(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  return bytes.subarray(0, bytesRead);
}

function notOnnx(path: string): MiningError {
  return new MiningError('checkpoint', 'file', 'an ONNX model (protobuf)', 'other bytes', { file: path });
}
