/** The shards of a run -> the run that one process would have written. */
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { DatasetFacts, RunManifest, ShardFacts } from '../../core/facts/run-manifest.js';
import type { Dataset } from '../../dataset/dataset.js';
import { openDataset } from '../../dataset/registry.js';
import { statOf } from '../../files/target.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { readImage } from '../file/read-run.js';
import { RunAppender } from '../file/run-appender.js';
import { RunOutput } from '../file/run-output.js';
import { openRun } from '../file/run-store.js';
import type { RunReader } from '../file/run-store.js';
import { shardOf } from '../file/shard.js';

export interface MergeOptions {
  /** Run files, in any order. */
  readonly shards: readonly string[];
  readonly outPath: string;
  /** Where the data set is now; absent: where the shards found it. */
  readonly datasetPath?: string;
  /** Shards and images may be missing; the run is then one that can be resumed. */
  readonly partial?: boolean;
  /** Replace an `outPath` that exists. */
  readonly force?: boolean;
}

export interface Merged {
  readonly state: 'done' | 'stopped';
  readonly numDone: number;
  readonly numMissing: number;
}

/** A line names so many missing shards or images. */
const MAX_NAMED = 10;

/**
 * Merges shards into `options.outPath`, in the order of the data set: minibatches are decided anew, as their images
 * were apart. One minibatch is in memory.
 * @param emit as of `mineRun`.
 * @param signal stops after the image that is being copied.
 * @throws MiningError 'run-file' when a file is no shard, or is damaged, a shard is there twice, two differ in
 * checkpoint, data set, measure, mining or backend, or (unless `partial`) shards or images are missing, which it names;
 * 'options' where `outPath` is one of the data set's images or annotation files; 'dataset' where the data set is not
 * the one that was mined.
 * Cost: reads every RoI once, and the annotations for the order of the images.
 */
