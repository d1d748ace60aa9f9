import { decodeImage } from '../../arrow/decode-run.js';
import type { RunImage } from '../../arrow/encode-run.js';
import { BLANK_SUMMARY, numExpected, type ImageSummary } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { minibatchSize } from '../../core/mining/minibatches.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { selectHardest } from '../../core/mining/select.js';
import { allocateGtTable, allocateRoiTable } from '../../core/tables.js';
import type { DecidedBatch } from './minibatch.js';
import { decideBatch } from './minibatch.js';
import { runFileError } from './run-file-error.js';
import { openRun } from './run-store.js';
import type { RunReader } from './run-store.js';

/** A line names so many damaged images. */
const MAX_NAMED = 20;

/** A minibatch of a run and the place of its first image in the file. */
export interface RunBatch extends DecidedBatch {
  readonly firstImage: number;
}

/**
 * Reads a run from its first to its last image and decides every minibatch by `mining`; one minibatch is in memory.
 * Where an image is damaged, no image of its minibatch has RoIs, and each says why in its `error`; `run.damage` has it.
 * @param how `select` as of `decideBatch`; `isWanted` which minibatches, by images [first, end) of the file: the others
 * are not read.
 * @throws MiningError 'run-file' when the file cannot be read.
 */
export async function* decideRun(
  run: RunReader,
  mining: MiningConfig,
  how: {
    readonly select?: typeof selectHardest | undefined;
    readonly isWanted?: (first: number, end: number) => boolean;
  } = {},
): AsyncGenerator<RunBatch> {
  const size = minibatchSize(mining);
  for (let firstImage = 0; firstImage < run.images.length; firstImage += size) {
    if (how.isWanted?.(firstImage, firstImage + size) === false) continue;
    const images: RunImage[] = [];
    const end = Math.min(firstImage + size, run.images.length);
    for (let i = firstImage; i < end; i++) {
      const image = await tryReadImage(run, i);
      images.push(image ?? blankImage(run, run.images.at(i) ?? BLANK_SUMMARY, run.damage.get(i) ?? ''));
    }
    const broken = images.find((_, i) => run.damage.has(firstImage + i));
    const whole =
      broken === undefined ? images : images.map((image) => blankImage(run, image.summary, reasonOf(broken, image)));
    yield { firstImage, ...decideBatch(whole, mining, how.select) };
  }
}

/** How much of its data set a run holds, in the words of JSON outputs. */
export interface RunExtent {
  /** The file has its end, and every image of the data set. */
  readonly complete: boolean;
  readonly num_images: number;
  /** As many as are there where a training that was followed did not say. */
  readonly num_in_dataset: number;
}

export function extentOf({ complete, images, manifest: { dataset } }: RunReader): RunExtent {
  return {
    complete: complete && images.length >= numExpected(dataset),
    num_images: images.length,
    num_in_dataset: Math.max(numExpected(dataset), images.length),
  };
}

/** What an output of a run lacks. */
export interface Shortfall {
  /** One line each, for a person. */
  readonly lines: readonly string[];
  /**
   * The run is damaged, or has no end: it is being written, or was killed or cut. Otherwise it holds what was asked.
   */
  readonly broken: boolean;
}

/** Ask after reading: damage shows then. */
export function shortfallOf(run: RunReader): Shortfall {
  const lines = [unfinishedText(run), damageText(run)].filter((line) => line !== '');
  return { lines, broken: !run.complete || run.damage.size > 0 };
}

function unfinishedText(run: RunReader): string {
  const { complete, num_images, num_in_dataset } = extentOf(run);
  if (complete) return '';
  const ending = run.complete ? '' : ', and no end: it is being written, or was killed or cut';
  const expected = said`${num_in_dataset} images of the data set`;
  return new MiningError('run-file', 'images', expected, `${num_images}${ending}`, { file: run.path }).message;
}

function damageText({ damage, images, path }: RunReader): string {
  if (damage.size === 0) return '';
  const numbers = [...damage.keys()].sort((a, b) => a - b);
  const named = numbers.slice(0, MAX_NAMED).join(', ') + (numbers.length > MAX_NAMED ? ', …' : '');
  const expected = said`${images.length} whole images`;
  const todo = 'Their minibatches are left out; "ohem salvage" keeps the rest as a new run';
  return new MiningError('run-file', 'images', expected, said`damage in ${named}`, { file: path, todo }).message;
}

function reasonOf(broken: RunImage, image: RunImage): string {
  const { id, error } = broken.summary;
  return image === broken ? error : `image ${id} of the same minibatch is damaged`;
}

function blankImage({ manifest }: RunReader, listed: ImageSummary, error: string): RunImage {
  const { id, path, annotationPath, width, height } = listed;
  return {
    summary: { ...BLANK_SUMMARY, id, path, annotationPath, width, height, error },
    rois: allocateRoiTable(0, manifest.classes.length, manifest.precision),
    gts: allocateGtTable(0),
  };
}

/** Opens a run, hands it to `use` and closes it, whatever happens. @throws MiningError 'run-file' */
export async function withRun<T>(path: string, use: (run: RunReader) => Promise<T>): Promise<T> {
  const run = await openRun(path);
  try {
    return await use(run);
  } finally {
    await run.close();
  }
}

/** One image of a run. @throws MiningError 'run-file' */
export async function readImage(run: RunReader, imageIndex: number): Promise<RunImage> {
  const bytes = await run.readImageBytes(imageIndex);
  try {
    return decodeImage(run.schemaBytes, bytes, run.rowOf(imageIndex));
  } catch (error) {
    throw runFileError(error, run.path, said`image ${imageIndex}`, 'an image');
  }
}

/** One image of a run; null where it is damaged, which `run.damage` then tells. @throws MiningError 'run-file' */
export async function tryReadImage(run: RunReader, imageIndex: number): Promise<RunImage | null> {
  const bytes = await run.readImageBytes(imageIndex);
  try {
    return decodeImage(run.schemaBytes, bytes, run.rowOf(imageIndex));
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    run.damage.set(imageIndex, error.message);
    return null;
  }
}
