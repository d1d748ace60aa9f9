/** Which images of a run are no longer what they were when it was mined: their objects, or their pixels. */
import { stat } from 'node:fs/promises';
import * as v from 'valibot';
import type { RunImage } from '../../arrow/encode-run.js';
import { classMapKey } from '../../checkpoint/files/contract.js';
import { locateContract } from '../../checkpoint/files/locate.js';
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { gtsOfImage, type GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { openDataset } from '../../dataset/registry.js';
import { mapClasses, relabel } from '../../dataset/rows/class-mapping.js';
import { minedFrom } from '../../protocol/mining-requests.js';
import { tryReadImage, withRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';

/** Files that are asked side by side: a network drive answers each late. */
const AT_ONCE = 32;

/** How a run stands to its data set as that is now. */
export interface ChangedSince {
  /** Places in the run of images whose objects or pixels differ, ascending. */
  readonly changed: readonly number[];
  /** Places in the run of images that the data set has no more, ascending. */
  readonly gone: readonly number[];
}

const NOTHING: ChangedSince = { changed: [], gone: [] };

/**
 * What has changed on the disk since a run was mined. Imported losses have no annotations to compare with.
 * @throws MiningError 'run-file' where the run cannot be read, 'dataset' where the data set cannot be any more.
 * Cost: one question to the file system a file. Where one is newer than the run, or gone: reads the data set, and where
 * its hash differs or pixels are newer, every RoI once.
 */
export function changedOnDisk(runPath: string): Promise<ChangedSince> {
  return withRun(runPath, async (run) => {
    const { manifest, images } = run;
    if (manifest.checkpoint === null || manifest.measure === null) return NOTHING;
    const since = Date.parse(manifest.createdAt);
    const pixels = await lookAt(new Set(images.texts('path')), since);
    const annotations = new Set([manifest.dataset.path, ...images.texts('annotationPath')]);
    if (pixels === 'same' && (await lookAt(annotations, since)) === 'same') return NOTHING;
    const { datasetPath, dataset: options } = minedFrom(run);
    const dataset = await openDataset(datasetPath, options);
    if (pixels !== 'newer' && dataset.sha256 === manifest.dataset.sha256) return NOTHING;
    return changedSince(run, dataset, await asLabelled(manifest, dataset));
  });
}

/** Ground truth by the run's classes, mapped as it was mined without opening its checkpoint. */
async function asLabelled({ classes, checkpoint, dataset: { classMap } }: RunManifest, dataset: Dataset) {
  const file = checkpoint && (await locateContract(checkpoint.path).catch(() => null));
  const kept = v.safeParse(classMapKey, file && 'classMap' in file.contract ? file.contract.classMap : undefined);
  const named = { family: checkpoint?.family ?? '', classes, numClasses: classes.length };
  const given = { ...(kept.success ? kept.output : {}), ...classMap };
  return relabel(dataset.gts, mapClasses(dataset.classes, named, given).map);
}

/** Was one of these files written, or put in its place, after a time? Else: is one gone? */
async function lookAt(files: ReadonlySet<string>, sinceMs: number): Promise<'newer' | 'gone' | 'same'> {
  const paths = [...files].filter((path) => path !== '');
  let isGone = false;
  for (let first = 0; first < paths.length; first += AT_ONCE) {
    const found = await Promise.all(paths.slice(first, first + AT_ONCE).map((path) => stat(path).catch(() => null)));
    // A copy may keep an old time of its last write.
    if (found.some((file) => file !== null && Math.max(file.mtimeMs, file.ctimeMs) > sinceMs)) return 'newer';
    isGone ||= found.includes(null);
  }
  return isGone ? 'gone' : 'same';
}

/**
 * Compares a run image by image with its data set. Images that could not be measured, or are damaged, are taken for
 * unchanged: nothing is known of them.
 * @param gts of all images of the data set, labelled by the run's classes.
 * @param looked is told of each image.
 * @throws MiningError 'run-file'
 * Cost: reads every RoI once, and asks the file system once an image.
 */
export async function changedSince(
  run: RunReader,
  { images }: Dataset,
  gts: GtTable,
  looked: () => void = () => undefined,
): Promise<ChangedSince> {
  const indexOf = new Map(images.id.map((id, index) => [id, index]));
  const changed: number[] = [];
  const gone: number[] = [];
  for (const [place, { id, error }] of run.images.entries()) {
    looked();
    const index = indexOf.get(id);
    if (index === undefined && id !== '') gone.push(place);
    if (index === undefined || error !== '') continue;
    const image = await tryReadImage(run, place);
    if (image === null) continue;
    const isSame = sameObjects(image, gtsOfImage(images, gts, index), run.manifest) && (await samePixels(image));
    if (!isSame) changed.push(place);
  }
  return { changed, gone };
}

/** In classification the label counts: the box is that of the pixels. */
export function sameObjects({ gts }: RunImage, now: GtTable, { task }: RunManifest): boolean {
  const columns = task === 'classification' ? LABEL : OBJECT;
  return columns.every(
    (key) => gts[key].length === now[key].length && gts[key].every((value, row) => value === now[key][row]),
  );
}

const LABEL = ['gtClass'] as const;
const OBJECT = ['gtClass', 'x1', 'y1', 'x2', 'y2', 'isCrowd', 'isDifficult'] as const;

/** Pixels whose file is gone, or was not known, are not compared. */
async function samePixels({ summary, stamp }: RunImage): Promise<boolean> {
  if (stamp === undefined || summary.path === '') return true;
  const now = await stat(summary.path).catch(() => null);
  return now === null || (now.size === stamp.size && now.mtimeMs === stamp.mtimeMs);
}
