/** The images that are decided together. */
import { concatRoiTables } from '../../src/core/concat-roi-tables.js';
import type { RoiTable } from '../../src/core/tables.js';
import type { Examples } from './examples.js';
import { formatCount } from './format.js';
import { t } from '../words/t.js';

/** Most images of a minibatch that the panel reads; a larger minibatch is said to be cut. */
export const MAX_BATCH_IMAGES = 64;

/** Image indices [start, end) of a minibatch. */
export interface ImageRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The minibatch that an image belongs to: consecutive images in file order, the last one may be short.
 * @param numImages images in the run file; 0 while unknown gives the image alone.
 */
export function minibatchRange(imageIndex: number, imagesPerBatch: number, numImages: number): ImageRange {
  const start = Math.floor(imageIndex / imagesPerBatch) * imagesPerBatch;
  return { start, end: Math.max(Math.min(start + imagesPerBatch, numImages), imageIndex + 1) };
}

/** The rows that are decided together, and where the rows in view begin. */
export interface Minibatch {
  readonly rois: RoiTable;
  readonly rowStart: number;
  readonly range: ImageRange;
  /** Images read, of those in `range`. */
  readonly numRead: number;
  readonly numWanted: number;
}

/** An image and its place in the run. */
export interface PlacedImage {
  readonly imageIndex: number;
  readonly rois: RoiTable;
}

/** For presets that decide each image alone. */
export function imageAlone({ imageIndex, rois }: PlacedImage): Minibatch {
  return { rois, rowStart: 0, range: { start: imageIndex, end: imageIndex + 1 }, numRead: 1, numWanted: 1 };
}

/** As many of the range's images as are there, in file order; the shown one is always. */
export function gatherImages(image: PlacedImage, others: ReadonlyMap<number, RoiTable>, range: ImageRange): Minibatch {
  const tables: RoiTable[] = [];
  let rowStart = 0;
  for (let index = range.start; index < range.end; index++) {
    const table = index === image.imageIndex ? image.rois : others.get(index);
    if (table === undefined) continue;
    if (index < image.imageIndex) rowStart += table.numRois;
    tables.push(table);
  }
  return { rois: concatRoiTables(tables), rowStart, range, numRead: tables.length, numWanted: range.end - range.start };
}

/** All minibatches of a classification run. */
export function wholeRun({ rois, images, numKnown }: Examples): Minibatch {
  return { rois, rowStart: 0, range: { start: 0, end: numKnown }, numRead: images.length, numWanted: numKnown };
}

/** How a classification run is decided: panel, tree, command line and exports alike. */
export function minibatchWords(imagesPerBatch: number): string {
  return t('minibatches of {0} images in file order', formatCount(imagesPerBatch));
}

/** Images of the shown image's minibatch that are still to be asked for. */
export function missingImages(
  minibatch: Minibatch | null,
  shown: number,
  others: ReadonlyMap<number, RoiTable>,
): number[] {
  if (minibatch === null || minibatch.numWanted === 1) return [];
  const missing: number[] = [];
  for (
    let index = minibatch.range.start;
    index < minibatch.range.end && missing.length + others.size < MAX_BATCH_IMAGES;
    index++
  ) {
    if (index !== shown && !others.has(index)) missing.push(index);
  }
  return missing;
}
