/** Classification: a classifier over labelled images, one RoI an image. */
import type { Classifier } from '../../checkpoint/classifier/classifier.js';
import { openClassifier } from '../../checkpoint/registry.js';
import { FAST_RCNN_MEASURE } from '../../core/losses/detector-output.js';
import type { MeasureConfig } from '../../core/losses/detector-output.js';
import type { RgbImage } from '../../core/graph.js';
import { measureExamples } from '../../core/measure/measure-examples.js';
import { MiningError } from '../../core/mining-error.js';
import { mapClasses } from '../../dataset/rows/class-mapping.js';
import type { Dataset } from '../../dataset/dataset.js';
import { startEngine } from '../../engine/registry.js';
import { imageTask, loadImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import type { ImageOutcome } from './measure-images.js';
import type { MineOptions } from './mine-options.js';
import { isOutOfMemory } from './out-of-memory.js';
import { prefetch } from './prefetch.js';
import type { Settled } from './prefetch.js';
import { proxyManifest, relabel } from './run-inputs.js';
import type { RunInputs } from './run-inputs.js';
import { watchedGraph } from './watchdog.js';
import type { Watchdog } from './watchdog.js';

export interface ExampleInputs extends RunInputs {
  readonly classifier: Classifier;
}

/** Images on which the classifier's pixel scale is tried. */
const TRIAL_IMAGES = 32;
/** Decoded pixels that wait for a forward; images are at most 400 MB each. */
const MAX_WAITING_BYTES = 2 ** 28;
/** Images decoded ahead of the one that joins the batch. */
const AHEAD = 4;

/**
 * Opens a checkpoint as a classifier and settles it on some images of the data set, spread evenly over it.
 * @param dataset of task classification.
 * @param backend id to pin; null: the best that runs here.
 * @param watchdog is told of each forward.
 * @throws MiningError of whichever part does not fit.
 */
export async function openExamples(
  options: MineOptions,
  dataset: Dataset,
  backend: string | null,
  watchdog: Watchdog,
): Promise<ExampleInputs> {
  refuseMeasure(options.measure);
  const files = await openClassifier(options.checkpointPath);
  const started = await startEngine(files.format, backend);
  const { engine } = started;
  const bound = await files
    .open(async (path, format) => watchedGraph(await engine.loadGraph(path, format), watchdog))
    .catch(async (error: unknown) => {
      await engine.dispose();
      throw error;
    });
  const dispose = async () => {
    bound.dispose();
    await engine.dispose();
  };
  try {
    const mapping = mapClasses(dataset.classes, bound.classes, bound.numClasses);
    const gts = relabel(dataset.gts, mapping.map);
    const trial = await trialImages(dataset);
    const classifier = await bound.settle(
      trial.map(({ image }) => image),
      Int32Array.from(trial, ({ index }) => gts.gtClass[index]),
    );
    const { family, inputWidth, inputHeight, scoreForm, notes } = classifier;
    const checkpoint = { path: files.path, family, sha256: files.sha256, inputWidth, inputHeight };
    const mining = options.classificationMining ?? options.mining;
    const manifest = proxyManifest(options, dataset, {
      checkpoint,
      engine: started,
      mapping,
      measure: { ...FAST_RCNN_MEASURE, scoreForm },
      mining,
      notes,
    });
    return { dataset, gts, classifier, manifest, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A resumed run is given what its manifest says. */
function refuseMeasure(changes: Partial<MeasureConfig>): void {
  const changed = Object.entries(changes).filter(
    ([key, value]) => value !== undefined && value !== FAST_RCNN_MEASURE[key as keyof MeasureConfig],
  );
  if (changed.length === 0) return;
  throw new MiningError(
    'options',
    'measure',
    'nothing: a classifier is measured by cross-entropy',
    changed.map(([key, value]) => `${key}=${value}`).join(', '),
  );
}

interface TrialImage {
  /** Row of the data set. */
  readonly index: number;
  readonly image: RgbImage;
}

/** Images that can be read, of all parts of the data set: class folders come one after the other. */
async function trialImages({ images: { numImages, path } }: Dataset): Promise<TrialImage[]> {
  const count = Math.min(TRIAL_IMAGES, numImages);
  const found: TrialImage[] = [];
  let bytes = 0;
  for (let i = 0; i < count && bytes < MAX_WAITING_BYTES; i++) {
    const index = Math.floor((i * numImages) / count);
    const image = await loadImage({ path: path[index], width: 0, height: 0 }).catch(() => null);
    if (image === null) continue;
    found.push({ index, image });
    bytes += image.data.length;
  }
  return found;
}

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
          `engine: memory ran out with ${some.length} images at once; going on with ${size}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    }
    return found;
  };
}

interface Loaded {
  readonly index: number;
  readonly loaded: Settled<RgbImage>;
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
  { width, height }: RgbImage,
  scores: Float32Array,
): Outcome {
  const { numClasses, scoreForm } = classifier;
  const labels = Int32Array.of(gts.gtClass[dataset.images.gtStart[index]]);
  return {
    measured: {
      width,
      height,
      rois: measureExamples(
        { numExamples: 1, numClasses, given: scoreForm.given, scores },
        { labels, width: [width], height: [height] },
      ),
    },
  };
}
