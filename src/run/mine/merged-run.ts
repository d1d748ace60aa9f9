/** A following of shards that are merged already: the run that is there is what it would make, and is shown. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { ProgressMeter } from '../file/progress-meter.js';
import { openRun, type RunReader } from '../file/run-store.js';
import { differenceOf, measuredOf } from './follow-place.js';
import { wholeManifest } from './merge-shards.js';
import { ShardFolder, type ShardFile } from './shard-folder.js';

/**
 * Tells of the run at `outPath` as of one that is done, where the shards in `folder` are merged in it.
 * @returns its images; null: it is none that is known to be theirs, or one of them has been mined anew since.
 * Cost: reads the index of the run and of each shard, some columns of each.
 */
export async function tellMerged(
  outPath: string,
  folder: string,
  emit: (event: WorkerEvent) => void,
): Promise<number | null> {
  const run = await openRun(outPath).catch(() => null);
  if (run === null) return null;
  try {
    const writtenAt = (await stat(outPath)).mtime.toISOString();
    const numShards = await new ShardFolder(folder, path.resolve(outPath)).look(async ({ shards, changed }) =>
      isMergeOf(run, shards, writtenAt) && hasAllOf(run, changed) ? shards.length : null,
    );
    if (numShards === null) return null;
    tell(run, outPath, numShards, emit);
    return run.images.length;
  } catch (error) {
    if (error instanceof MiningError) return null;
    throw error;
  } finally {
    await run.close();
  }
}

/** @throws MiningError 'run-file' where shards are missing. */
function isMergeOf(
  { manifest, images, complete }: RunReader,
  shards: readonly ShardFile[],
  writtenAt: string,
): boolean {
  const merged = wholeManifest(shards, false);
  if (!complete || manifest.dataset.shardsIn !== undefined || manifest.createdAt !== merged.createdAt) return false;
  if (differenceOf(manifest, merged) !== null) return false;
  const remined = new Set((manifest.remined ?? []).map(({ at }) => at));
  const isTaken = (shard: ShardFile) =>
    shard.numImages >= shard.shard.numImages &&
    shard.manifest.createdAt <= writtenAt &&
    (shard.manifest.remined ?? []).every(({ at }) => remined.has(at));
  return shards.every(isTaken) && images.length >= shards.reduce((sum, { shard }) => sum + shard.numImages, 0);
}

/** A copy of the run is younger than a shard that was mined anew: what they say of their images tells. */
function hasAllOf({ manifest, images }: RunReader, shards: ReadonlyMap<ShardFile, RunReader>): boolean {
  const own = measuredOf(images);
  const anew = new Set((manifest.remined ?? []).flatMap((once) => once.images));
  return [...shards.values()].every((shard) =>
    [...measuredOf(shard.images)].every(([id, measured]) => anew.has(id) || own.get(id) === measured),
  );
}

function tell(run: RunReader, outPath: string, count: number, emit: (event: WorkerEvent) => void): void {
  const { manifest, images, schemaBytes } = run;
  emit({ event: 'opened', manifest, outPath, growsAt: outPath, schemaEnd: schemaBytes.byteLength });
  emit({ event: 'log', level: 'info', text: `the shards are merged in ${outPath} already` });
  const meter = new ProgressMeter(images.length, 0, '');
  for (const { error } of images) meter.count(error !== '');
  const shards = { count, numWhole: count, notBegun: [] };
  const progress = { ...meter.progress('done'), imagesPerSecond: 0, etaSeconds: null, shards };
  emit({ event: 'progress', progress });
}
