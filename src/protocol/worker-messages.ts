/** Typed calls between the extension host and the engine process. Facts only: tables go through the run file. */
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import type { ComparisonFacts } from '../core/reports/compare-selections.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import type { FoundInput, FoundInputs } from './found-inputs.js';
import type { MineProgress } from './panel-messages.js';
import type { ChosenBatch, FateFacts, FateOfImage, FateRows, TrainingPoint } from './train-messages.js';

/** Methods of the engine process: parameters and result. One run a process; a run is cancelled by killing it. */
export interface WorkerApi {
  /** Mines into a run file; reports by events. `options` is a `MineOptions` of the run room. */
  mine(params: { readonly options: object }): { readonly outPath: string };
  /** Imports a RoI dump into a run file; reports by events as `mine` does. */
  importDump(params: {
    readonly dumpPath: string;
    /** Folder that image names are relative to; null: the dump's own. */
    readonly images: string | null;
    readonly outPath: string;
    /** null: the default of the dump's task. */
    readonly mining: MiningConfig | null;
    /** Replace an `outPath` that exists. */
    readonly force?: boolean;
  }): { readonly outPath: string };
  /**
   * Trains, as `ohem train` does; reports by events. `config` is a configuration of docs/training.md, relative paths of
   * it
   * start at the folder of `file`. Where the host goes away it ends after the step that runs.
   */
  train(params: {
    readonly config: object;
    readonly file: string;
    readonly resume: boolean;
    readonly force: boolean;
  }): {
    readonly state: 'finished' | 'stopped';
    readonly step: number;
  };
  /** Ends the training of this process after the step that runs; answers when it has ended. */
  stopTraining(params: object): Record<string, never>;
  /** What became of the hard examples of the run before a training, over all images both have. */
  compareBefore(params: { readonly before: string; readonly after: string }): {
    readonly total: FateFacts;
    readonly images: readonly FateOfImage[];
  };
  /** The same on one image, example by example. */
  fatesOnImage(params: { readonly before: string; readonly after: string; readonly imageIndex: number }): FateRows;
  /** The verdict on every backend, each found out in a process of its own; `refresh`: look again. */
  backends(params: { readonly refresh?: boolean }): { readonly verdicts: readonly BackendVerdict[] };
  /** Selects again over a whole run with another configuration: one summary an image, in file order. */
  summarise(params: { readonly runPath: string; readonly mining: MiningConfig }): {
    readonly images: readonly ImageSummary[];
  };
  /** How two configurations differ in what they select, over a run and on each of its images. */
  compareRun(params: { readonly runPath: string; readonly a: MiningConfig; readonly b: MiningConfig }): {
    readonly total: ComparisonFacts;
    readonly images: readonly (ComparisonFacts & { readonly imageIndex: number; readonly id: string })[];
  };
  /** The formats of an export, the usual one first. */
  exportFormats(params: object): { readonly formats: readonly ExportFormatFacts[] };
  /** Writes the selected RoIs of a run; `format` is the id of one of `exportFormats`. */
  exportSelection(params: {
    readonly runPath: string;
    readonly mining: MiningConfig;
    readonly outPath: string;
    readonly format: string;
  }): { readonly numRows: number };
  /** What can be mined below some folders. */
  findInputs(params: { readonly roots: readonly string[] }): FoundInputs;
  /** The dump at a path, as `findInputs` would list it; null: none. */
  dumpAt(params: { readonly path: string }): { readonly dump: FoundInput | null };
  /** The splits of a data set to choose from, the default first; none: there is no choice. */
  splitsOf(params: { readonly path: string }): { readonly splits: readonly string[] };
  /** What a checkpoint's contract calls it; '' where it does not say. */
  contractNames(params: { readonly path: string }): { readonly family: string; readonly title: string };
  /** Where object `index` of an annotation file stands in its text, UTF-16 units; null: nowhere. `format`: its id. */
  annotationPlace(params: { readonly format: string; readonly path: string; readonly index: number }): {
    readonly place: { readonly start: number; readonly end: number } | null;
  };
  /** Converts an image that browsers cannot show into a PNG. */
  toPng(params: { readonly path: string; readonly outPath: string }): Record<string, never>;
}
/** A file format for selected RoIs. */
export interface ExportFormatFacts {
  readonly id: string;
  /** As a save dialog names it. */
  readonly title: string;
  /** Without the dot. */
  readonly extension: string;
}
export type WorkerMethod = keyof WorkerApi;

export type WorkerEvent =
  /** The run file exists and has its schema. */
  | {
      readonly event: 'opened';
      readonly manifest: RunManifest;
      /** Name of the run in the end. */
      readonly outPath: string;
      /** Where it grows: the same, or beside the run of that name that it replaces when it is done. */
      readonly growsAt: string;
      readonly schemaEnd: number;
    }
  /** An image was appended: its bytes are [start, end) of the growing file. */
  | {
      readonly event: 'image';
      readonly imageIndex: number;
      readonly start: number;
      readonly end: number;
      readonly summary: ImageSummary;
    }
  | { readonly event: 'progress'; readonly progress: MineProgress }
  /** A line of the training's log. */
  | { readonly event: 'training'; readonly point: TrainingPoint }
  /** What a step of the training chose. */
  | { readonly event: 'chosen'; readonly batch: ChosenBatch }
  | { readonly event: 'log'; readonly level: 'info' | 'warning' | 'error'; readonly text: string };

/** Host to process. */
export type WorkerRequest = {
  [M in WorkerMethod]: { readonly call: M; readonly id: number; readonly params: Parameters<WorkerApi[M]>[0] };
}[WorkerMethod];

/** Process to host. */
export type WorkerReply =
  | { readonly ok: number; readonly result: unknown }
  | { readonly error: number; readonly code: string; readonly message: string }
  | WorkerEvent;
