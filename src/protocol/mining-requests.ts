/** What mining, importing and inspecting can be told; the CLI's flags and the editor's picks become this. */
import * as v from 'valibot';
import { MEASURE_KEYS, MEASURE_OPTIONS } from '../core/measure/measure-config.js';
import type { MeasureConfig } from '../core/measure/measure-config.js';
import type { RunManifest } from '../core/facts/run-manifest.js';
import { MiningError } from '../core/mining-error.js';
import type { OptionSpecs } from '../core/option-specs.js';
import { finite, name, whole } from './check.js';
import { miningOptions } from './mining-config.js';

/** Ranges are checked where the numbers are used (core/measure). */
const measureKeys = Object.fromEntries(MEASURE_KEYS.map((key) => [key, entryOf(MEASURE_OPTIONS[key])]));
export const measureConfig = v.strictObject(measureKeys) as unknown as v.GenericSchema<MeasureConfig>;
const measureChanges = v.strictObject(someOf(measureKeys)) as unknown as v.GenericSchema<Partial<MeasureConfig>>;

function entryOf(spec: OptionSpecs[string]) {
  if (spec.kind === 'choice') return v.picklist(spec.choices);
  return spec.kind === 'switch' ? v.boolean() : finite;
}

const datasetOptions = v.strictObject({
  /** Folder of the images where the annotations do not tell. */
  images: v.exactOptional(name),
  /** Part of the data set, as its format names it. */
  split: v.exactOptional(name),
  /** What the corners of boxes count from, where the format leaves it open. */
  boxOrigin: v.exactOptional(v.picklist([0, 1])),
  /** Headers of a table of boxes, by what each column holds. */
  columns: v.exactOptional(v.record(name, name)),
});

/** By class of a data set the checkpoint's; null: none. */
export const classMap = v.record(v.string(), v.nullable(v.string()));

export const mineOptions = v.strictObject({
  /** A checkpoint, or predictions in its place: which, a look tells. */
  checkpointPath: name,
  /** The person said that it is predictions: anything else is refused as such. */
  predictions: v.exactOptional(v.boolean()),
  datasetPath: name,
  dataset: datasetOptions,
  outPath: name,
  mining: miningOptions,
  /** In place of `mining` where the data set turns out to be one of classification; absent: `mining` there too. */
  classificationMining: v.exactOptional(miningOptions),
  /** Changes to the family's own measure defaults. */
  measure: measureChanges,
  /** Goes before names and before the contract's. */
  classMap: v.exactOptional(classMap),
  /** Backend id to pin; null: the best that runs here. */
  backend: v.nullable(name),
  /** Mine the first n images only; null: all. */
  limit: v.nullable(whole(1, 2 ** 31)),
  /** Mine one of `count` parts of these images only; null: all. */
  shard: v.exactOptional(v.nullable(v.object({ index: whole(0, 2 ** 20), count: whole(1, 2 ** 20) }))),
  /** RoIs of an image that the run keeps, about; null: all; absent: the default, of a resumed run its own. */
  keepRois: v.exactOptional(v.nullable(whole(1, 2 ** 31))),
  /** Continue `outPath` where a killed run stopped. */
  resume: v.boolean(),
  /**
   * Seconds without a forward or an image after which the backend is taken to hang and the process ends; 0: never;
   * absent: TIME_LIMIT_S.
   */
  timeLimitS: v.exactOptional(v.number()),
  /** Replace an `outPath` that exists. */
  force: v.exactOptional(v.boolean()),
  /** Measure only these images of the run at `outPath` anew, by id, or those that have changed since; keep the rest. */
  remine: v.exactOptional(v.union([v.literal('changed'), v.array(name)])),
});
export type MineOptions = v.InferOutput<typeof mineOptions>;

interface MinedRun {
  readonly path: string;
  readonly manifest: RunManifest;
}

/** How a run was mined, as `MineOptions` without what to do with its file. @throws MiningError 'run-file' */
export function minedFrom({ path, manifest }: MinedRun): Omit<MineOptions, 'resume' | 'timeLimitS'> {
  const { checkpoint, dataset, measure, backend, mining, lossSource } = manifest;
  if (checkpoint === null || measure === null)
    throw new MiningError('run-file', 'resume', 'a run that was mined from a checkpoint', 'imported losses', {
      file: path,
    });
  const config = Object.fromEntries(Object.entries(measure).filter(([name]) => name !== 'scoreForm'));
  return {
    checkpointPath: checkpoint.path,
    ...(lossSource === 'predictions' && { predictions: true }),
    datasetPath: dataset.path,
    dataset: {
      images: dataset.imageRoot,
      ...(dataset.split === null ? {} : { split: dataset.split }),
      ...(dataset.boxOrigin === undefined ? {} : { boxOrigin: dataset.boxOrigin }),
      ...(dataset.columns === undefined ? {} : { columns: dataset.columns }),
    },
    ...(dataset.classMap === undefined ? {} : { classMap: dataset.classMap }),
    outPath: path,
    mining,
    measure: config,
    backend: backend?.id ?? null,
    limit: null,
    keepRois: manifest.keepRois ?? null,
    ...(dataset.shard && { shard: { index: dataset.shard.index, count: dataset.shard.count } }),
  };
}

export const inspectOptions = v.strictObject({
  checkpoint: name,
  /** Annotated images to measure by. */
  data: name,
  dataset: datasetOptions,
  /** Backend id to pin; null: the best that runs here. */
  backend: v.nullable(name),
});

export const importOptions = v.strictObject({
  dumpPath: name,
  /** Folder that image names are relative to; null: the dump's own. */
  images: v.nullable(name),
  outPath: name,
  /** null: the default of the dump's task. */
  mining: v.nullable(miningOptions),
  /** Go on while a training writes, until the call is aborted. */
  follow: v.exactOptional(v.boolean()),
  /** Replace an `outPath` that exists. */
  force: v.exactOptional(v.boolean()),
});

export const followShardsOptions = v.strictObject({
  /** Folder of the shards. */
  folder: name,
  outPath: name,
  /** The data set, where it is not where the shards found it. */
  datasetPath: v.exactOptional(name),
});

/** The same keys, each of which may be left out. */
function someOf<E extends v.ObjectEntries>(entries: E) {
  const optional = Object.entries(entries).map(([key, schema]) => [key, v.exactOptional(schema)]);
  return Object.fromEntries(optional) as { [K in keyof E]: v.ExactOptionalSchema<E[K], undefined> };
}
