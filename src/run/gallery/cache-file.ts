/**
 * Columns on disk beside their run, as a cache: made from something else, of another version, or damaged, it counts as
 * absent. Little-endian, as every machine we run on: magic, uint32 length of the header, uint32 XXH32 of all that
 * follows, header (JSON, padded with spaces), columns, each padded with zeros to a multiple of 8 bytes.
 */
import { xxh32 } from '../../arrow/checksum.js';
import { chunksOf, readRegular } from '../../files/reading.js';
import { replaceFile } from '../../files/replacing.js';

const PREFIX_BYTES = 16;

/** A kind of cache. */
export interface CacheFile {
  readonly path: string;
  /** Of whichever version, 7 letters: anything else under the name is somebody's, and stays. */
  readonly kind: string;
  /** One letter; counts versions of header and columns. */
  readonly version: string;
}

type Column = Float32Array | Int32Array | Int16Array | Int8Array | Uint8Array;
type ColumnType = new (buffer: ArrayBuffer, offset: number, length: number) => Column;

/** What a cache holds. */
export interface Cached {
  /** As JSON gave it. */
  readonly header: unknown;
  /** The next column, a view of the file's bytes. @throws RangeError where the file ends before */
  take<T extends ColumnType>(type: T, length: number): InstanceType<T>;
}

/**
 * @param runPath beside which it lies.
 * @throws MiningError 'options' where the folder cannot be written, or a file of another kind has the name.
 */
export async function writeCache(
  { path, kind, version }: CacheFile,
  runPath: string,
  header: object,
  columns: readonly Column[],
): Promise<void> {
  const bytes = encode(`${kind}${version}`, header, columns);
  const force = await isOfKind(path, kind);
  await replaceFile({ path, force, inputs: [runPath] }, (handle) => handle.writeFile(bytes));
}

/** @returns null where there is none of this version that is whole, or what `decode` returns or throws says so. */
export async function readCache<T>(
  { path, kind, version }: CacheFile,
  decode: (cached: Cached) => T | null,
): Promise<T | null> {
  try {
    // In a buffer of its own: columns are views of it, and need an aligned start.
    const cached = open(new Uint8Array(await readRegular(path)), `${kind}${version}`);
    return cached && decode(cached);
  } catch {
    return null;
  }
}

async function isOfKind(path: string, kind: string): Promise<boolean> {
  try {
    for await (const head of chunksOf(path, kind.length)) return head.toString('latin1') === kind;
  } catch {
    // There is none, or nothing that can be read.
  }
  return false;
}

function encode(magic: string, header: object, columns: readonly Column[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = padded(json.byteLength);
  const bytes = new Uint8Array(
    columns.reduce((sum, { byteLength }) => sum + padded(byteLength), PREFIX_BYTES + headerBytes),
  );
  bytes.set(new TextEncoder().encode(magic));
  bytes.fill(0x20, PREFIX_BYTES, PREFIX_BYTES + headerBytes).set(json, PREFIX_BYTES);
  let at = PREFIX_BYTES + headerBytes;
  for (const { buffer, byteOffset, byteLength } of columns) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += padded(byteLength);
  }
  const prefix = new DataView(bytes.buffer);
  prefix.setUint32(8, headerBytes, true);
  prefix.setUint32(12, xxh32(bytes.subarray(PREFIX_BYTES)), true);
  return bytes;
}

/** @throws anything where the bytes are not as `encode` made them; @returns null for another kind or version. */
function open(bytes: Uint8Array<ArrayBuffer>, magic: string): Cached | null {
  const prefix = new DataView(bytes.buffer);
  const headerBytes = prefix.getUint32(8, true);
  const isOurs = new TextDecoder('latin1').decode(bytes.subarray(0, magic.length)) === magic;
  if (!isOurs || xxh32(bytes.subarray(PREFIX_BYTES)) !== prefix.getUint32(12, true)) return null;
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  let at = PREFIX_BYTES + headerBytes;
  return {
    header: JSON.parse(text) as unknown,
    take<T extends ColumnType>(type: T, length: number) {
      const column = new type(bytes.buffer, at, length) as InstanceType<T>;
      at += padded(column.byteLength);
      return column;
    },
  };
}

function padded(numBytes: number): number {
  return Math.ceil(numBytes / 8) * 8;
}
