/** The gallery of a run: from its cache, else made and kept. */
import { stat } from 'node:fs/promises';
import { backgroundBelowOf } from '../../core/predictions.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { MiningError } from '../../core/mining-error.js';
import type { Move } from '../../core/moved-images.js';
import type { GalleryProgress, GalleryQuery, StoredKind } from '../../protocol/gallery-messages.js';
import { withRun } from '../file/read-run.js';
import { runFileError } from '../file/run-file-error.js';
import { buildGallery, REPORT_EVERY, type GalleryItems } from './build-gallery.js';
import { keyText, readGallery, writeGallery, type GalleryKey } from './gallery-file.js';
import { Gallery } from './gallery.js';
import { RunDecisions } from './run-decisions.js';
import { readFeatures, writeFeatures, type FeatureStore } from './similar/feature-store.js';
import { findSimilar, type LookedAt } from './similar/find-similar.js';
import { changedCheckpoint, hashNow } from './similar/run-checkpoint.js';
import { readSuspects, type SuspectItems } from './suspect-items.js';

/** Which items of which run, and how they are told. */
export interface GallerySource {
  readonly runPath: string;
  readonly mining: MiningConfig;
  /** Of a detector, as `backgroundBelowOf` takes it. */
  readonly backgroundBelow: number;
}

/** What is asked about the items. */
export interface GalleryAsked extends Pick<GalleryQuery, 'kind'>, Partial<Pick<GalleryQuery, 'where' | 'similarTo'>> {
  /** Run beside which the decisions lie: one that grows has another name until it is done. */
  readonly besideOf: string;
  /** Where images are that are not where the run says. */
  readonly moves?: readonly Move[];
}

/** Who hears how it goes. */
export interface GalleryWatch {
  tell(progress: GalleryProgress): void;
  /** The items could not be kept: they are made again the next time. */
  warn(text: string): void;
}

interface Shelved {
  readonly source: string;
  readonly key: string;
  readonly gallery: Gallery;
  readonly decisions: RunDecisions;
  /** What the checkpoint has seen, by kind of item. */
  readonly features: Map<StoredKind, FeatureStore>;
}

/**
 * The gallery that was opened last is kept: an engine process has one run to show. Whoever asks meanwhile waits: two at
 * a time would not fit where one just does.
 */
export class GalleryShelf {
  #last: Shelved | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * The gallery of the run, and the decisions on it, as they are now; with labels to check where these are asked for.
   * @param signal ends the making.
   * @throws MiningError 'run-file'; the signal's reason where it is aborted.
   * Cost: reads every RoI once where there is no cache; else the items. Labels to check: every RoI once.
   */
  open(source: GallerySource, asked: GalleryAsked, watch: GalleryWatch, signal: AbortSignal): Promise<Gallery> {
    return this.#inTurn(() => this.#prepare(source, asked, watch, signal));
  }

  /** The gallery that answered last, though the run has grown since: pages are of its places. Else as `open`. */
  latest(source: GallerySource, asked: GalleryAsked, watch: GalleryWatch, signal: AbortSignal): Promise<Gallery> {
    return this.#inTurn(async () => {
      const last = this.#last;
      return last?.source === JSON.stringify(source) ? last.gallery : this.#prepare(source, asked, watch, signal);
    });
  }

  #inTurn(act: () => Promise<Gallery>): Promise<Gallery> {
    const opened = this.#turn.then(act);
    this.#turn = opened.catch(() => undefined);
    return opened;
  }

  async #prepare(
    source: GallerySource,
    { kind, besideOf, moves = [], where = {}, similarTo }: GalleryAsked,
    watch: GalleryWatch,
    signal: AbortSignal,
  ): Promise<Gallery> {
    const shelved = await this.#open(source, watch, signal);
    const { gallery, decisions } = shelved;
    gallery.setDecisions(await decisions.read(source.runPath, besideOf));
    gallery.setSimilar(null);
    if (similarTo !== undefined && kind !== 'suspects')
      await findSimilarItems(source, shelved, { kind, where, similarTo, moves }, watch, signal);
    if (kind === 'suspects' && !gallery.hasSuspects)
      gallery.setSuspects(await findSuspects(source.runPath, watch, signal));
    return gallery;
  }

  async #open(source: GallerySource, watch: GalleryWatch, signal: AbortSignal): Promise<Shelved> {
    signal.throwIfAborted();
    const key = { ...(await stampOf(source.runPath)), mining: source.mining };
    const asked = { source: JSON.stringify(source), key: JSON.stringify(key) };
    if (this.#last?.source === asked.source && this.#last.key === asked.key) return this.#last;
    this.#last = undefined;
    const items = (await readGallery(source.runPath, key)) ?? (await makeGallery(source.runPath, key, watch, signal));
    const { classes, task } = items;
    const gallery = new Gallery(items, { classes, backgroundBelow: backgroundBelowOf(task, source.backgroundBelow) });
    this.#last = { ...asked, gallery, decisions: new RunDecisions(), features: new Map() };
    return this.#last;
  }
}

