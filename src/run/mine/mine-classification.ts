/** Classification: a classifier over labelled images, one RoI an image. */
import type { RgbImage } from '../../core/graph.js';
import { measureExamples } from '../../core/measure/measure-examples.js';
import { gtsOfImage } from '../../core/tables.js';
import { imageTask, loadImage } from './measure-image.js';
import type { LoadedImage, Outcome } from './measure-image.js';
import type { ImageOutcome } from './measure-images.js';
import { isOutOfMemory } from './out-of-memory.js';
import { prefetch } from './prefetch.js';
import type { Settled } from './prefetch.js';
import type { ExampleInputs } from './run-inputs.js';
import { MAX_WAITING_BYTES } from './settle-classifier.js';

/** Images decoded ahead of the one that joins the batch. */
const AHEAD = 4;

/**
 * Classifies images of the data set in batches, in the order in which they are given. Where memory runs out, batches
 * become half as large from then on, down to one image. Never throws.
 * @param warn is told so.
 */
export async function* classifyImages(
  inputs: ExampleInputs,
  indices: readonly number[],
  warn: (text: string) => void,
): AsyncGenerator<ImageOutcome> {
  const classify = shrinkingBatches(inputs, warn);
  let batch: Loaded[] = [];
  let bytes = 0;
  for await (const { item: index, loaded } of prefetch(indices, (item) => loadImage(imageTask(inputs, item)), AHEAD)) {
    batch.push({ index, loaded });
    bytes += 'value' in loaded ? loaded.value.data.length : 0;
    if (batch.length < inputs.classifier.batchSize && bytes < MAX_WAITING_BYTES) continue;
    yield* classifyBatch(inputs, batch, classify);
    batch = [];
    bytes = 0;
  }
  yield* classifyBatch(inputs, batch, classify);
}

type Scores = Float32Array | { readonly error: unknown };
type Classify = (images: readonly RgbImage[]) => Promise<readonly Scores[]>;

/** Classifies a batch, in parts once memory has run out; scores of each image, or why there are none. */
function shrinkingBatches({ classifier }: ExampleInputs, warn: (text: string) => void): Classify {
  const { batchSize, numClasses } = classifier;
  let size = batchSize;
  return async (images) => {
    const found: Scores[] = [];
    while (found.length < images.length) {
      const some = images.slice(found.length, found.length + size);
      try {
        const scores = await classifier.classify(some);
        some.forEach((_, i) => found.push(scores.subarray(i * numClasses, (i + 1) * numClasses)));
      } catch (error) {
        if (some.length === 1 || !isOutOfMemory(error)) {
          some.forEach(() => found.push({ error }));
          continue;
        }
        size = Math.floor(some.length / 2);
        warn(
          `engine: memory ran out with ${some.length} images at once; going on with ${size}: ` +
            `${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    return found;
  };
}

interface Loaded {
  readonly index: number;
  readonly loaded: Settled<LoadedImage>;
}

async function* classifyBatch(
  inputs: ExampleInputs,
  batch: readonly Loaded[],
  classify: Classify,
): AsyncGenerator<ImageOutcome> {
  const scores = await classify(batch.flatMap(({ loaded }) => ('value' in loaded ? [loaded.value] : [])));
  let place = 0;
  for (const { index, loaded } of batch) {
    if ('error' in loaded) {
      yield { index, outcome: { error: loaded.error, of: 'image' } };
      continue;
    }
    const own = scores[place++];
    yield {
      index,
      outcome: 'error' in own ? { error: own.error, of: 'model' } : measured(inputs, index, loaded.value, own),
    };
  }
}

function measured(
  { classifier, gts, dataset }: ExampleInputs,
  index: number,
  { width, height, stamp, hasMorePages }: LoadedImage,
  scores: Float32Array,
): Outcome {
  const { numClasses, scoreForm } = classifier;
  const labels = gtsOfImage(dataset.images, gts, index).gtClass;
  return {
    measured: {
      width,
      height,
      stamp,
      hasMorePages,
      rois: measureExamples(
        { numExamples: 1, numClasses, given: scoreForm.given, scores },
        { labels, width: [width], height: [height] },
      ),
    },
  };
}
