import { objectLosses, type ObjectLoss } from '../query/object-losses.js';
import type { RoiRecord } from '../query/selected-rois.js';
import type { ExportBatch, ExportImage } from './export-format.js';

export interface ImageObjects {
  readonly image: ExportImage;
  /** Selected RoIs of the image, hardest first. */
  readonly rows: readonly RoiRecord[];
  readonly objects: readonly ObjectLoss[];
}

/** The objects of a minibatch's images, in file order. */
export function objectsOf({ rows, images }: ExportBatch): ImageObjects[] {
  return images.map((image) => {
    const own = rows.filter(({ image_index }) => image_index === image.imageIndex);
    return { image, rows: own, objects: objectLosses(image.gts, own) };
  });
}
