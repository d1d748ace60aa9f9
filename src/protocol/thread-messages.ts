/** Typed calls between the engine process and its worker threads, which measure images side by side. */
import * as v from 'valibot';
import type { FileStamp } from '../core/facts/file-stamp.js';
import type { GtTable, RoiTable } from '../core/tables.js';
import { name, whole } from './check.js';
import { measureConfig } from './mining-requests.js';
import type { WireError } from './wire-error.js';

const real = v.union([v.instance(Float32Array), v.instance(Float64Array)]);
const pixels = whole(0, 2 ** 31);

/** Columns keep their kind on the way: structured clone copies them as they are. */
const gtTable: v.GenericSchema<GtTable> = v.strictObject({
  numGts: pixels,
  x1: real,
  y1: real,
  x2: real,
  y2: real,
  imageIndex: v.instance(Int32Array),
  gtClass: v.instance(Int32Array),
  isCrowd: v.instance(Uint8Array),
  isDifficult: v.instance(Uint8Array),
  annotation: v.instance(Int32Array),
});

/** What a thread opens before it measures: a checkpoint on the run's backend, as a run never mixes backends. */
const threadSetup = v.strictObject({
  checkpointPath: name,
  /** Backend id. */
  backend: name,
  numThreads: whole(1, 4096),
  measure: measureConfig,
});

/** What has to be known of an image to measure it, in this thread or another. */
const imageTask = v.strictObject({
  path: name,
  /** Size as annotated, px; 0 unknown. */
  width: pixels,
  height: pixels,
  /** Ground truth of this image, labelled by the checkpoint's classes. */
  gts: gtTable,
});
export type ImageTask = v.InferOutput<typeof imageTask>;

/** What measuring found: the size of the pixels, the file that they are from, and their RoIs. */
export interface Measured {
  readonly stamp: FileStamp;
  readonly width: number;
  readonly height: number;
  /** A file of several pages, of which the first was measured. */
  readonly hasMorePages: boolean;
  readonly rois: RoiTable;
}

/** Methods of a worker thread. */
export interface ThreadApi {
  /** Opens engine and detector; comes first. */
  open(setup: v.InferOutput<typeof threadSetup>): void;
  /** Measures an image; the next one is decoded while the model looks at this one. The table is moved, not copied. */
  measure(
    task: ImageTask,
  ): { readonly measured: Measured } | { readonly error: WireError; readonly of: 'image' | 'model' };
  /** The thread ends when the images before are measured. */
  end(params: object): void;
}

export const THREAD_REQUESTS = { open: threadSetup, measure: imageTask, end: v.strictObject({}) };
