/**
 * What a run file says about itself: everything that a reader needs beside the columns. Stored as JSON in the schema.
 */
import type { ClassificationMeasure, DetectionMeasure } from '../measure/measure-config.js';
import type { MiningConfig } from '../mining/mining-options.js';
import type { Precision, RoiBoxId, Task } from '../tables.js';

/**
 * 1: every RoI of an image is a row; 2: the hardest are, with what is known of the rest (docs/adr/0025); 3: examples of
 * a classification, many to a record batch (docs/adr/0028).
 */
export const RUN_FORMAT_VERSIONS = [1, 2, 3] as const;

/** RoIs of an image that a run keeps, about, where nobody says how many. */
export const DEFAULT_KEEP_ROIS = 1000;

/** What a run's manifest says of its format. @param keepRois null: all; of examples there is nothing to choose. */
export function runFormat(task: Task, keepRois: number | null): Pick<RunFacts, 'ohemRun' | 'keepRois'> {
  if (task === 'classification') return { ohemRun: 3 };
  return keepRois === null ? { ohemRun: 1 } : { ohemRun: 2, keepRois };
}

/** How the losses came about, by task; `measure` null: they were imported. */
export type RunMeasure =
  | { readonly task: 'detection'; readonly measure: DetectionMeasure | null }
  | { readonly task: 'classification'; readonly measure: ClassificationMeasure | null };

export type RunManifest = RunFacts & RunMeasure;

/** Where losses come from, in the words that a person reads. */
export const LOSS_SOURCES = {
  /** A frozen checkpoint measured offline. */
  proxy: 'offline proxy: frozen checkpoint',
  /** Imported from a training run. */
  training: 'losses from training',
  /** A file of detections measured offline; `checkpoint` is that file. */
  predictions: 'offline proxy: detections of a file, without a checkpoint',
} as const;
export type LossSource = keyof typeof LOSS_SOURCES;

export interface RunFacts {
  readonly ohemRun: (typeof RUN_FORMAT_VERSIONS)[number];
  readonly createdAt: string;
  /** `ohem-lens 0.1.0`. */
  readonly writtenBy: string;
  readonly precision: Precision;
  /** K foreground class names; index = class id. */
  readonly classes: readonly string[];
  readonly lossSource: LossSource;
  readonly checkpoint: CheckpointFacts | null;
  readonly backend: BackendFacts | null;
  readonly dataset: DatasetFacts;
  /** The configuration by which the run's own summaries were computed. */
  readonly mining: MiningConfig;
  /** RoIs that are kept of an image, about (`keepRois` of the triage); absent: all. */
  readonly keepRois?: number;
  /** Remarks a reader should see: `from probabilities`, `categories without a class: zebra`. */
  readonly notes: readonly string[];
  /** When images were mined anew since, and which; absent: never. */
  readonly remined?: readonly Remined[];
}

/** Ids of images that one entry of `remined` names; the rest is only counted. */
export const MAX_REMINED = 1000;

/** Images of a run that were mined anew in its place. */
export interface Remined {
  /** ISO 8601. */
  readonly at: string;
  readonly numImages: number;
  /** Ids of the first MAX_REMINED. */
  readonly images: readonly string[];
}

/** The family of detectors that can be trained here. */
export const TRAINED_FAMILY = 'fast-rcnn';

/** Whether a run's checkpoint may be one to train on from; opening it tells for sure. */
export function mayTrain({ checkpoint, lossSource }: RunManifest): boolean {
  return lossSource === 'proxy' && checkpoint?.family === TRAINED_FAMILY;
}

/** What runs over the same data share, by the words in which a person knows it. */
export function dataFacts({ task, dataset, classes }: RunManifest) {
  return {
    task,
    'data set (sha256)': dataset.sha256,
    'data set split': dataset.split,
    // Runs that do not tell counted from 1, or had no choice.
    'corners count from': dataset.boxOrigin ?? 1,
    columns: JSON.stringify(dataset.columns ?? {}),
    classes: classes.join(', '),
  } as const;
}

/**
 * The first fact in which the data of two runs differ; null: they looked at the same. Dumps of several epochs are
 * several files, their images are matched by name: of imported losses the data set's hash says nothing.
 */
export function dataDifference(a: RunManifest, b: RunManifest): keyof ReturnType<typeof dataFacts> | null {
  const [expected, received] = [dataFacts(a), dataFacts(b)];
  const keys = Object.keys(expected) as (keyof typeof expected)[];
  const told = (key: keyof typeof expected) => key !== 'data set (sha256)' || a.lossSource !== 'training';
  return keys.find((key) => told(key) && expected[key] !== received[key]) ?? null;
}

