/** A gallery's items on disk, beside their run: `a.ohem` has `a.ohem-items`. */
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { STORED_KINDS, type StoredKind } from '../../protocol/gallery-messages.js';
import type { GalleryItems } from './build-gallery.js';
import { readCache, writeCache, type CacheFile } from './cache-file.js';
import { ITEM_COLUMN_NAMES, ITEM_COLUMNS, type Items } from './items.js';

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

function fileOf(runPath: string): CacheFile {
  return { path: galleryPath(runPath), kind: 'OHEMITM', version: '2' };
}

/** @throws MiningError as `writeCache`. */
export async function writeGallery(runPath: string, key: GalleryKey, gallery: GalleryItems): Promise<void> {
  const { items, ...facts } = gallery;
  const lengths = Object.fromEntries(STORED_KINDS.map((kind) => [kind, items[kind].length]));
  const header: Header = { key: keyText(key), facts, lengths: lengths as Header['lengths'] };
  const columns = STORED_KINDS.flatMap((kind) => ITEM_COLUMN_NAMES.map((name) => items[kind][name]));
  await writeCache(fileOf(runPath), runPath, header, columns);
}

/** @returns null where there is none for this key that is whole. */
export function readGallery(runPath: string, key: GalleryKey): Promise<GalleryItems | null> {
  return readCache(fileOf(runPath), ({ header, take }) => {
    const { key: ofItems, facts, lengths } = header as Header;
    if (ofItems !== keyText(key)) return null;
    const readItems = (length: number): Items => {
      const columns = ITEM_COLUMN_NAMES.map((name) => [name, take(ITEM_COLUMNS[name], length)]);
      return { length, ...Object.fromEntries(columns) } as Items;
    };
    const items = Object.fromEntries(STORED_KINDS.map((kind) => [kind, readItems(lengths[kind])]));
    return { ...facts, items: items as GalleryItems['items'] };
  });
}

/** The same text for the same key, whatever the order of its options. */
export function keyText({ size, mtimeMs, mining }: GalleryKey): string {
  return JSON.stringify([size, mtimeMs, Object.entries(mining).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
