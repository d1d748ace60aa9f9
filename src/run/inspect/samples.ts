/** Annotated images by which readings of a checkpoint compete. */
import type { NamedClasses } from '../../dataset/rows/class-mapping.js';
import type { ClassMap } from '../../core/class-names.js';
import type { RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { gtsOfImage, imageAt, type GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { decodeImage } from '../../dataset/pixels/decode-image.js';
import { mapClasses, relabel } from '../../dataset/rows/class-mapping.js';

/** Images to measure on, taken evenly over the data set. */
const NUM_IMAGES = 6;

export interface Sample {
  readonly path: string;
  readonly annotationPath: string;
  readonly image: RgbImage;
  /** Labels index `names`. */
  readonly gts: GtTable;
  readonly names: readonly string[];
  /** The labels are the checkpoint's classes. */
  readonly byClass: boolean;
}

/**
 * Images with objects, labelled by the checkpoint's classes where the two meet.
 * @throws MiningError 'dataset' where there are none that can be read.
 */
export async function samplesOf(
  { images, gts, classes, path }: Dataset,
  checkpoint: NamedClasses & { readonly classMap?: ClassMap },
): Promise<Sample[]> {
  const mapping = mappingOf(classes, checkpoint);
  const labelled = mapping === null ? gts : relabel(gts, mapping.map);
  const annotated = Array.from({ length: images.numImages }, (_, i) => i).filter(
    (i) => gtsOfImage(images, labelled, i).numGts > 0,
  );
  const samples: Sample[] = [];
  const step = Math.max(1, Math.floor(annotated.length / NUM_IMAGES));
  for (const index of annotated.filter((_, i) => i % step === 0).slice(0, NUM_IMAGES)) {
    const { path: file, annotationPath } = imageAt(images, index);
    const image = await decodeImage(file).catch(() => null);
    const names = mapping?.classes ?? classes;
    const facts = { path: file, annotationPath, gts: gtsOfImage(images, labelled, index), names };
    if (image !== null) samples.push({ ...facts, image, byClass: mapping !== null });
  }
  if (samples.length > 0) return samples;
  throw new MiningError('dataset', 'images', 'one with objects that can be read', 'none', { file: path });
}

/** null: the classes do not meet; then boxes alone tell. */
function mappingOf(classes: readonly string[], checkpoint: NamedClasses & { readonly classMap?: ClassMap }) {
  try {
    return mapClasses(classes, checkpoint, checkpoint.classMap);
  } catch (error) {
    if (error instanceof MiningError) return null;
    throw error;
  }
}
