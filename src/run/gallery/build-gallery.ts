/** Gathers what the gallery shows of a run. */
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { STORED_KINDS, type StoredKind } from '../../protocol/gallery-messages.js';
import type { Task } from '../../core/tables.js';
import { decideRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { collectItems, emptyCollection } from './collect-items.js';
import { type Items } from './items.js';

/** A run's items, decided by one mining configuration. */
export interface GalleryItems {
  readonly items: Readonly<Record<StoredKind, Items>>;
  readonly task: Task;
  /** K names. */
  readonly classes: readonly string[];
  /** Images that were read. */
  readonly numImages: number;
  /** Selected RoIs that are not listed: more than MOST_ROIS of an image. */
  readonly numLeftOut: number;
}

/** Images between two reports of how far it is. */
export const REPORT_EVERY = 50;

/**
 * Decides a run and gathers its items. Images that are damaged, and their minibatches, have none.
 * @param tell images read so far.
 * @param signal ends it.
 * @throws MiningError 'run-file'; the signal's reason where it is aborted.
 * Cost: reads every RoI once; one minibatch and the items are in memory.
 */
export async function buildGallery(
  run: RunReader,
  mining: MiningConfig,
  tell: (numDone: number) => void,
  signal: AbortSignal,
): Promise<GalleryItems> {
  const collected = emptyCollection();
  let told = 0;
  for await (const batch of decideRun(run, mining)) {
    signal.throwIfAborted();
    collectItems(batch, collected);
    const numDone = batch.firstImage + batch.images.length;
    if (numDone - told < REPORT_EVERY) continue;
    told = numDone;
    tell(numDone);
  }
  const items = Object.fromEntries(STORED_KINDS.map((kind) => [kind, collected.lists[kind].items()]));
  const { task, classes } = run.manifest;
  const { numLeftOut } = collected;
  return { items: items as GalleryItems['items'], task, classes, numImages: run.images.length, numLeftOut };
}
