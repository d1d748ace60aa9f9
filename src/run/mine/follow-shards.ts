/** The shards of a run, while other processes write them, as one run that grows; in the end the merged one. */
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import type { RunImage } from '../../arrow/encode-run.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import type { ShardsProgress } from '../../protocol/panel-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { tryReadImage } from '../file/read-run.js';
import { RunAppender } from '../file/run-appender.js';
import { isBegun, RunOutput } from '../file/run-output.js';
import type { RunReader } from '../file/run-store.js';
import { mergeShards, wholeManifest } from './merge-shards.js';
import { ShardFolder, type ShardFile, type ShardLook } from './shard-folder.js';

export interface FollowOptions {
  /** Folder of the shards: run files that may still grow, or are not there yet. */
  readonly folder: string;
  readonly outPath: string;
  /** As of `mergeShards`. */
  readonly datasetPath?: string;
  /** Between two looks, ms; at least four times as long as a look takes. */
  readonly restMs?: number;
}

export interface Followed {
  readonly state: 'done' | 'stopped';
  /** Images in the run. */
  readonly numDone: number;
}

const REST_MS = 2000;

/**
 * Follows the shards in a folder: `options.outPath` gets the images that are new in them, in the order in which they
 * come, and is made anew where a shard was mined anew. When every shard is whole, they are merged in its place. A run
 * that an earlier call began is gone on with. Files of another run, or none, are told and left out.
 * @param emit as of `mineRun`; progress tells of the shards.
 * @param signal stops after the image that is being copied.
 * @throws MiningError 'run-file' where the folder cannot be read at first, or `outPath` is another run; as
 * `mergeShards` of what is whole: `outPath` has all images then.
 */
