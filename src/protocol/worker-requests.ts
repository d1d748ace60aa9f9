/** What the engine process can be asked, as schemas: it checks with them what arrives. */
import * as v from 'valibot';
import { IMAGE_ORDER_IDS } from '../core/facts/image-orders.js';
import { name, share, whole } from './check.js';
import { checkpointPage, checkpointQuery, exampleKey } from './checkpoint-messages.js';
import { exportScope, galleryPage, galleryQuery } from './gallery-messages.js';
import { verdict } from './decisions.js';
import { miningOptions } from './mining-config.js';
import { classMap, followShardsOptions, importOptions, inspectOptions, mineOptions } from './mining-requests.js';
import type { TrainConfigFile } from './train-config.js';

const imageIndex = whole(0, 2 ** 31);
/** Paths of the run before a training and of the one after it. */
const twoRuns = { before: name, after: name };

const onePath = v.strictObject({ path: name });

const trainRequest = v.strictObject({
  /** Checked with the file's name in its errors: see `checkTrainConfig`. */
  config: v.custom<TrainConfigFile>(() => true),
  /** Where the configuration stands, absolute: its relative paths start there. */
  file: name,
  resume: v.boolean(),
  /** Replace a training that the folder holds. */
  force: v.boolean(),
});

/** `besideOf`: the run beside which the decisions lie; `moves`: as of `movedPath`. */
const galleryOf = {
  runPath: name,
  besideOf: name,
  mining: miningOptions,
  backgroundBelow: share,
  moves: v.array(v.strictObject({ from: v.string(), to: v.string() })),
};

/** Runs of the same data, in the order of training. */
const checkpointsOf = { paths: v.array(name) };

/** What of a run is exported, and as what. */
const exportOf = {
  runPath: name,
  mining: miningOptions,
  backgroundBelow: share,
  order: v.picklist(IMAGE_ORDER_IDS),
  /** The hardest images only; null all. */
  most: v.nullable(whole(1, 2 ** 31)),
  /** Only images with one of these verdicts; absent: all. */
  verdicts: v.exactOptional(v.array(verdict)),
  scope: v.exactOptional(exportScope),
  /** Id of one of `exportFormats`. */
  format: name,
};

export const WORKER_REQUESTS = {
  mine: mineOptions,
  importDump: importOptions,
  followShards: followShardsOptions,
  train: trainRequest,
  compareBefore: v.strictObject(twoRuns),
  fatesOnImage: v.strictObject({ ...twoRuns, imageIndex }),
  /** `out`: folder of a training; `id`: of an image that it measures. */
  trainingGains: v.strictObject({ out: name }),
  gainOnImage: v.strictObject({ out: name, id: name }),
  /** `refresh`: look again. */
  backends: v.strictObject({ refresh: v.exactOptional(v.boolean()) }),
  summarise: v.strictObject({ runPath: name, mining: miningOptions }),
  compareRun: v.strictObject({ runPath: name, a: miningOptions, b: miningOptions }),
  galleryQuery: v.strictObject({ ...galleryOf, query: galleryQuery }),
  galleryPage: v.strictObject({ ...galleryOf, page: galleryPage }),
  /** `again`: as the runs are now. */
  checkpointsRead: v.strictObject({ ...checkpointsOf, again: v.boolean() }),
  checkpointsQuery: v.strictObject({ ...checkpointsOf, query: checkpointQuery }),
  checkpointsPage: v.strictObject({ ...checkpointsOf, page: checkpointPage }),
  checkpointsExample: v.strictObject({ ...checkpointsOf, key: exampleKey }),
  /** `most`: images that are looked at, about; null: all. */
  adviseRun: v.strictObject({ runPath: name, mining: miningOptions, most: v.nullable(whole(1, 2 ** 31)) }),
  /** Is it as it was written? Reads every byte. */
  checkRun: v.strictObject({ runPath: name }),
  /** What is no longer as it was when the run was mined? */
  changedOnDisk: v.strictObject({ runPath: name }),
  salvage: v.strictObject({ runPath: name, outPath: name, force: v.boolean() }),
  recipes: v.strictObject({}),
  exportFormats: v.strictObject({}),
  exportSelection: v.strictObject({ ...exportOf, outPath: name, force: v.boolean() }),
  /** The same as one text, for the clipboard. */
  exportText: v.strictObject(exportOf),
  findInputs: v.strictObject({ roots: v.array(name) }),
  dumpAt: onePath,
  dumpImages: v.strictObject({ path: name, images: v.nullable(name) }),
  splitsOf: onePath,
  untoldOrigin: v.strictObject({ path: name, split: v.exactOptional(name) }),
  contractNames: onePath,
  keepClassMap: v.strictObject({ checkpoint: name, family: name, classMap }),
  inspect: inspectOptions,
  /** `reading`: index of those of the last answer. */
  takeReading: v.strictObject({ reading: whole(0, 2 ** 16) }),
  /** `id`, `choice`: of a repair of the last answer. */
  repairReading: v.strictObject({ id: name, choice: whole(0, 2 ** 16) }),
  /** `replace`: also what the contract on the disk says otherwise. */
  saveReading: v.strictObject({ replace: v.boolean() }),
  trainableFolder: onePath,
  /** `input` is checked by the tool, whose errors a model reads. */
  askAgentTool: v.strictObject({ name, input: v.unknown(), root: v.string(), paths: v.array(name) }),
  annotationPlace: v.strictObject({ format: name, path: name, index: whole(0, 2 ** 31) }),
  annotationMarks: v.strictObject({ runPath: name, file: name, mining: miningOptions, backgroundBelow: share }),
  suspectMarks: v.strictObject({ runPath: name }),
  toPng: v.strictObject({ path: name, outPath: name }),
};
export type WorkerRequest<M extends keyof typeof WORKER_REQUESTS> = v.InferOutput<(typeof WORKER_REQUESTS)[M]>;
