/** What the checkpoint sees at the items of one kind, as far as it has looked; kept beside the run as a cache. */
import type { StoredKind } from '../../../protocol/gallery-messages.js';
import { readCache, writeCache, type CacheFile } from '../cache-file.js';

/** What features were made from: where one differs, they are made anew. */
export interface FeatureKey {
  readonly kind: StoredKind;
  /** Of the run and, where they decide which items there are, of the mining options. */
  readonly items: string;
  /** Of the checkpoint's files. */
  readonly sha256: string;
}

export interface FeatureStore {
  readonly key: FeatureKey;
  /** The tensor that they are from; '' before the first look. */
  name: string;
  /** Numbers a vector; 0 before the first. */
  size: number;
  /** By place of the image: vectors of length 1 of its items, in their order. */
  readonly images: Map<number, Float32Array>;
  /** By place: the file as it was when it could not be looked at. Of this session: it may be there later. */
  readonly failed: Map<number, string>;
  /** Of places that are no item of the kind. */
  readonly others: Map<string, Float32Array>;
}

interface Header extends Pick<FeatureStore, 'key' | 'name' | 'size'> {
  /** Place and how many numbers; of other places their name. */
  readonly images: readonly (readonly [number, number])[];
  readonly others: readonly string[];
}

export function emptyStore(key: FeatureKey): FeatureStore {
  return { key, name: '', size: 0, images: new Map(), failed: new Map(), others: new Map() };
}

/** `a.ohem-features-objects` */
export function featuresPath(runPath: string, kind: StoredKind): string {
  return `${runPath}-features-${kind}`;
}

function fileOf(runPath: string, kind: StoredKind): CacheFile {
  return { path: featuresPath(runPath, kind), kind: 'OHEMFTR', version: '1' };
}

/** @throws MiningError as `writeCache`. */
export async function writeFeatures(runPath: string, store: FeatureStore): Promise<void> {
  const { key, name, size, images, others } = store;
  const lengths = [...images].map(([image, { length }]) => [image, length] as const);
  const header: Header = { key, name, size, images: lengths, others: [...others.keys()] };
  await writeCache(fileOf(runPath, key.kind), runPath, header, [...images.values(), ...others.values()]);
}

/** What has been kept for this key; empty where nothing has. */
export async function readFeatures(runPath: string, key: FeatureKey): Promise<FeatureStore> {
  const kept = await readCache(fileOf(runPath, key.kind), ({ header, take }) => {
    const { key: of, name, size, images, others } = header as Header;
    if (JSON.stringify(of) !== JSON.stringify(key)) return null;
    return {
      key,
      name,
      size,
      // One without vectors could not be looked at when the cache was written.
      images: new Map(
        images.filter(([, length]) => length > 0).map(([image, length]) => [image, take(Float32Array, length)]),
      ),
      failed: new Map(),
      others: new Map(others.map((place) => [place, take(Float32Array, size)])),
    };
  });
  return kept ?? emptyStore(key);
}