export async function followShards(
  options: FollowOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<Followed> {
  const { outPath, datasetPath } = options;
  const output = await RunOutput.claim({ outPath, force: false, resume: true });
  const follower = new ShardFollower(output, options, emit, signal);
  let followed: Followed & { readonly shards: readonly ShardFile[] };
  try {
    followed = await follower.follow();
  } finally {
    await follower.close();
    output.release();
  }
  if (followed.state === 'stopped') return followed;
  const { length: count } = followed.shards;
  const allWhole = { count, numWhole: count, notBegun: [] };
  const told = (event: WorkerEvent) => {
    // Who looks at the run keeps what is there until the merged one has its name.
    if (event.event === 'log') emit(event);
    if (event.event === 'progress') emit({ ...event, progress: { ...event.progress, shards: allWhole } });
  };
  const shards = followed.shards.map((shard) => shard.path);
  return mergeShards({ shards, outPath, force: true, ...(datasetPath !== undefined && { datasetPath }) }, told, signal);
}

class ShardFollower {
  readonly #folder: ShardFolder;
  #out: RunAppender | null = null;
  #manifest: RunManifest | null = null;
  /** Images in the run, by their ids. */
  readonly #done = new Set<string>();
  /** `madeAt` of the shards that images were taken from, by their index; those of an earlier call are not known. */
  readonly #taken = new Map<number, string>();
  /** When the run that is gone on with was last written, as `madeAt`. */
  #resumedAt = '';
  #isAnew = false;
  #shards: ShardsProgress | undefined;
  readonly #said = new Set<string>();

  constructor(
    private readonly output: RunOutput,
    private readonly options: FollowOptions,
    private readonly emit: (event: WorkerEvent) => void,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#folder = new ShardFolder(path.resolve(options.folder), path.resolve(options.outPath));
  }

  async follow(): Promise<Followed & { readonly shards: readonly ShardFile[] }> {
    let shards: readonly ShardFile[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const startedAt = performance.now();
      const isWhole = await this.#look((found) => (shards = found), isFirst);
      const stopped = this.signal?.aborted === true;
      if (isWhole || stopped) return { state: await this.#end(stopped), numDone: this.#out?.numDone ?? 0, shards };
      const { restMs = REST_MS } = this.options;
      const pause = Math.max(restMs, 4 * (performance.now() - startedAt));
      await rest(pause, undefined, { signal: this.signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await this.#out?.close();
  }

  /** @returns whether the run has every image of every shard. */
  async #look(found: (shards: readonly ShardFile[]) => void, isFirst: boolean): Promise<boolean> {
    try {
      return await this.#folder.look(async (look) => {
        found(look.shards);
        for (const line of look.leftOut) this.#sayOnce(`left out: ${line}`);
        return this.#take(look);
      });
    } catch (error) {
      // A network folder may be away for a while.
      if (isFirst || !(error instanceof MiningError) || error.hint.file !== this.#folder.path) throw error;
      this.#sayOnce(error.message);
      return false;
    }
  }

  async #take({ shards, changed }: ShardLook): Promise<boolean> {
    const [first] = shards;
    if (first === undefined) {
      this.#sayOnce(`no shard in ${this.#folder.path} yet`);
      return false;
    }
    const manifest = wholeManifest(shards, true);
    this.#out ??= await this.#begin(manifest);
    if (this.#isOfAnother(manifest) || [...changed].some(([shard, run]) => this.#isMinedAnew(shard, run))) {
      await this.#forget(this.#out);
      return false;
    }
    this.#shards = progressOf(shards, first.shard.count);
    for (const [shard, run] of changed) await this.#takeImages(this.#out, shard, run);
    this.#out.tell('running');
    const numImages = shards.reduce((sum, { shard }) => sum + shard.numImages, 0);
    return this.#shards.numWhole === this.#shards.count && this.#done.size >= numImages;
  }

  async #takeImages(out: RunAppender, shard: ShardFile, run: RunReader): Promise<void> {
    for (const [i, { id }] of run.images.entries()) {
      if (this.signal?.aborted === true) return;
      if (run.damage.has(i) || this.#done.has(id)) continue;
      const image = await this.#read(run, i);
      if (image === null) continue;
      await out.add(image);
      this.#done.add(id);
      this.#taken.set(shard.shard.index, shard.madeAt);
    }
    // Another machine's pages come in any order: what is damaged may be half written.
    if (run.damage.size > 0) this.#folder.forget(shard);
    const [damage] = run.damage.values();
    if (damage !== undefined && shard.numImages >= shard.shard.numImages) this.#sayOnce(`${shard.path}: ${damage}`);
  }

  /** An image; null where it cannot be read now, which `run.damage` then tells. */
  async #read(run: RunReader, imageIndex: number): Promise<RunImage | null> {
    try {
      return await tryReadImage(run, imageIndex);
    } catch (error) {
      if (!(error instanceof MiningError)) throw error;
      run.damage.set(imageIndex, error.message);
      return null;
    }
  }

  /** Have images been taken from a shard that another now stands for? */
  #isMinedAnew({ shard, madeAt }: ShardFile, run: RunReader): boolean {
    const taken = this.#taken.get(shard.index);
    if (taken !== undefined) return taken !== madeAt;
    return madeAt > this.#resumedAt && run.images.some(({ id }) => this.#done.has(id));
  }

  #isOfAnother(manifest: RunManifest): boolean {
    try {
      if (this.#manifest !== null) checkSameRun(this.#manifest, manifest);
      return false;
    } catch (error) {
      if (!(error instanceof MiningError)) throw error;
      return true;
    }
  }

  async #begin(manifest: RunManifest): Promise<RunAppender> {
    const resume = !this.#isAnew && (await isBegun(this.output.outPath));
    const notes = [...manifest.notes, 'images in the order in which the shards had them'];
    const dataset = { ...manifest.dataset, shardsIn: this.#folder.path };
    const emit = (event: WorkerEvent) => this.emit(this.#withShards(event));
    const out = new RunAppender(this.output, { ...manifest, dataset, notes }, dataset.numImages, emit);
    this.#manifest = manifest;
    if (!resume) return out;
    this.#resumedAt = (await stat(this.output.growsAt)).mtime.toISOString();
    for (const id of await out.resume()) this.#done.add(id);
    return out;
  }

  /** Begins anew at the next look. */
  async #forget(out: RunAppender): Promise<void> {
    this.emit({ event: 'log', level: 'info', text: 'a shard was mined anew: the run begins anew' });
    await out.close();
    await rm(this.output.growsAt, { force: true });
    this.#out = null;
    this.#isAnew = true;
    this.#taken.clear();
    this.#done.clear();
    this.#folder.forgetAll();
  }

  #withShards(event: WorkerEvent): WorkerEvent {
    if (event.event !== 'progress' || this.#shards === undefined) return event;
    return { ...event, progress: { ...event.progress, shards: this.#shards } };
  }

  async #end(stopped: boolean): Promise<Followed['state']> {
    const state = stopped ? 'stopped' : 'done';
    await this.#out?.finish(state);
    return state;
  }

  #sayOnce(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.emit({ event: 'log', level: 'warning', text });
  }
}

function progressOf(shards: readonly ShardFile[], count: number): ShardsProgress {
  const begun = new Set(shards.map(({ shard }) => shard.index));
  return {
    count,
    numWhole: shards.filter(({ shard, numImages }) => numImages >= shard.numImages).length,
    notBegun: Array.from({ length: count }, (_, index) => index).filter((index) => !begun.has(index)),
  };
}
