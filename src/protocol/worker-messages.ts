/** Typed calls between the extension host and the engine process. Facts only: tables go through the run file. */
import type { MinedColumnsMessage } from '../core/facts/image-list.js';
import type { AdviceFacts } from '../core/advice/advice-facts.js';
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import type { ComparisonFacts } from '../core/reports/compare-selections.js';
import type { RunCheck, Salvaged } from '../core/facts/run-check.js';
import type { Suspicion } from '../core/triage/label-suspects.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import type { DumpImages, FoundInput, FoundInputs } from './found-inputs.js';
import type { InspectionState, SavedReading } from './inspect-messages.js';
import type { FamilyRecipe, MineProgress } from './panel-messages.js';
import type { CheckpointAnswer, CheckpointRow, ExampleSide } from './checkpoint-messages.js';
import type { GalleryAnswer, GalleryItem, GalleryProgress } from './gallery-messages.js';
import type { WorkerRequest } from './worker-requests.js';
import type {
  ChosenBatch,
  FateFacts,
  FateOfImage,
  FateRows,
  GainSight,
  TrainingGains,
  TrainingPoint,
} from './train-messages.js';

/** Methods of the engine process. One run a process; a run is cancelled by killing it. */
export interface WorkerApi {
  /** Mines into a run file; reports by events. `isGuess`: what the outputs mean was guessed by their values. */
  mine(request: WorkerRequest<'mine'>): {
    readonly outPath: string;
    readonly isGuess?: true;
    /** With `remine`: images that were measured, and those left out as the data set lacks them. */
    readonly remined?: { readonly numAnew: number; readonly numGone: number };
  };
  /** Imports a RoI dump into a run file; reports by events as `mine` does. */
  importDump(request: WorkerRequest<'importDump'>): { readonly outPath: string };
  /** Follows the shards of a run until they are whole, and merges them; reports by events as `mine` does. */
  followShards(request: WorkerRequest<'followShards'>): { readonly outPath: string };
  /**
   * Trains, as `ohem train` does; reports by events. Ends after the step that runs when its signal is aborted, or the
   * host goes away.
   */
  train(request: WorkerRequest<'train'>): {
    readonly state: 'finished' | 'stopped';
    readonly step: number;
  };
  /** What became of the hard examples of the run before a training, over all images both have. */
  compareBefore(request: WorkerRequest<'compareBefore'>): {
    readonly total: FateFacts;
    readonly images: readonly FateOfImage[];
    /** As of `BeforeComparison`. */
    readonly isKept: boolean;
  };
  /** The same on one image, example by example. */
  fatesOnImage(request: WorkerRequest<'fatesOnImage'>): FateRows;
  /** What a training has gained on each image that it measures; null where it has not evaluated twice. */
  trainingGains(request: WorkerRequest<'trainingGains'>): TrainingGains | null;
  /** One of them at both ends; null where it was not measured at both. */
  gainOnImage(request: WorkerRequest<'gainOnImage'>): GainSight | null;
  /** The verdict on every backend, each found out in a process of its own. */
  backends(request: WorkerRequest<'backends'>): { readonly verdicts: readonly BackendVerdict[] };
  /** Selects again over a whole run with another configuration. */
  summarise(request: WorkerRequest<'summarise'>): MinedColumnsMessage;
  /** How two configurations differ in what they select, over a run and on each of its images. */
  compareRun(request: WorkerRequest<'compareRun'>): {
    readonly total: ComparisonFacts;
    readonly images: readonly (ComparisonFacts & { readonly imageIndex: number; readonly id: string })[];
  };
  /** What a question about all items of a run finds; by events how far the run is read, where it must be. */
  galleryQuery(request: WorkerRequest<'galleryQuery'>): GalleryAnswer;
  galleryPage(request: WorkerRequest<'galleryPage'>): readonly GalleryItem[];
  /** Reads runs to compare them; by events how far. Ends where its signal is aborted: what was read is kept. */
  checkpointsRead(request: WorkerRequest<'checkpointsRead'>): Record<string, never>;
  /** About what has been read of them. */
  checkpointsQuery(request: WorkerRequest<'checkpointsQuery'>): CheckpointAnswer;
  checkpointsPage(request: WorkerRequest<'checkpointsPage'>): readonly CheckpointRow[];
  /** An example as looks A and B see it. */
  checkpointsExample(request: WorkerRequest<'checkpointsExample'>): readonly [ExampleSide, ExampleSide];
  /** What a run says about how a preset would train on it. */
  adviseRun(request: WorkerRequest<'adviseRun'>): { readonly facts: AdviceFacts };
  /** Which images of a run are damaged. */
  checkRun(request: WorkerRequest<'checkRun'>): RunCheck;
  /** Places of images whose objects or pixels are others now, and of those that the data set has no more. */
  changedOnDisk(request: WorkerRequest<'changedOnDisk'>): {
    readonly changed: readonly number[];
    readonly gone: readonly number[];
  };
  /** Writes the whole images of a run as a new one. */
  salvage(request: WorkerRequest<'salvage'>): Salvaged;
  /** The recipe of each family of detectors. */
  recipes(request: WorkerRequest<'recipes'>): { readonly recipes: readonly FamilyRecipe[] };
  /** The formats of an export, the usual one first. */
  exportFormats(request: WorkerRequest<'exportFormats'>): { readonly formats: readonly ExportFormatFacts[] };
  /** Writes the selected RoIs of a run. */
  exportSelection(request: WorkerRequest<'exportSelection'>): { readonly numRows: number };
  /** What a file of them would hold, while it is short enough for the clipboard. */
  exportText(request: WorkerRequest<'exportText'>): { readonly numRows: number; readonly text: string };
  /** What can be mined below some folders. */
  findInputs(request: WorkerRequest<'findInputs'>): FoundInputs;
  /** The dump at a path, as `findInputs` would list it; null: none. */
  dumpAt(request: WorkerRequest<'dumpAt'>): { readonly dump: FoundInput | null };
  /** Whether a dump's first images are where they are looked for. */
  dumpImages(request: WorkerRequest<'dumpImages'>): DumpImages;
  /** The splits of a data set to choose from, the default first; none: there is no choice. */
  splitsOf(request: WorkerRequest<'splitsOf'>): { readonly splits: readonly string[] };
  /** What corners are taken to count from where nothing tells; null: something does, or the format. */
  untoldOrigin(request: WorkerRequest<'untoldOrigin'>): { readonly origin: 0 | 1 | null };
  /** What a checkpoint's contract calls it; '' where it does not say. */
  contractNames(request: WorkerRequest<'contractNames'>): { readonly family: string; readonly title: string };
  /** Writes a map of classes into the checkpoint's contract, and makes one where there is none. */
  keepClassMap(request: WorkerRequest<'keepClassMap'>): { readonly path: string };
  /** Begins an inspection and tries all readings of a checkpoint; reports by events. The process keeps the last one. */
  inspect(request: WorkerRequest<'inspect'>): InspectionState;
  /** Looks at another reading of it. */
  takeReading(request: WorkerRequest<'takeReading'>): InspectionState;
  /** Measures the chosen reading with one thing changed, and looks at that. */
  repairReading(request: WorkerRequest<'repairReading'>): InspectionState;
  /** Writes the chosen reading into the checkpoint's contract. */
  saveReading(request: WorkerRequest<'saveReading'>): SavedReading;
  /** The folder of a checkpoint that a training can go on from. */
  trainableFolder(request: WorkerRequest<'trainableFolder'>): { readonly folder: string };
  /** What a language model asked about the runs `paths`, as JSON. */
  askAgentTool(request: WorkerRequest<'askAgentTool'>): { readonly answer: string };
  /** Where object `index` of an annotation file stands in its text, UTF-16 units; null: nowhere. `format`: its id. */
  annotationPlace(request: WorkerRequest<'annotationPlace'>): {
    readonly place: { readonly start: number; readonly end: number } | null;
  };
  /** What a run says about the objects of an annotation file; `isNewer`: it was written since, and nothing is said. */
  annotationMarks(request: WorkerRequest<'annotationMarks'>): {
    readonly marks: readonly AnnotationMark[];
    readonly isNewer: boolean;
  };
  /** Labels of a run to check, at their places. */
  suspectMarks(request: WorkerRequest<'suspectMarks'>): { readonly marks: readonly LabelSuspectMark[] };
  /** Converts an image that browsers cannot show into a PNG. */
  toPng(request: WorkerRequest<'toPng'>): Record<string, never>;
}
/** A stretch of an annotation file: lines and UTF-16 units in them from 0. */
interface MarkRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** An object of an annotation file with the hardest selected RoI that was matched with it. */
export interface AnnotationMark {
  readonly range: MarkRange;
  readonly imageIndex: number;
  /** RoI of the image. */
  readonly row: number;
  readonly loss: number;
  /** Place in the loss order of its minibatch, 1 hardest, and how many are selected there. */
  readonly rank: number;
  readonly numSelected: number;
  readonly label: string;
  /** Class name or `background`; null unknown. */
  readonly predicted: string | null;
}

