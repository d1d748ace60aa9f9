/** The shards of a run, while other processes write them, as one run that grows; in the end the merged one. */
import { stat } from 'node:fs/promises';
import { setTimeout as rest } from 'node:timers/promises';
import type { RunImage } from '../../arrow/encode-run.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError, show } from '../../core/mining-error.js';
import { minibatchSize } from '../../core/mining/minibatches.js';
import { said } from '../../core/said.js';
import { statOf } from '../../files/target.js';
import type { ShardsProgress } from '../../protocol/panel-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { tryReadImage, withRun } from '../file/read-run.js';
import { RunAppender } from '../file/run-appender.js';
import { isBegun, type RunOutput } from '../file/run-output.js';
import type { RunReader } from '../file/run-store.js';
import { shardOf } from '../file/shard.js';
import { claimFollowing, differenceOf, lossBy, measuredOf, realFolder } from './follow-place.js';
import { mergeAt, wholeManifest } from './merge-shards.js';
import { tellMerged } from './merged-run.js';
import { ShardFolder, type ShardFile, type ShardLook } from './shard-folder.js';

export interface FollowOptions {
  /** Folder of the shards: run files that may still grow, or are not there yet. */
  readonly folder: string;
  readonly outPath: string;
  /** As of `mergeShards`. */
  readonly datasetPath?: string;
  /** Replace an `outPath` of another kind, when the merged run is whole. */
  readonly force?: boolean;
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
 * come. When every shard is whole, they are merged in its place. A run that an earlier call began is gone on with.
 * Where a shard was mined anew, or an image would be cut off that no shard has any more, another run grows beside it
 * and takes its name when it has all that it has. Files of another run, or none, are told and left out. What is merged
 * already is told of as done.
 * @param emit as of `mineRun`; progress tells of the shards.
 * @param signal stops after the image that is being copied.
 * @throws MiningError 'run-file' where the folder cannot be read at first, as `claimFollowing`, or where the shards
 * lack what `outPath` has; as `mergeShards` of what is whole: `outPath` has all images then.
 */
export async function followShards(
  options: FollowOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<Followed> {
  const folder = await realFolder(options.folder);
  const numMerged = options.force === true ? null : await tellMerged(options.outPath, folder, emit);
  if (numMerged !== null) return { state: 'done', numDone: numMerged };
  const output = await claimFollowing(options.outPath, folder, options.force === true);
  try {
    const follower = new ShardFollower(output, { ...options, folder }, emit, signal);
    const followed = await follower.follow().finally(() => follower.close());
    return followed.state === 'stopped' ? followed : await mergeFollowed(output, followed, options, emit, signal);
  } finally {
    output.release();
  }
}

interface ShardsFollowed extends Followed {
  readonly shards: readonly ShardFile[];
  /** Ids of the images. */
  readonly images: ReadonlySet<string>;
}

async function mergeFollowed(
  output: RunOutput,
  { shards, images }: ShardsFollowed,
  { datasetPath }: FollowOptions,
  emit: (event: WorkerEvent) => void,
  signal: AbortSignal | undefined,
): Promise<Followed> {
  const { length: count } = shards;
  const allWhole = { count, numWhole: count, notBegun: [] };
  const told = (event: WorkerEvent) => {
    // Who looks at the run keeps what is there until the merged one has its name.
    if (event.event === 'log') emit(event);
    if (event.event === 'progress') emit({ ...event, progress: { ...event.progress, shards: allWhole } });
  };
  await output.replaceWhatIsThere();
  const merge = { shards: shards.map((shard) => shard.path), ...(datasetPath !== undefined && { datasetPath }) };
  return mergeAt(output, merge, told, signal, images);
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
  /** What it says of its images, by their ids. */
  #resumed: ReadonlyMap<string, string> = new Map();
  #isAnew = false;
  #shards: ShardsProgress | undefined;
  readonly #said = new Set<string>();

  constructor(
    private readonly output: RunOutput,
    private readonly options: FollowOptions,
    private readonly emit: (event: WorkerEvent) => void,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#folder = new ShardFolder(options.folder, output.path);
  }

  async follow(): Promise<ShardsFollowed> {
    let shards: readonly ShardFile[] = [];
    for (let isFirst = true; ; isFirst = false) {
      const startedAt = performance.now();
      const isWhole = await this.#look((found) => (shards = found), isFirst);
      if (isWhole || this.signal?.aborted === true) {
        const state = isWhole ? 'done' : 'stopped';
        await this.#end(state, shards);
        return { state, numDone: this.#out?.numDone ?? 0, shards, images: this.#done };
      }
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

  async #take(look: ShardLook): Promise<boolean> {
    const { shards, changed } = look;
    const [first] = shards;
    if (first === undefined) {
      this.#sayOnce(`no shard in ${this.#folder.path} yet`);
      return false;
    }
    const manifest = wholeManifest(shards, true);
    this.#out ??= await this.#begin(manifest, look);
    if (this.#isOfAnother(manifest) || [...changed].some(([shard, run]) => this.#isMinedAnew(shard, run))) {
      await this.#forget(this.#out, shards);
      return false;
    }
    this.#shards = progressOf(shards, first.shard.count);
    for (const [shard, run] of changed) await this.#takeImages(this.#out, shard, run);
    this.#out.tell('running');
    const numImages = shards.reduce((sum, { shard }) => sum + shard.numImages, 0);
    return this.#shards.numWhole === this.#shards.count && this.#done.size >= numImages;
  }

  async #takeImages(out: RunAppender, shard: ShardFile, run: RunReader): Promise<void> {
    let i = -1;
    for (const id of run.images.texts('id')) {
      i++;
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
    // It may have been begun before the following was stopped, on a machine with another clock.
    const isLater = madeAt > this.#resumedAt;
    return [...measuredOf(run.images)].some(([id, measured], i) => {
      if (!this.#done.has(id) || run.damage.has(i)) return false;
      return isLater || (this.#resumed.get(id) ?? measured) !== measured;
    });
  }

  #isOfAnother(manifest: RunManifest): boolean {
    return this.#manifest !== null && differenceOf(this.#manifest, manifest) !== null;
  }

  async #begin(manifest: RunManifest, look: ShardLook): Promise<RunAppender> {
    const { output } = this;
    const notes = [...manifest.notes, 'images in the order in which the shards had them'];
    const dataset = { ...manifest.dataset, shardsIn: this.#folder.path };
    const emit = (event: WorkerEvent) => this.emit(this.#withShards(event));
    const out = new RunAppender(output, { ...manifest, dataset, notes }, dataset.numImages, emit);
    this.#manifest = manifest;
    if (this.options.force === true || !(await isBegun(output.outPath))) return out;
    this.#resumedAt = (await stat(this.#isAnew ? output.path : output.growsAt)).mtime.toISOString();
    if (!this.#isAnew && (await this.#mayResume(manifest, look)))
      for (const id of await out.resume()) this.#done.add(id);
    if (output.isBeside) await this.#takeOld(out, manifest, look);
    return out;
  }

  /** A resume cuts an unfinished minibatch off; where no shard has an image of it any more, the run stays as it is. */
  async #mayResume(manifest: RunManifest, { changed }: ShardLook): Promise<boolean> {
    const { output } = this;
    if ((await output.manifest()) === null) return true;
    const whole = await withRun(output.growsAt, async (run) => {
      checkSameRun(run.manifest, manifest);
      this.#resumed = measuredOf(run.images);
      return Array.from(run.images.texts('id')).filter((_, i) => !run.damage.has(i));
    });
    const cut = whole.slice(whole.length - (whole.length % minibatchSize(manifest.mining)));
    const offered = new Set([...changed.values()].flatMap(({ images }) => [...images.texts('id')]));
    const lost = cut.find((id) => !offered.has(id));
    if (lost === undefined) return true;
    if (!output.isBeside) {
      await output.replaceWhatIsThere();
      return false;
    }
    const todo = 'Put its shard back, or begin anew (--force)';
    const received = said`${show(lost)}, which no shard has any more`;
    throw new MiningError('run-file', 'follow', 'an unfinished minibatch of images that shards have', received, {
      file: output.growsAt,
      todo,
    });
  }

  /** Images of the run that is to be replaced, of shards that are not there now. */
  async #takeOld(out: RunAppender, manifest: RunManifest, { shards }: ShardLook): Promise<void> {
    if ((await statOf(this.output.path)) === null) return;
    const there = new Set(shards.map(({ shard }) => shard.index));
    await withRun(this.output.path, async (run) => {
      if (differenceOf(run.manifest, manifest) !== null) return;
      let i = -1;
      for (const id of run.images.texts('id')) {
        i++;
        if (run.damage.has(i) || this.#done.has(id) || there.has(shardOf(id, shards[0]?.shard.count ?? 1))) continue;
        const image = await this.#read(run, i);
        if (image === null) continue;
        await out.add(image);
        this.#done.add(id);
      }
    });
  }

  /** Begins anew at the next look, beside what has been taken. */
  async #forget(out: RunAppender, shards: readonly ShardFile[]): Promise<void> {
    this.emit({ event: 'log', level: 'info', text: 'a shard was mined anew: the run begins anew' });
    await this.#end('stopped', shards);
    await out.close();
    await this.output.replaceWhatIsThere();
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

  /** Ends the run; one that has all that the run has beside which it grew takes its name. */
  async #end(state: Followed['state'], shards: readonly ShardFile[]): Promise<void> {
    const { force = false } = this.options;
    const next = this.#manifest && { manifest: this.#manifest, images: this.#done, shards };
    const loss = force || next === null ? null : await lossBy(next, this.output);
    const isDone = state === 'done' && loss === null;
    await this.#out?.finish(isDone ? 'done' : 'stopped', isDone || (!force && loss === null));
    if (state === 'done' && loss !== null) throw loss;
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
