/** Where a following of shards writes: what is there is gone on with, or stays until all of it is in the new run. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ImageList } from '../../core/facts/image-list.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { isSame, statOf } from '../../files/target.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { withRun } from '../file/read-run.js';
import { RunOutput } from '../file/run-output.js';
import type { RunReader } from '../file/run-store.js';
import { shardOf } from '../file/shard.js';
import type { ShardFile } from './shard-folder.js';

const TODO = 'Choose another name, or replace it when the new one is whole (--force)';

/** Without links; as it stands where there is none. */
export function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => path.resolve(folder));
}

/**
 * Takes `outPath` for the run of the shards in `folder`. What a killed merge of it left is removed.
 * @param force a run of another kind is replaced when the new one is whole.
 * @throws MiningError as `RunOutput.claim`, and 'run-file' where a shard is there, or what is no run (an annotation
 * file, say), or, without `force`, anything but a following of these shards, or it is to be replaced by another.
 */
export async function claimFollowing(outPath: string, folder: string, force: boolean): Promise<RunOutput> {
  const output = await RunOutput.claim({ outPath, force, resume: !force });
  try {
    const old = (await statOf(output.path)) === null ? null : await output.manifest(output.path);
    if (old?.dataset.shard !== undefined) throw refusal(output.path, 'no shard', 'one', 'Choose another name');
    if (force) return output;
    if (old !== null) await refuseOther(old, folder, output.path);
    if (!output.isBeside) return output;
    const growing = await output.manifest();
    if (growing === null) return output;
    // A merge is as old as its first shard; what was to replace this run by something else is younger.
    const isMerge = old !== null && growing.dataset.shardsIn === undefined && growing.createdAt <= old.createdAt;
    if (isMerge) await output.discard();
    else await refuseOther(growing, folder, output.growsAt);
    return output;
  } catch (error) {
    output.release();
    throw error;
  }
}

async function refuseOther({ dataset: { shardsIn } }: RunManifest, folder: string, file: string): Promise<void> {
  const expected = said`a run that follows the shards in ${folder}, or none`;
  if (shardsIn === undefined) throw refusal(file, expected, 'another run', TODO);
  const [old, now] = [await statOf(shardsIn), await statOf(folder)];
  // A folder that was moved is the same one.
  if (old !== null && now !== null && !isSame(old, now)) throw refusal(file, expected, said`one of ${shardsIn}`, TODO);
}

function refusal(file: string, expected: Phrase, received: Phrase, todo: string): MiningError {
  return new MiningError('run-file', 'follow', expected, received, { file, todo });
}

/** In what two runs differ, so that images of one cannot stand in the other; null: they are one run. */
export function differenceOf(file: RunManifest, next: RunManifest): MiningError | null {
  try {
    checkSameRun(file, next, 'follow');
    return null;
  } catch (error) {
    if (error instanceof MiningError) return error;
    throw error;
  }
}

/** A run that grows from shards. */
export interface Following {
  readonly manifest: RunManifest;
  /** Ids of its images. */
  readonly images: ReadonlySet<string>;
  readonly shards: readonly ShardFile[];
}

/**
 * What would be lost if the run at the place were replaced by another; null: nothing.
 * @throws MiningError 'run-file' where the run cannot be read.
 */
export async function lossBy(next: Following, output: RunOutput): Promise<MiningError | null> {
  const { path: file } = output;
  if ((await statOf(file)) === null || (await output.manifest(file)) === null) return null;
  return withRun(file, async (run) => lossOf(run, next));
}

function lossOf(run: RunReader, next: Following): MiningError | null {
  const { path: file } = run;
  const difference = differenceOf(run.manifest, next.manifest);
  if (difference !== null) return refusal(file, difference.expected, difference.received, TODO);
  const expected = 'shards with all that the run has';
  const lost = run.images.filter(({ id }, i) => !run.damage.has(i) && !next.images.has(id));
  const [first] = lost;
  if (first !== undefined)
    return refusal(file, expected, said`${lost.length} images of it that they lack: ${show(first.id)}`, TODO);
  const numAnew = numMinedAnew(run.manifest, next.shards);
  return numAnew === 0 ? null : refusal(file, expected, said`${numAnew} images that were mined anew in it alone`, TODO);
}

/** Images of the run that were mined anew in it, later than in their shard. */
function numMinedAnew({ remined = [] }: RunManifest, shards: readonly ShardFile[]): number {
  const madeAt = new Map(shards.map((shard) => [shard.shard.index, shard.madeAt]));
  const count = shards[0]?.shard.count ?? 1;
  return remined.flatMap(({ at, images }) => images.filter((id) => (madeAt.get(shardOf(id, count)) ?? at) < at)).length;
}

/**
 * What a run says of its images whatever their minibatches: by their ids, which come in file order. An image that was
 * mined anew of other pixels or labels says something else.
 * Cost: eight columns.
 */
export function measuredOf(images: ImageList): ReadonlyMap<string, string> {
  const columns = MEASURED.map((key) => images.column(key));
  return new Map(Array.from(images.texts('id'), (id, i) => [id, columns.map((column) => column[i]).join()]));
}
const MEASURED = ['width', 'height', 'numRois', 'numGts', 'numForeground', 'entropy', 'mistakenness'] as const;