async function stampOf(path: string): Promise<Omit<GalleryKey, 'mining'>> {
  try {
    const { size, mtimeMs } = await stat(path);
    return { size, mtimeMs };
  } catch (error) {
    throw runFileError(error, path, 'open', 'a file that can be read');
  }
}

interface SimilarAsked extends Required<Pick<GalleryQuery, 'where' | 'similarTo'>>, Pick<LookedAt, 'moves'> {
  readonly kind: StoredKind;
}

/** Tells the gallery how alike its items are; what was seen for it is kept beside the run, however it ends. */
function findSimilarItems(
  { runPath, mining }: GallerySource,
  { gallery, features }: Shelved,
  { kind, where, similarTo, moves }: SimilarAsked,
  watch: GalleryWatch,
  signal: AbortSignal,
): Promise<void> {
  return withRun(runPath, async (run) => {
    const key = { ...(await stampOf(runPath)), mining };
    const sha256 = await hashNow(run);
    const known = features.get(kind);
    const isOfNow = known?.key.sha256 === sha256;
    const store = isOfNow ? known : await readFeatures(runPath, { kind, items: keyText(key), sha256 });
    features.set(kind, store);
    const numKnown = store.images.size + store.others.size;
    const tell = (numDone: number, numTotal: number) => watch.tell({ numDone, numTotal });
    const lookedAt = { kind, items: gallery.itemsOf(kind), images: gallery.imagesOf({ kind, where }), moves };
    const similar = await findSimilar(run, lookedAt, similarTo, store, tell, signal).finally(async () => {
      if (store.images.size + store.others.size === numKnown) return;
      if ((await hashNow(run)) === sha256) return keep(watch, () => writeFeatures(runPath, store));
      features.delete(kind);
      throw changedCheckpoint(run);
    });
    gallery.setSimilar(similar);
  });
}

function findSuspects(path: string, watch: GalleryWatch, signal: AbortSignal): Promise<SuspectItems> {
  return withRun(path, (run) =>
    readSuspects(run, (numDone) => {
      signal.throwIfAborted();
      if (numDone % REPORT_EVERY === 0) watch.tell({ numDone, numTotal: run.images.length });
    }),
  );
}

/** Makes the items, and keeps them beside the run. What still grows would be made anew at once, and is not kept. */
function makeGallery(path: string, key: GalleryKey, watch: GalleryWatch, signal: AbortSignal): Promise<GalleryItems> {
  return withRun(path, async (run) => {
    const tell = (numDone: number) => watch.tell({ numDone, numTotal: run.images.length });
    const items = await buildGallery(run, key.mining, tell, signal);
    if (!run.complete) return items;
    await keep(watch, () => writeGallery(path, key, items));
    return items;
  });
}

/** What cannot be kept is made again the next time. */
async function keep(watch: GalleryWatch, write: () => Promise<void>): Promise<void> {
  await write().catch((error: unknown) => {
    if (!(error instanceof MiningError)) throw error;
    watch.warn(error.message);
  });
}
