/** How alike the items of a run are to one thing in it, by the features of the run's checkpoint. */
import type { FeatureSource } from '../../../checkpoint/detector.js';
import type { ImageSummary } from '../../../core/facts/run-manifest.js';
import { movedPath, type Move } from '../../../core/moved-images.js';
import { MiningError, show } from '../../../core/mining-error.js';
import { said, type Phrase } from '../../../core/said.js';
import { miningBoxes, type Boxes } from '../../../core/tables.js';
import type { DecidedPlace } from '../../../core/triage/placed-decisions.js';
import { cosines, normalise } from '../../../core/triage/similarity.js';
import type { SimilarFacts, SimilarTo, StoredKind } from '../../../protocol/gallery-messages.js';
import { readImage } from '../../file/read-run.js';
import type { RunReader } from '../../file/run-store.js';
import { loadImage, stampOf } from '../../mine/measure-image.js';
import { prefetch } from '../../mine/prefetch.js';
import type { Items } from '../items.js';
import type { FeatureStore } from './feature-store.js';
import { withFeatures } from './run-checkpoint.js';

/** Images decoded ahead of the one that is looked at. */
const AHEAD = 2;

/** The items of a kind by how alike they are to a place. */
export interface Similarities {
  readonly kind: StoredKind;
  readonly to: SimilarTo;
  /** One an item, cosine of the features, [-1, 1]; NaN where they are not known. */
  readonly values: Float32Array;
  readonly facts: SimilarFacts;
}

/** The items, and the images of those that are wanted. */
export interface LookedAt {
  readonly kind: StoredKind;
  readonly items: Items;
  /** Places of images of the run, those that matter most first. */
  readonly images: readonly number[];
  /** Where images are that are not where the run says. */
  readonly moves: readonly Move[];
}

type Pixels = Pick<ImageSummary, 'path' | 'width' | 'height'>;

function pixelsIn(run: RunReader, moves: readonly Move[]): (image: number) => Pixels {
  return (image) => {
    const { path, width, height } = run.images.at(image) ?? { path: '', width: 0, height: 0 };
    return { path: movedPath(path, moves), width, height };
  };
}

/** Changes with the file. */
async function markOf({ path }: Pixels): Promise<string> {
  const { size, mtimeMs } = await stampOf(path);
  return `${path} ${size} ${mtimeMs}`;
}

/**
 * Looks at images that `store` does not know yet, at most `to.most` of those wanted and that of the place itself, and
 * compares all that it knows then.
 * @param store gets what has been seen, also where the signal ends it.
 * @param tell images looked at, of how many.
 * @throws MiningError as `withFeatures`, 'options' where there is no such place, 'image' where its pixels cannot be
 * read; the signal's reason where it is aborted.
 * Cost: one forward an image; nothing is opened where all is known.
 */
export async function findSimilar(
  run: RunReader,
  { kind, items, images, moves }: LookedAt,
  to: SimilarTo,
  store: FeatureStore,
  tell: (numDone: number, numTotal: number) => void,
  signal: AbortSignal,
): Promise<Similarities> {
  const ranges = rangesOf(items);
  const mayBeItem = WHAT[kind] === to.what && ranges.has(to.imageIndex);
  const wanted = new Set([...(mayBeItem ? [to.imageIndex] : []), ...images.slice(0, to.most)]);
  const pixelsOf = pixelsIn(run, moves);
  const unknown: number[] = [];
  for (const image of wanted)
    if (!store.images.has(image) && store.failed.get(image) !== (await markOf(pixelsOf(image)))) unknown.push(image);
  const reference = () => vectorOf(store, kind, items, ranges, to);
  if (unknown.length > 0 || reference() === undefined)
    await withFeatures(run, store.key.sha256, async (source) => {
      await lookAtImages(unknown, { items, ranges, pixelsOf }, store, source, tell, signal);
      if (reference() === undefined) await lookAtPlace(run, to, pixelsOf, store, source);
    });
  const vector = reference();
  if (vector === undefined) throw new TypeError('the place has been looked at');
  const values = new Float32Array(items.length).fill(NaN);
  for (const [image, vectors] of store.images) values.set(cosines(vectors, vector), ranges.get(image)?.start ?? 0);
  return { kind, to, values, facts: factsOf(run, images, store) };
}

/** Items [start, end) of an image. */
interface Range {
  readonly start: number;
  end: number;
}

type Ranges = ReadonlyMap<number, Range>;

/** The items of an image stand together: they are in the order of the run. */
function rangesOf({ image }: Items): Ranges {
  const ranges = new Map<number, Range>();
  image.forEach((place, row) => {
    const range = ranges.get(place);
    if (range === undefined) ranges.set(place, { start: row, end: row + 1 });
    else range.end = row + 1;
  });
  return ranges;
}