/** The box that a run's RoIs are compared by: the region where nothing else is said. */
export function roiBoxOf(manifest: RunManifest): RoiBoxId {
  return manifest.task === 'detection' ? (manifest.measure?.roiBox ?? 'region') : 'region';
}

/** Images that a whole run of these data has; 0: not known beforehand. */
export function numExpected({ shard, numImages }: DatasetFacts): number {
  return shard?.numImages ?? numImages;
}

/** What gave the boxes and scores: a checkpoint, or a file of its detections. */
export interface CheckpointFacts {
  readonly path: string;
  /** Detector family, as registered in the checkpoint room: `yolox`, `fast-rcnn`, …; of detections their format. */
  readonly family: string;
  /** SHA-256 over its files, hex. */
  readonly sha256: string;
  /** px; 0 for detections. */
  readonly inputWidth: number;
  readonly inputHeight: number;
}

export interface BackendFacts {
  /** Registry id: `onnxruntime-node`, `tfjs-wasm`, … */
  readonly id: string;
  readonly version: string;
  /** `CPU`, `NVIDIA H100 …`. */
  readonly device: string;
  /** Why better-placed backends were refused, one line each. */
  readonly refused: readonly string[];
}

/** One of the parts into which a data set is split by a hash of its images' ids (docs/scale). */
export interface ShardFacts {
  /** [0, count). */
  readonly index: number;
  readonly count: number;
  /** Images of the data set that fall into it. */
  readonly numImages: number;
}

export interface DatasetFacts {
  /** Reader: `coco`, `voc`, `folders`, `dump`. */
  readonly kind: string;
  /** Absolute path as it was opened. */
  readonly path: string;
  /** Absolute folder that image ids are relative to. */
  readonly imageRoot: string;
  readonly split: string | null;
  /** What the corners of its boxes were taken to count from, where the format leaves it open (Pascal VOC, CSV). */
  readonly boxOrigin?: 0 | 1;
  /** Headers that the person named for a CSV of boxes, by what their columns hold. */
  readonly columns?: Readonly<Record<string, string>>;
  /** What the person said, by its class names, of the checkpoint's; beside what the contract says. */
  readonly classMap?: Readonly<Record<string, string | null>>;
  /** 0: not known beforehand, a dump was followed while a training wrote it. */
  readonly numImages: number;
  /** The part that this run is of; absent: the whole. */
  readonly shard?: ShardFacts;
  /** Folder of shards from which a run was followed that is not yet the merged one. */
  readonly shardsIn?: string;
  /** SHA-256 over annotation files, hex; of a dump that was followed, over its header. */
  readonly sha256: string;
}

/**
 * One row an image, computed while mining with the manifest's configuration: enough to list, sort and find images
 * without reading any RoI.
 */
export interface ImageSummary {
  readonly id: string;
  /** Absolute path of the pixels; '' unknown. */
  readonly path: string;
  readonly annotationPath: string;
  /** Upright size, px; 0 unknown. */
  readonly width: number;
  readonly height: number;
  readonly numRois: number;
  readonly numGts: number;
  readonly numForeground: number;
  readonly numSelected: number;
  readonly numIgnored: number;
  readonly numInvalid: number;
  /** Over the selected RoIs, nats: sum, mean, maximum; 0 where none is selected. */
  readonly lossSum: number;
  readonly lossMean: number;
  readonly lossMax: number;
  /** Mean entropy of the foreground RoIs, nats; -1 unknown (docs/measures.md). */
  readonly entropy: number;
  /** Chance that one of the labels is wrong, [0, 1]; -1 unknown (docs/measures.md). */
  readonly mistakenness: number;
  /** Why the image could not be measured; '' when it was. */
  readonly error: string;
}

/** An image of which nothing is known. */
export const BLANK_SUMMARY: ImageSummary = {
  id: '',
  path: '',
  annotationPath: '',
  width: 0,
  height: 0,
  numRois: 0,
  numGts: 0,
  numForeground: 0,
  numSelected: 0,
  numIgnored: 0,
  numInvalid: 0,
  lossSum: 0,
  lossMean: 0,
  lossMax: 0,
  entropy: -1,
  mistakenness: -1,
  error: '',
};

/**
 * No RoI of the image has a loss that is a number, and some should have one: its model gave NaN or infinities. Its loss
 * sums are 0, which does not make it an easy image.
 */
export function hasNoFiniteLoss({
  numRois,
  numInvalid,
  numIgnored,
}: Pick<ImageSummary, 'numRois' | 'numInvalid' | 'numIgnored'>): boolean {
  return numInvalid > 0 && numInvalid + numIgnored === numRois;
}

/** Why an image has no losses to be ranked by; '' where it has. */
export function whyNoLoss(image: ImageSummary): string {
  return image.error === '' && hasNoFiniteLoss(image) ? 'no finite loss' : image.error;
}
