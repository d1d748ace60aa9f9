/** What a run has of its inputs, whatever its task, and what it says of them. */
import { inWords, type Phrase } from '../../core/said.js';
import type { Classifier } from '../../checkpoint/classifier/classifier.js';
import type { Detector } from '../../checkpoint/detector.js';
import type { MeasureConfig } from '../../core/measure/measure-config.js';
import type { ClassMapping } from '../../dataset/rows/class-mapping.js';
import type { Dataset } from '../../dataset/dataset.js';
import type { Predictions } from '../../dataset/predictions/registry.js';
import type {
  BackendFacts,
  CheckpointFacts,
  LossSource,
  RunManifest,
  RunMeasure,
} from '../../core/facts/run-manifest.js';
import { DEFAULT_KEEP_ROIS, runFormat } from '../../core/facts/run-manifest.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { imageAt } from '../../core/tables.js';
import type { GtTable, ImageTable } from '../../core/tables.js';
import type { MineOptions } from '../../protocol/mining-requests.js';
import { shardOf } from '../file/shard.js';
import { WRITTEN_BY } from '../file/written-by.js';

export interface RunInputs {
  readonly dataset: Dataset;
  /** Ground truth of all images, labelled by the checkpoint's classes. */
  readonly gts: GtTable;
  readonly manifest: RunManifest;
  dispose(): Promise<void>;
}

export interface DetectionInputs extends RunInputs {
  readonly detector: Detector;
  readonly measure: MeasureConfig;
  /** As `Engine.imagesPerThread`; Infinity: all are measured in one thread. */
  readonly imagesPerThread: number;
}

export interface ExampleInputs extends RunInputs {
  readonly classifier: Classifier;
}

/** Of detections in place of a checkpoint. */
export interface PredictionInputs extends RunInputs {
  readonly predictions: Predictions;
  readonly measure: MeasureConfig;
}

export type MineInputs = DetectionInputs | ExampleInputs | PredictionInputs;

/** What a checkpoint, or detections in its place, brings into the manifest. */
export type ModelFacts = RunMeasure & {
  readonly lossSource: LossSource;
  readonly checkpoint: CheckpointFacts;
  readonly backend: BackendFacts | null;
  readonly mapping: ClassMapping;
  readonly mining: MiningConfig;
  readonly notes: readonly Phrase[];
};

/** The images that a run is of by their place in the data set, in its order: the first n, and of these a shard. */
export function placesOf(images: ImageTable, { limit, shard }: Pick<MineOptions, 'limit' | 'shard'>): number[] {
  const first = Math.min(limit ?? images.numImages, images.numImages);
  const places = Array.from({ length: first }, (_, place) => place);
  if (!shard) return places;
  return places.filter((place) => shardOf(imageAt(images, place).id, shard.count) === shard.index);
}

/** A data set may have a flaw an object: the file keeps so many, the log all. */
const MAX_WARNINGS = 20;

/** The manifest of a run over a data set. */
export function minedManifest(options: MineOptions, dataset: Dataset, model: ModelFacts): RunManifest {
  const { limit, classMap, shard, keepRois = DEFAULT_KEEP_ROIS } = options;
  const { kind, path, imageRoot, split, sha256, images, warnings } = dataset;
  const { mapping, notes, ...measured } = model;
  const { boxOrigin, columns } = dataset;
  const told = {
    ...(boxOrigin !== undefined && { boxOrigin }),
    ...(columns && { columns }),
    ...(classMap && { classMap }),
    ...(shard && { shard: { ...shard, numImages: placesOf(images, options).length } }),
  };
  const part = limit !== null && limit < images.numImages ? [`the first ${limit} of ${images.numImages} images`] : [];
  return {
    ...runFormat(model.task, keepRois),
    ...measured,
    createdAt: new Date().toISOString(),
    writtenBy: WRITTEN_BY,
    precision: 'float32',
    classes: mapping.classes,
    dataset: { kind, path, imageRoot, split, ...told, numImages: images.numImages, sha256 },
    notes: [
      ...notes.map((note) => inWords(note)),
      ...mapping.notes,
      ...part,
      ...dataset.notes,
      ...warnings.slice(0, MAX_WARNINGS),
    ],
  };
}