/** What is known of a place: as of an item of the kind, else by itself. */
function vectorOf(
  { images, others, size }: FeatureStore,
  kind: StoredKind,
  { gt, row }: Items,
  ranges: Ranges,
  place: DecidedPlace,
): Float32Array | undefined {
  const range = ranges.get(place.imageIndex);
  const vectors = images.get(place.imageIndex);
  if (range === undefined || vectors === undefined || WHAT[kind] !== place.what) return others.get(placeText(place));
  const rows = place.what === 'object' ? gt : row;
  const found = place.what === 'image' ? 0 : rows.subarray(range.start, range.end).indexOf(place.row);
  return found < 0 ? others.get(placeText(place)) : vectors.subarray(found * size, (found + 1) * size);
}

const WHAT: Readonly<Record<StoredKind, DecidedPlace['what']>> = {
  rois: 'roi',
  detections: 'roi',
  objects: 'object',
  images: 'image',
};

function placeText({ imageIndex, what, row }: DecidedPlace): string {
  return `${what} ${row} of ${imageIndex}`;
}

async function lookAtPlace(
  run: RunReader,
  place: DecidedPlace,
  pixelsOf: (image: number) => Pixels,
  store: FeatureStore,
  source: FeatureSource,
): Promise<void> {
  const boxes = await placeBox(run, place);
  const { size, data } = await source.at(await loadImage(pixelsOf(place.imageIndex)), boxes);
  Object.assign(store, { size, name: source.name });
  store.others.set(placeText(place), normalise(data, size));
}

/** @throws MiningError 'options' where the run has no such row. */
async function placeBox(run: RunReader, { imageIndex, what, row }: DecidedPlace): Promise<Boxes> {
  if (run.images.at(imageIndex) === undefined) throw noPlace('image', `[0, ${run.images.length})`, imageIndex);
  const { rois, gts, summary } = await readImage(run, imageIndex);
  if (what === 'image') return boxAt({ x1: [0], y1: [0], x2: [summary.width], y2: [summary.height] }, 0);
  const boxes = what === 'object' ? gts : miningBoxes(rois);
  if (row < 0 || row >= boxes.x1.length) throw noPlace(what, said`a row in [0, ${boxes.x1.length})`, row);
  return boxAt(boxes, row);
}

function noPlace(what: string, expected: Phrase, received: number): MiningError {
  return new MiningError('options', what, expected, show(received));
}

function boxAt({ x1, y1, x2, y2 }: Readonly<Record<keyof Boxes, ArrayLike<number>>>, row: number): Boxes {
  const at = (column: ArrayLike<number>) => Float32Array.of(column[row] ?? NaN);
  return { x1: at(x1), y1: at(y1), x2: at(x2), y2: at(y2) };
}

/** How to look at the items of an image. */
interface Looking extends Pick<LookedAt, 'items'> {
  readonly ranges: Ranges;
  readonly pixelsOf: (image: number) => Pixels;
}

async function lookAtImages(
  wanted: readonly number[],
  { items, ranges, pixelsOf }: Looking,
  store: FeatureStore,
  source: FeatureSource,
  tell: (numDone: number, numTotal: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let numDone = 0;
  tell(numDone, wanted.length);
  const marks = new Map<number, string>();
  const load = async (place: number) => {
    // Before the pixels: a file that comes meanwhile differs from its mark.
    marks.set(place, await markOf(pixelsOf(place)));
    return loadImage(pixelsOf(place));
  };
  for await (const { item: place, loaded } of prefetch(wanted, load, AHEAD)) {
    signal.throwIfAborted();
    if ('value' in loaded) {
      const { start, end } = ranges.get(place) ?? { start: 0, end: 0 };
      const side = (column: Float32Array) => column.subarray(start, end);
      const boxes = { x1: side(items.x1), y1: side(items.y1), x2: side(items.x2), y2: side(items.y2) };
      const { size, data } = await source.at(loaded.value, boxes);
      Object.assign(store, { size, name: source.name });
      store.images.set(place, normalise(data, size));
      store.failed.delete(place);
    } else store.failed.set(place, marks.get(place) ?? '');
    tell(++numDone, wanted.length);
  }
}

function factsOf(
  { manifest }: RunReader,
  images: readonly number[],
  { images: looked, failed, name, key }: FeatureStore,
): SimilarFacts {
  const numFailed = images.filter((image) => failed.has(image)).length;
  return {
    numLooked: images.filter((image) => looked.has(image)).length + numFailed,
    numImages: images.length,
    numFailed,
    features: name,
    isOther: key.sha256 !== manifest.checkpoint?.sha256,
  };
}
