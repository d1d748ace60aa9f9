import type { RunImage } from '../arrow/encode-run.js';
import type { RgbImage } from '../core/graph.js';
import { measureRois } from '../core/measure.js';
import { MiningError } from '../core/mining-error.js';
import type { ImageSummary } from '../core/run-manifest.js';
import { allocateGtTable, allocateRoiTable, NONE, sliceGtTable } from '../core/tables.js';
import { decodeImage } from '../dataset/decode-image.js';
import type { MineInputs } from './mine-inputs.js';

/**
 * The pixels of image `index` of the data set.
 * @throws MiningError 'image' when they cannot be read, or are not as large as their annotation says.
 */
export async function loadImage({ dataset }: MineInputs, index: number): Promise<RgbImage> {
  const { path, width, height } = dataset.images;
  const image = await decodeImage(path[index]);
  if (width[index] > 0 && (image.width !== width[index] || image.height !== height[index])) {
    const size = (w: number, h: number) => `${w} × ${h}`;
    throw new MiningError('image', 'size', `${size(width[index], height[index])} as annotated`, size(image.width, image.height), { file: path[index] });
  }
  return image;
}

/** Runs the detector on an image and measures its RoIs; what mining decides is still 0 in the summary. */
export async function measureImage(inputs: MineInputs, index: number, image: RgbImage): Promise<RunImage> {
  const { gtStart } = inputs.dataset.images;
  const gts = sliceGtTable(inputs.gts, gtStart[index], gtStart[index + 1]);
  const output = await inputs.detector.detect(image);
  const rois = measureRois(output, gts, inputs.measure, image);
  const summary = { ...blankSummary(inputs, index), width: image.width, height: image.height, numRois: rois.numRois, numGts: gts.numGts };
  return { summary, rois, gts };
}

/** The row of an image that could not be measured. */
export function failedImage(inputs: MineInputs, index: number, error: unknown): RunImage {
  const { classes, precision } = inputs.manifest;
  const reason = error instanceof Error ? error.message : String(error);
  return {
    summary: { ...blankSummary(inputs, index), error: reason },
    rois: allocateRoiTable(0, classes.length, precision, inputs.measure.roiBox),
    gts: allocateGtTable(0),
  };
}

function blankSummary({ dataset: { images } }: MineInputs, index: number): ImageSummary {
  return {
    id: images.id[index],
    path: images.path[index],
    annotationPath: images.annotationPath[index],
    width: images.width[index],
    height: images.height[index],
    numRois: 0,
    numGts: 0,
    numForeground: 0,
    numSelected: 0,
    numIgnored: 0,
    numInvalid: 0,
    lossSum: 0,
    lossMean: 0,
    lossMax: 0,
    entropy: NONE,
    mistakenness: NONE,
    error: '',
  };
}
