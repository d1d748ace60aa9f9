/** Annotated images by which readings of a checkpoint compete. */
import type { ClassMap } from '../../core/class-names.js';
import type { RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { gtsOfImage, imageAt, type GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { decodeImage } from '../../dataset/pixels/decode-image.js';
import { mapClasses, relabel, type NamedClasses } from '../../dataset/rows/class-mapping.js';

/** Images to measure on, taken evenly over the data set. */
const NUM_IMAGES = 6;

export interface Sample {
  readonly path: string;
  readonly annotationPath: string;
  readonly image: RgbImage;
  /** Labels index `classes`, the data set's. */
  readonly gts: GtTable;
  readonly classes: readonly string[];
}

/** @throws MiningError 'dataset' where there are no images with objects that can be read. */
export async function samplesOf({ images, gts, classes, path }: Dataset): Promise<Sample[]> {
  const annotated = Array.from({ length: images.numImages }, (_, i) => i).filter(
    (i) => gtsOfImage(images, gts, i).numGts > 0,
  );
  const samples: Sample[] = [];
  const step = Math.max(1, Math.floor(annotated.length / NUM_IMAGES));
  for (const index of annotated.filter((_, i) => i % step === 0).slice(0, NUM_IMAGES)) {
    const { path: file, annotationPath } = imageAt(images, index);
    const image = await decodeImage(file).catch(() => null);
    const own = gtsOfImage(images, gts, index);
    if (image !== null) samples.push({ path: file, annotationPath, image, gts: own, classes });
  }
  if (samples.length > 0) return samples;
  throw new MiningError('dataset', 'images', 'one with objects that can be read', 'none', { file: path });
}

/** Objects by the checkpoint's classes; where the two do not meet, by the data set's, `byClass` false. */
export function labelledBy(
  { image, gts, classes }: Sample,
  checkpoint: NamedClasses & { readonly classMap?: ClassMap },
): { readonly image: RgbImage; readonly gts: GtTable; readonly byClass: boolean } {
  try {
    const { map } = mapClasses(classes, checkpoint, checkpoint.classMap);
    return { image, gts: relabel(gts, map), byClass: true };
  } catch (error) {
    if (error instanceof MiningError) return { image, gts, byClass: false };
    throw error;
  }
}
