import { objectLosses, type ObjectLoss } from '../query/object-losses.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { Box, RoiRecord } from '../query/selected-rois.js';
import type { ExportBatch, ExportImage } from './export-format.js';

/**
 * Size of an image in formats that have no word for an unknown one.
 * @throws MiningError 'run-file' where the run does not know it.
 */
export function sizeOf({ image: { summary } }: ImageObjects): { readonly width: number; readonly height: number } {
  const { id, width, height } = summary;
  if (width > 0 && height > 0) return { width, height };
  throw new MiningError('run-file', said`image ${id}`, 'a known size', 'none', {
    todo: 'Import the dump again with --images, or choose another format',
  });
}

/** Path of an image's pixels. @throws MiningError 'run-file' where the run does not know it. */
export function pixelsOf({ image: { summary } }: ImageObjects): string {
  if (summary.path !== '') return summary.path;
  throw new MiningError('run-file', said`image ${summary.id}`, 'a path of its pixels', 'none', {
    todo: 'Import the dump again with --images, or choose another format',
  });
}

/** A box all of whose sides are known; null: it is not. */
export function knownBox(box: Box): readonly [number, number, number, number] | null {
  const [x1, y1, x2, y2] = box;
  return x1 === null || y1 === null || x2 === null || y2 === null ? null : [x1, y1, x2, y2];
}

export interface ImageObjects {
  readonly image: ExportImage;
  /** Selected RoIs of the image, hardest first. */
  readonly rows: readonly RoiRecord[];
  /** `isVague`: a crowd, a difficult object, or one that somebody decided to leave out. */
  readonly objects: readonly ObjectLoss[];
}

/** The objects of a minibatch's images, in file order. */
export function objectsOf({ rows, images }: ExportBatch): ImageObjects[] {
  return images.map((image) => {
    const own = rows.filter(({ image_index }) => image_index === image.imageIndex);
    const objects = objectLosses(image.gts, own);
    const isIgnored = (gt: number) => image.ignoredGts.has(gt);
    return {
      image,
      rows: own,
      objects: objects.map((each) => (isIgnored(each.gt) ? { ...each, isVague: true } : each)),
    };
  });
}

/** The same of images that train: without those that somebody decided to leave out. */
export function trainingObjectsOf(batch: ExportBatch): ImageObjects[] {
  return objectsOf(batch).filter(({ image }) => !image.isIgnored);
}