export async function mergeShards(
  options: MergeOptions,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<Merged> {
  const { outPath, force = false, shards: inputs } = options;
  const output = await RunOutput.claim({ outPath, force, resume: false, inputs });
  try {
    return await mergeAt(output, options, emit, signal);
  } finally {
    output.release();
  }
}

/**
 * As `mergeShards`, at a place that is claimed.
 * @param needed ids of images that the merged run must have.
 * @throws MiningError 'run-file' where the shards lack one of these.
 */
export async function mergeAt(
  output: RunOutput,
  options: Omit<MergeOptions, 'outPath' | 'force'>,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
  needed: ReadonlySet<string> = new Set(),
): Promise<Merged> {
  const runs: RunReader[] = [];
  try {
    for (const path of options.shards) runs.push(await openRun(path));
    const ids = new Set(runs.flatMap(({ images }) => images.map(({ id }) => id)));
    const lost = [...needed].find((id) => !ids.has(id));
    if (lost !== undefined) throw new MiningError('run-file', 'merge', said`an image ${show(lost)} in a shard`, 'none');
    return await mergeInto(output, runs, options, emit, signal);
  } finally {
    for (const run of runs) await run.close();
  }
}

/** Where an image is. */
interface Found {
  readonly run: RunReader;
  readonly imageIndex: number;
}

async function mergeInto(
  output: RunOutput,
  runs: readonly RunReader[],
  { datasetPath, partial = false }: Omit<MergeOptions, 'outPath' | 'force'>,
  emit: (event: WorkerEvent) => void,
  signal?: AbortSignal,
): Promise<Merged> {
  const manifest = wholeManifest(runs, partial);
  const found = new Map<string, Found>();
  for (const run of runs) {
    let imageIndex = 0;
    for (const id of run.images.texts('id')) found.set(id, { run, imageIndex: imageIndex++ });
  }
  const { id: ids, path, annotationPath } = await imagesInOrder(manifest.dataset, datasetPath);
  await output.refuseInputs([...path, ...annotationPath]);
  const present = ids.filter((id) => found.has(id));
  refuseStrangers(found, present);
  const numMissing = numImagesOf(runs, ids) - present.length;
  if (numMissing > 0 && !partial) throw incomplete(runs);
  const out = new RunAppender(output, manifest, present.length, emit);
  try {
    let state: Merged['state'] = 'done';
    for (const id of present) {
      const { run, imageIndex } = found.get(id) as Found;
      if (signal?.aborted === true) {
        state = 'stopped';
        break;
      }
      await out.add(await readImage(run, imageIndex));
    }
    await out.finish(state);
    return { state, numDone: out.numDone, numMissing };
  } finally {
    await out.close();
  }
}

/** A run file of a shard. */
type ShardRun = Pick<RunReader, 'path' | 'manifest'>;

/**
 * The manifest without the part.
 * @param partial shards may be missing.
 * @throws MiningError 'run-file' where the files are not shards of one run, or some are missing.
 */
export function wholeManifest(runs: readonly ShardRun[], partial: boolean): RunManifest {
  const [first] = runs;
  if (first === undefined) throw new MiningError('run-file', 'merge', 'at least one shard', 'none');
  const seen = new Map<number, string>();
  const { count } = shardFacts(first);
  for (const run of runs) {
    const shard = shardFacts(run);
    const twice = seen.get(shard.index);
    if (twice !== undefined) throw refusal(run, `shard ${shard.index} once`, `it again: ${twice} is the same`);
    seen.set(shard.index, run.path);
    if (shard.count !== count) throw refusal(run, `a shard of ${count}`, `one of ${shard.count}`);
    checkSameRun(withoutShard(first.manifest), withoutShard(run.manifest), `merge: ${run.path}`);
  }
  const missing = Array.from({ length: count }, (_, index) => index).filter((index) => !seen.has(index));
  if (missing.length > 0 && !partial)
    throw new MiningError('run-file', 'merge', `${count} shards`, `${seen.size}: missing are ${listed(missing)}`, {
      todo: 'Mine them, or merge what is there with --partial',
    });
  const manifests = runs.map(({ manifest }) => manifest);
  const remined = manifests.flatMap((manifest) => manifest.remined ?? []).sort((a, b) => (a.at < b.at ? -1 : 1));
  // Pixels that have changed since the first shard began are looked for, not only those since the merge.
  const [createdAt = ''] = manifests.map((manifest) => manifest.createdAt).sort();
  return { ...withoutShard(first.manifest), createdAt, ...(remined.length > 0 && { remined }) };
}

function shardFacts(run: ShardRun): ShardFacts {
  const { shard } = run.manifest.dataset;
  if (shard !== undefined) return shard;
  throw refusal(run, 'a shard (ohem mine --shard)', 'a run that is whole by itself');
}

function refusal(run: ShardRun, expected: string, received: string): MiningError {
  return new MiningError('run-file', 'merge', expected, received, { file: run.path });
}

/** What the run that a shard is a part of says of itself. */
export function withoutShard(manifest: RunManifest): RunManifest {
  return { ...manifest, dataset: wholeData(manifest.dataset) };
}

function wholeData({ shard: _, ...dataset }: DatasetFacts): DatasetFacts {
  return dataset;
}

/** @throws MiningError 'dataset' where the annotations are gone, or are not those that were mined. */
async function imagesInOrder(facts: DatasetFacts, datasetPath = facts.path): Promise<Dataset['images']> {
  if (datasetPath === facts.path && (await statOf(datasetPath)) === null)
    throw new MiningError('dataset', 'merge', 'the annotations where the shards found them', 'nothing there', {
      file: datasetPath,
      todo: 'Where they are elsewhere now, say where: ohem merge --data',
    });
  const { split, boxOrigin, columns, imageRoot } = facts;
  const dataset: Dataset = await openDataset(datasetPath, {
    ...(datasetPath === facts.path && { images: imageRoot }),
    ...(split !== null && { split }),
    ...(boxOrigin !== undefined && { boxOrigin }),
    ...(columns !== undefined && { columns }),
  });
  if (dataset.sha256 === facts.sha256) return dataset.images;
  throw new MiningError('dataset', 'sha256', `${show(facts.sha256)} as when it was mined`, show(dataset.sha256), {
    file: dataset.path,
    todo: 'The annotations have changed since: mine anew',
  });
}

/** @throws MiningError where a shard has an image that the data set does not know. */
function refuseStrangers(found: ReadonlyMap<string, Found>, present: readonly string[]): void {
  if (present.length === found.size) return;
  const known = new Set(present);
  const [id = '', stranger] = [...found].find(([each]) => !known.has(each)) ?? [];
  if (stranger !== undefined) throw refusal(stranger.run, 'images of the data set', `${show(id)}, which is not in it`);
}

/**
 * Images that all shards have together: the data set, or as many of it as they were limited to.
 * @throws MiningError where they were not limited alike.
 */
function numImagesOf(runs: readonly RunReader[], ids: readonly string[]): number {
  const shards = runs.map(shardFacts);
  if (shards.length < (shards[0]?.count ?? 0)) return ids.length;
  const total = shards.reduce((sum, { numImages }) => sum + numImages, 0);
  const places = ids.slice(0, total).map((id) => shardOf(id, shards.length));
  for (const run of runs) {
    const { index, numImages } = shardFacts(run);
    const expected = places.filter((place) => place === index).length;
    if (numImages !== expected)
      throw refusal(run, `${expected} images, as of the first ${total}`, `${numImages}: another --limit`);
  }
  return total;
}

function incomplete(runs: readonly RunReader[]): MiningError {
  const short = runs.flatMap((run) => {
    const { index, numImages } = shardFacts(run);
    return run.images.length < numImages ? [`shard ${index} (${run.images.length} of ${numImages} images)`] : [];
  });
  const todo = 'Go on with them (--resume), or merge what is there with --partial';
  return new MiningError('run-file', 'merge', 'finished shards', `unfinished: ${listed(short)}`, { todo });
}

function listed(values: readonly (string | number)[]): string {
  return values.slice(0, MAX_NAMED).join(', ') + (values.length > MAX_NAMED ? ', …' : '');
}
