/** Settles a classifier on some images of the data set: scaling of pixels, logits or softmax, whether batches work. */
import type { BoundClassifier, Classifier } from '../../checkpoint/classifier/classifier.js';
import type { MeasureConfig } from '../../core/measure/measure-config.js';
import type { RgbImage } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { gtsOfImage, imageAt, type GtTable } from '../../core/tables.js';
import type { Dataset } from '../../dataset/dataset.js';
import { loadImage } from './measure-image.js';

/** Images on which the classifier's pixel scale is tried. */
const TRIAL_IMAGES = 32;
/** Decoded pixels that wait for a forward; images are at most 400 MB each. */
export const MAX_WAITING_BYTES = 2 ** 28;

/**
 * A classifier has one measure; a resumed run is given what its manifest says, which is that.
 * @throws MiningError 'options' for any other.
 */
export function refuseMeasure(changes: Partial<MeasureConfig>): void {
  const changed = Object.entries(changes).filter(
    ([key, value]) => value !== undefined && !(key === 'clsLoss' && value === 'cross-entropy'),
  );
  if (changed.length === 0) return;
  throw new MiningError(
    'options',
    'measure',
    'nothing: a classifier is measured by cross-entropy',
    changed.map(([key, value]) => `${key}=${value}`).join(', '),
  );
}

/**
 * @param dataset of task classification; images are taken evenly over it.
 * @param gts its ground truth by the checkpoint's classes, one row an image.
 * @throws MiningError 'checkpoint' as `BoundClassifier.settle`.
 */
export async function settleClassifier(bound: BoundClassifier, dataset: Dataset, gts: GtTable): Promise<Classifier> {
  const trial = await trialImages(dataset);
  return bound.settle(
    trial.map(({ image }) => image),
    Int32Array.from(trial.flatMap(({ index }) => [...gtsOfImage(dataset.images, gts, index).gtClass])),
  );
}

interface TrialImage {
  /** Row of the data set. */
  readonly index: number;
  readonly image: RgbImage;
}

/** Images that can be read, of all parts of the data set: class folders come one after the other. */
async function trialImages({ images }: Dataset): Promise<TrialImage[]> {
  const count = Math.min(TRIAL_IMAGES, images.numImages);
  const found: TrialImage[] = [];
  let bytes = 0;
  for (let i = 0; i < count && bytes < MAX_WAITING_BYTES; i++) {
    const index = Math.floor((i * images.numImages) / count);
    const image = await loadImage({ path: imageAt(images, index).path, width: 0, height: 0 }).catch(() => null);
    if (image === null) continue;
    found.push({ index, image });
    bytes += image.data.length;
  }
  return found;
}