/** A label to check, at its place. */
export interface LabelSuspectMark {
  readonly file: string;
  readonly range: MarkRange;
  readonly kind: Suspicion;
  readonly label: string | null;
  readonly predicted: string | null;
  readonly score: number | null;
}

/** A file format for selected RoIs. */
export interface ExportFormatFacts {
  readonly id: string;
  /** As a save dialog names it. */
  readonly title: string;
  /** Without the dot; null: a folder. */
  readonly extension: string | null;
}

export type WorkerMethod = keyof WorkerApi;

/** What the engine process tells the host. */
export interface HostApi {
  event(event: WorkerEvent): void;
}

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
  /** Images that were read for a gallery, or for a comparison of checkpoints. */
  | { readonly event: 'gallery' | 'checkpoints'; readonly progress: GalleryProgress }
  /** Readings of an inspection that were tried, and how many there are at most. */
  | { readonly event: 'inspecting'; readonly numDone: number; readonly numTotal: number }
  /** A line of the training's log. */
  | { readonly event: 'training'; readonly point: TrainingPoint }
  /** What a step of the training chose. */
  | { readonly event: 'chosen'; readonly batch: ChosenBatch }
  | { readonly event: 'log'; readonly level: 'info' | 'warning' | 'error'; readonly text: string };
