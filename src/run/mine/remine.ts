/** A run of which some images are measured anew: the rest is taken over as it is, in the order that it has. */
import type { RunImage } from '../../arrow/encode-run.js';
import { MAX_REMINED, type RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError, show } from '../../core/mining-error.js';
import { gtsOfImage, imageAt, NONE } from '../../core/tables.js';
import { checkSameRun } from '../file/compare-manifests.js';
import { readImage } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { changedSince, sameObjects, type ChangedSince } from '../query/changed-since.js';
import type { RunInputs } from './run-inputs.js';

/** An image of the new run. */
export interface Step {
  /** Its place in the old run where it is kept as it is; NONE: it is measured. */
  readonly kept: number;
  /** Its index in the data set; NONE: not in it any more. */
  readonly index: number;
}

export interface Remine {
  /** Of the run as it will be. */
  readonly manifest: RunManifest;
  /** One an image, in the order of the file. */
  readonly steps: readonly Step[];
  /** Images that are measured, by their index in the data set, and how many of the run are left out. */
  readonly anew: readonly number[];
  readonly numGone: number;
}

/**
 * What is to be done where images of `run` are mined anew.
 * @param wanted ids; `changed`: those that differ from the data set as it is now. Images that it has no more are left
 * out then; ones that it has got are added where the run had all of its images.
 * @param looked is told of each image that was compared.
 * @throws MiningError 'run-file' where the run was mined by something else, 'options' where it has no such image.
 * Cost: as `changedSince`.
 */
export async function planRemine(
  run: RunReader,
  { manifest: next, dataset, gts }: Pick<RunInputs, 'manifest' | 'dataset' | 'gts'>,
  wanted: 'changed' | readonly string[],
  looked: () => void,
): Promise<Remine> {
  const { manifest: old } = run;
  const { sha256, numImages } = next.dataset;
  checkSameRun({ ...old, dataset: { ...old.dataset, sha256 } }, next, 'mine anew');
  const since = await changedSince(run, dataset, gts, looked);
  const ids = dataset.images.id;
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const { anew, isOld } = chosen(run, since, wanted, indexOf);
  const isWhole = wanted === 'changed' && run.images.length >= old.dataset.numImages;
  const known = new Set(run.images.texts('id'));
  const added = isWhole ? ids.flatMap((id, index) => (known.has(id) ? [] : [index])) : [];
  const dropped = new Set(wanted === 'changed' ? since.gone : []);
  const stay = Array.from(run.images.texts('id')).flatMap((id, place) =>
    dropped.has(place) ? [] : [{ kept: anew.has(place) ? NONE : place, index: indexOf.get(id) ?? NONE }],
  );
  const steps = [...stay, ...added.map((index) => ({ kept: NONE, index }))];
  const measured = steps.flatMap(({ kept, index }) => (kept === NONE ? [index] : []));
  const now = {
    at: new Date().toISOString(),
    numImages: measured.length,
    images: measured.map((index) => imageAt(dataset.images, index).id),
  };
  const { shard } = old.dataset;
  const part = shard && { shard: { ...shard, numImages: shard.numImages - dropped.size + added.length } };
  return {
    steps,
    anew: measured,
    numGone: dropped.size,
    manifest: {
      ...old,
      // As long as an image is as it was before, the run is not one of the data set as it is now.
      dataset: isOld ? old.dataset : { ...old.dataset, sha256, numImages, ...part },
      remined: [...(old.remined ?? []), { ...now, images: now.images.slice(0, MAX_REMINED) }],
    },
  };
}

/** Places to measure anew, and whether others that have changed are left as they are. */
function chosen(
  { images, manifest }: RunReader,
  { changed, gone }: ChangedSince,
  wanted: 'changed' | readonly string[],
  indexOf: ReadonlyMap<string, number>,
): { readonly anew: ReadonlySet<number>; readonly isOld: boolean } {
  if (wanted === 'changed') return { anew: new Set(changed), isOld: false };
  const placeOf = new Map(Array.from(images.texts('id'), (id, place) => [id, place]));
  const places = wanted.map((id) => {
    const place = placeOf.get(id);
    if (place !== undefined && indexOf.has(id)) return place;
    throw new MiningError('options', 'image', 'an id of the run and of its data set', show(id));
  });
  const anew = new Set(places);
  const isOther = gone.length > 0 || indexOf.size !== manifest.dataset.numImages;
  return { anew, isOld: isOther || changed.some((place) => !anew.has(place)) };
}

/**
 * An image of the old run; where its objects stand in their file is what the data set tells now: objects before them
 * may have come or gone. Of other objects than it tells now, that is not known.
 * @throws MiningError 'run-file' where it is damaged.
 */
export async function keptImage(run: RunReader, { kept, index }: Step, inputs: RunInputs): Promise<RunImage> {
  const image = await readImage(run, kept);
  const { images } = inputs.dataset;
  const now = index === NONE ? null : gtsOfImage(images, inputs.gts, index);
  if (now === null || !sameObjects(image, now, run.manifest))
    return { ...image, gts: { ...image.gts, annotation: new Int32Array(image.gts.numGts).fill(NONE) } };
  const summary = { ...image.summary, annotationPath: imageAt(images, index).annotationPath };
  return { ...image, summary, gts: { ...image.gts, annotation: now.annotation } };
}
