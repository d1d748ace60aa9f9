/**
 * A gallery's items on disk, beside their run: `a.ohem` has `a.ohem-items`. It is a cache: of another run or mining
 * configuration, of another version, or damaged, it counts as absent. Little-endian, as every machine we run on:
 * MAGIC, uint32 length of the header, uint32 XXH32 of all that follows, header (JSON, padded with spaces), columns,
 * each padded with zeros to a multiple of 8 bytes.
 */
import { xxh32 } from '../../arrow/checksum.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { chunksOf, readRegular } from '../../files/reading.js';
import { replaceFile } from '../../files/replacing.js';
import { STORED_KINDS, type StoredKind } from '../../protocol/gallery-messages.js';
import type { GalleryItems } from './build-gallery.js';
import { ITEM_COLUMN_NAMES, ITEM_COLUMNS, type Items } from './items.js';

const KIND = 'OHEMITM';
/** The number counts versions of columns and of what is collected. */
const MAGIC = `${KIND}2`;
const PREFIX_BYTES = 16;

/** What the items were made from: where one differs, they are made anew. */
export interface GalleryKey {
  /** Of the run file, bytes and ms. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly mining: MiningConfig;
}

interface Header {
  /** `GalleryKey` as JSON. */
  readonly key: string;
  readonly facts: Omit<GalleryItems, 'items'>;
  readonly lengths: Readonly<Record<StoredKind, number>>;
}

export function galleryPath(runPath: string): string {
  return `${runPath}-items`;
}

/** @throws MiningError 'options' where the folder cannot be written, or a file of another kind has the name. */
export async function writeGallery(runPath: string, key: GalleryKey, gallery: GalleryItems): Promise<void> {
  const lengths = Object.fromEntries(STORED_KINDS.map((kind) => [kind, gallery.items[kind].length]));
  const { items, ...facts } = gallery;
  const bytes = encode({ key: keyText(key), facts, lengths: lengths as Header['lengths'] }, items);
  const path = galleryPath(runPath);
  const force = await isCache(path);
  await replaceFile({ path, force, inputs: [runPath] }, (handle) => handle.writeFile(bytes));
}

/** Of whichever version: anything else under the name is somebody's, and stays. */
async function isCache(path: string): Promise<boolean> {
  try {
    for await (const head of chunksOf(path, KIND.length)) return head.toString('latin1') === KIND;
  } catch {
    // There is none, or nothing that can be read.
  }
  return false;
}

/** @returns null where there is none for this key that is whole. */
export async function readGallery(runPath: string, key: GalleryKey): Promise<GalleryItems | null> {
  try {
    // In a buffer of its own: columns are views of it, and need an aligned start.
    return decode(new Uint8Array(await readRegular(galleryPath(runPath))), keyText(key));
  } catch {
    return null;
  }
}

function keyText({ size, mtimeMs, mining }: GalleryKey): string {
  return JSON.stringify([size, mtimeMs, Object.entries(mining).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function encode(header: Header, items: GalleryItems['items']): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const columns = STORED_KINDS.flatMap((kind) => ITEM_COLUMN_NAMES.map((name) => items[kind][name]));
  const headerBytes = padded(json.byteLength);
  const bytes = new Uint8Array(
    columns.reduce((sum, { byteLength }) => sum + padded(byteLength), PREFIX_BYTES + headerBytes),
  );
  bytes.set(new TextEncoder().encode(MAGIC));
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

/** @throws anything where the bytes are not as `encode` made them; @returns null for another key. */
function decode(bytes: Uint8Array<ArrayBuffer>, key: string): GalleryItems | null {
  const prefix = new DataView(bytes.buffer);
  const headerBytes = prefix.getUint32(8, true);
  const isOurs = new TextDecoder('latin1').decode(bytes.subarray(0, 8)) === MAGIC;
  if (!isOurs || xxh32(bytes.subarray(PREFIX_BYTES)) !== prefix.getUint32(12, true)) return null;
  const text = new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headerBytes));
  const header = JSON.parse(text) as Header;
  if (header.key !== key) return null;
  let at = PREFIX_BYTES + headerBytes;
  const readItems = (length: number): Items => {
    const columns = ITEM_COLUMN_NAMES.map((name) => {
      const Column = ITEM_COLUMNS[name];
      const column = new Column(bytes.buffer, at, length);
      at += padded(column.byteLength);
      return [name, column];
    });
    return { length, ...Object.fromEntries(columns) } as Items;
  };
  const items = Object.fromEntries(STORED_KINDS.map((kind) => [kind, readItems(header.lengths[kind])]));
  return { ...header.facts, items: items as GalleryItems['items'] };
}

function padded(numBytes: number): number {
  return Math.ceil(numBytes / 8) * 8;
}
