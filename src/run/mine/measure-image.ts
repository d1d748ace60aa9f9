import { stat } from 'node:fs/promises';
import type { RunImage } from '../../arrow/encode-run.js';
import type { RgbImage } from '../../core/graph.js';
import { measureRois } from '../../core/measure/measure.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { FileStamp } from '../../core/facts/file-stamp.js';
import { BLANK_SUMMARY, roiBoxOf } from '../../core/facts/run-manifest.js';
import type { ImageSummary } from '../../core/facts/run-manifest.js';
import { allocateGtTable, allocateRoiTable, gtsOfImage, imageAt } from '../../core/tables.js';
import type { GtTable } from '../../core/tables.js';
import { decodeImage, hasMorePages } from '../../dataset/pixels/decode-image.js';
import type { ImageTask, Measured } from '../../protocol/thread-messages.js';
import type { DetectionInputs, RunInputs } from './run-inputs.js';
import type { Settled } from './prefetch.js';

/** A failed image is its own fault (`image`) or the model's. */
export type Outcome = { readonly measured: Measured } | { readonly error: unknown; readonly of: 'image' | 'model' };

/** A detector and how its outputs are measured. */
export type Measurer = Pick<DetectionInputs, 'detector' | 'measure'>;

/** Image `index` of the data set. */
export function imageTask({ dataset: { images }, gts }: RunInputs, index: number): ImageTask {
  const { path, width, height } = imageAt(images, index);
  return { path, width, height, gts: gtsOfImage(images, gts, index) };
}

/** Pixels, and the file that they are from. */
export interface LoadedImage extends RgbImage {
  readonly stamp: FileStamp;
  readonly hasMorePages: boolean;
}

/**
 * The pixels of an image.
 * @throws MiningError 'image' when they cannot be read, or are not as large as their annotation says.
 */
export async function loadImage({ path, width, height }: Omit<ImageTask, 'gts'>): Promise<LoadedImage> {
  // Before the pixels: a file that changes meanwhile differs from its stamp.
  const stamp = await stampOf(path);
  const image = await decodeImage(path);
  if (width > 0 && (image.width !== width || image.height !== height)) {
    const size = (w: number, h: number) => `${w} × ${h}`;
    throw new MiningError('image', 'size', said`${size(width, height)} as annotated`, size(image.width, image.height), {
      file: path,
    });
  }
  return { ...image, stamp, hasMorePages: await hasMorePages(path) };
}

/** Of a file that cannot be asked nothing is known: whoever reads it says why. */
export async function stampOf(path: string): Promise<FileStamp> {
  const { size, mtimeMs } = await stat(path).catch(() => ({ size: NaN, mtimeMs: NaN }));
  return { size, mtimeMs };
}

/** Runs the detector on the pixels that were loaded and measures its RoIs. Never throws. */
export async function measureImage(
  { detector, measure }: Measurer,
  { gts }: ImageTask,
  loaded: Settled<LoadedImage>,
): Promise<Outcome> {
  if ('error' in loaded) return { error: loaded.error, of: 'image' };
  const { value: image } = loaded;
  try {
    const rois = measureRois(await detector.detect(image), gts, measure, image);
    const { width, height, stamp, hasMorePages } = image;
    return { measured: { width, height, stamp, hasMorePages, rois } };
  } catch (error) {
    return { error, of: 'model' };
  }
}

/** The row of a measured image; what mining decides is still 0 in the summary. */
export function measuredImage(inputs: RunInputs, index: number, measured: Measured): RunImage {
  const { width, height, rois, stamp } = measured;
  const annotated = imageTask(inputs, index).gts;
  const gts = inputs.manifest.task === 'classification' ? coveringImage(annotated, width, height) : annotated;
  return {
    summary: { ...blankSummary(inputs, index), width, height, numRois: rois.numRois, numGts: gts.numGts },
    rois,
    gts,
    stamp,
  };
}

/** The label of a classified image is that of all its pixels, whose size the data set did not know. */
function coveringImage(gts: GtTable, width: number, height: number): GtTable {
  return { ...gts, x2: gts.x2.map(() => width), y2: gts.y2.map(() => height) };
}

/** The row of an image that could not be measured. */
export function failedImage(inputs: RunInputs, index: number, error: unknown): RunImage {
  const { manifest } = inputs;
  const reason = error instanceof Error ? error.message : String(error);
  return {
    summary: { ...blankSummary(inputs, index), error: reason },
    rois: allocateRoiTable(0, manifest.classes.length, manifest.precision, roiBoxOf(manifest)),
    gts: allocateGtTable(0),
  };
}

function blankSummary({ dataset: { images } }: RunInputs, index: number): ImageSummary {
  return { ...BLANK_SUMMARY, ...imageAt(images, index) };
}
