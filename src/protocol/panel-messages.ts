/**
 * The conversation of the extension host and the panel's webview. Facts as JSON, RoIs as one fresh Uint8Array
 * (never a Node Buffer: VS Code turns those into JSON).
 */
import * as v from 'valibot';
import type { AdviceFacts } from '../core/advice/advice-facts.js';
import type { ComparisonFacts } from '../core/reports/compare-selections.js';
import type { MeasureConfig } from '../core/measure/measure-config.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';
import { TERMS, type Term } from '../core/facts/glossary.js';
import { NONE } from '../core/tables.js';
import type { Decision, Verdict } from '../core/triage/decisions.js';
import type { DecidedPlace } from '../core/triage/placed-decisions.js';
import { whole, type Schemas } from './check.js';
import { decisionChanges, type DecisionChange } from './decisions.js';
import { exportScope, galleryPage, galleryQuery, type ExportScope } from './gallery-messages.js';
import type { GalleryAnswer, GalleryPage, GalleryProgress, GalleryQuery, PanelItem } from './gallery-messages.js';
import { miningConfig } from './mining-config.js';
import { measureConfig } from './mining-requests.js';

/** What the host tells the panel. */
export interface PanelView {
  run(params: PanelRun): void;
  /** After `run`, and whenever it changes while nothing is mined. */
  gaps(params: RunGaps): void;
  image(params: PanelImage): void;
  progress(params: { readonly progress: MineProgress }): void;
  settings(params: { readonly settings: PanelSettings }): void;
  /** A command of the palette or a keybinding that the panel carries out. */
  command(params: { readonly command: PanelCommand }): void;
  notice(params: PanelNotice): void;
  /** Before `image`: the RoI to go to there. */
  focusRoi(params: { readonly imageIndex: number; readonly row: number }): void;
  /** Show the gallery in place of the picture. `suspects`: with labels to check. */
  showGallery(params: { readonly suspects: boolean }): void;
  /** After `run`, and whenever somebody decides: here, in another window, or by git. */
  decisions(params: RunVerdicts): void;
  /** The person has chosen a verdict in a menu of the editor. `place` null: on what has the focus. */
  decide(params: { readonly place: DecidedPlace | null; readonly verdict: Verdict | null }): void;
  /** Show what looks most like a place; null: like what has the focus. */
  findSimilar(params: { readonly place: DecidedPlace | null }): void;
  /** How far the run is read for an answer that the panel waits for. */
  galleryProgress(params: GalleryProgress): void;
  /** Items look different now, or their pictures may be shown. */
  galleryChanged(params: object): void;
}

export interface PanelRun {
  readonly manifest: RunManifest;
  /** The run file's schema message: goes before an image's bytes to decode them. */
  readonly schema: Uint8Array;
  readonly settings: PanelSettings;
}

/** What people decided on the run. */
export interface RunVerdicts {
  /** The latest of each target. */
  readonly decisions: readonly Decision[];
  /** Who decides here; '' before it is known. */
  readonly author: string;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** What a run lacks. */
export interface RunGaps {
  /** Images in the file, damaged ones too, and those of its data set. */
  readonly numImages: number;
  readonly numInDataset: number;
  /** The file has no end: mining was killed, or the file was cut. */
  readonly cut: boolean;
  /** Mining can go on with it. */
  readonly resumable: boolean;
  /** Ids of the damaged images, in file order; '' where the damage took it. */
  readonly damaged: readonly string[];
  /** The file is gone: only what has been read of it can be shown. */
  readonly deleted: boolean;
  /** Places of images that have changed on the disk since they were mined, ascending. */
  readonly changed: readonly number[];
}

/** One record batch of the run file, and an image's row in it: `decodeImage` in the arrow room. */
export interface ImageBytes {
  readonly bytes: Uint8Array;
  readonly row: number;
}

export interface PanelImage extends ImageBytes {
  readonly imageIndex: number;
  /** Place of the image in the tree's order, 0 hardest. */
  readonly position: number;
  readonly numImages: number;
  readonly summary: ImageSummary;
  /** Loadable by the webview; null where the pixels cannot be shown, with the reason in `imageNote`. */
  readonly imageUri: string | null;
  readonly imageNote: string;
  /** The file is not there, or where nobody allowed to look: the person may locate it. */
  readonly isElsewhere: boolean;
}

/** One line for the person; `error` offers "Show Log". */
export interface PanelNotice {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** An image's row in the record batch that is bytes [start, end). */
export interface BatchPlace {
  readonly start: number;
  readonly end: number;
  readonly row: number;
}

/** Consecutive images of a classification run, at most MAX_EXAMPLES. */
export interface ExamplesBatch {
  /** Index of the first image. */
  readonly first: number;
  /** Where the record batch of each image lies in `bytes`, which images may share, and the image's row in it. */
  readonly places: readonly BatchPlace[];
  readonly bytes: Uint8Array;
  /** One an image, loadable by the webview; null where the pixels are unknown or must be converted first. */
  readonly uris: readonly (string | null)[];
  /** Images of the run so far. */
  readonly numImages: number;
}

/** Most images in one `ExamplesBatch`. */
export const MAX_EXAMPLES = 2000;

export const PANEL_COMMANDS = [
  'nextRoi',
  'previousRoi',
  'nextImage',
  'previousImage',
  'fit',
  'actualSize',
  'showKeys',
  'undoDecision',
  'redoDecision',
  'exportSelection',
  'copyPython',
] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

/** Of the menus in package.json: elements of the panel that stand for an image. */
export const MENU_SECTION = 'image';
/** What such a menu was opened on, as its commands are given it. */
export interface PanelPlace extends DecidedPlace {
  /** As in `GtTable`; NONE: the image. */
  readonly annotation: number;
}

/** What a panel shows of a run. */
interface ShownSelection {
  readonly mining: MiningConfig;
  readonly scope: ExportScope;
}

/** What the panel asks of the host or tells it. */
export interface PanelHost {
  /** The webview can receive; `imageIndex` where it was before a reload, null at first. */
  ready(params: { readonly imageIndex: number | null }): void;
  showImage(params: { readonly imageIndex: number }): void;
  /** Go `delta` places along the tree's order. */
  stepImage(params: { readonly delta: number }): void;
  /** Another image of the same minibatch: its record batch. */
  readRois(params: { readonly imageIndex: number }): ImageBytes;
  /** Images from `first` on, as many as one message holds. */
  readExamples(params: { readonly first: number }): ExamplesBatch;
  /** The person has come to an image that needs no sending. */
  exampleShown(params: { readonly imageIndex: number }): void;
  /** The person has sized, folded or opened parts of the panel: other panels of the workspace begin like this. */
  arranged(params: { readonly arrangement: Readonly<Record<string, unknown>> }): void;
  /** The person has begun to look: nothing moves by itself from now on. */
  touched(params: object): void;
  /** Of a dump that is watched: show each new image until the next `touched`. */
  followNewest(params: object): void;
  /** The person changed what is selected; the host re-sorts its tree by it when it comes to rest. */
  miningChanged(params: { readonly mining: MiningConfig }): void;
  /** Compares two definitions of "hard" over the whole run. */
  compareRun(params: { readonly a: MiningConfig; readonly b: MiningConfig }): RunComparison;
  /** What the run says about how a preset would train on it. */
  advise(params: { readonly mining: MiningConfig }): AdviceFacts;
  /** What a run can be measured by in another way. */
  measureChoices(params: object): MeasureChoices;
  /** Asks the person, and mines the run's images anew by this measure. */
  measureAgain(params: { readonly measure: MeasureConfig }): void;
  /** A question about all items of the run as `mining` decides it; the signal ends the reading of the run. */
  galleryQuery(params: { readonly mining: MiningConfig; readonly query: GalleryQuery }): GalleryAnswer;
  galleryPage(params: { readonly mining: MiningConfig; readonly page: GalleryPage }): readonly PanelItem[];
  /** Settles when it is written. */
  decide(params: { readonly changes: readonly DecisionChange[] }): void;
  undoDecision(params: object): void;
  redoDecision(params: object): void;
  resume(params: object): void;
  cancel(params: object): void;
  /** Write the whole images of a damaged run as a new one. */
  salvage(params: object): void;
  /** Export what the panel shows of the whole run. */
  exportSelection(params: ShownSelection): void;
  /** Copy a program that takes the same out of the run file. */
  copyPython(params: ShownSelection): void;
  /** Mine an image anew in the run's place; null: all that have changed since. */
  remine(params: { readonly imageIndex: number | null }): void;
  /** Open the annotation file at an object; `annotation` as in `GtTable`, NONE: the file only. */
  reveal(params: { readonly imageIndex: number; readonly annotation: number }): void;
  openImage(params: { readonly imageIndex: number }): void;
  /** Ask the person where the images are now. */
  locateImages(params: { readonly imageIndex: number }): void;
  copy(params: { readonly text: string }): void;
  /** Open the glossary; null: at its beginning. */
  openGlossary(params: { readonly term: Term | null }): void;
  showLog(params: object): void;
}

const imageIndex = whole(0, 2 ** 31);
const shownSelection = v.object({ mining: miningConfig, scope: exportScope });
const nothing = v.object({});

/** What the host takes from a panel. */
export const PANEL_REQUESTS: Schemas<PanelHost> = {
  ready: v.object({ imageIndex: v.nullable(imageIndex) }),
  showImage: v.object({ imageIndex }),
  stepImage: v.object({ delta: v.pipe(v.number(), v.integer()) }),
  readRois: v.object({ imageIndex }),
  readExamples: v.object({ first: imageIndex }),
  exampleShown: v.object({ imageIndex }),
  arranged: v.object({ arrangement: v.record(v.string(), v.unknown()) }),
  touched: nothing,
  followNewest: nothing,
  miningChanged: v.object({ mining: miningConfig }),
  compareRun: v.object({ a: miningConfig, b: miningConfig }),
  advise: v.object({ mining: miningConfig }),
  measureChoices: nothing,
  measureAgain: v.object({ measure: measureConfig }),
  galleryQuery: v.object({ mining: miningConfig, query: galleryQuery }),
  galleryPage: v.object({ mining: miningConfig, page: galleryPage }),
  decide: v.object({ changes: decisionChanges }),
  undoDecision: nothing,
  redoDecision: nothing,
  resume: nothing,
  cancel: nothing,
  salvage: nothing,
  exportSelection: shownSelection,
  copyPython: shownSelection,
  remine: v.object({ imageIndex: v.nullable(imageIndex) }),
  reveal: v.object({ imageIndex, annotation: whole(NONE, 2 ** 31) }),
  openImage: v.object({ imageIndex }),
  locateImages: v.object({ imageIndex }),
  copy: v.object({ text: v.string() }),
  openGlossary: v.object({ term: v.nullable(v.picklist(TERMS)) }),
  showLog: nothing,
};

/** How two definitions of "hard" differ over a run. */
export interface RunComparison {
  readonly a: MiningConfig;
  readonly b: MiningConfig;
  /** null: still being made, or failed. */
  readonly total: ComparisonFacts | null;
  readonly numImages: number;
  /** Images on which the two agree least, those first. */
  readonly differing: readonly { readonly imageIndex: number; readonly id: string; readonly overlap: number }[];
  /** Why it failed; ''. */
  readonly error: string;
}

/** The recipe of a family's training. */
export interface FamilyRecipe {
  readonly family: string;
  /** `YOLOX`. */
  readonly title: string;
  readonly measure: MeasureConfig;
}

export interface MeasureChoices {
  /** One a family, in the order of their list. */
  readonly recipes: readonly FamilyRecipe[];
  /** Images that the model would run over. */
  readonly numImages: number;
  /** About how long that would take, by how long it took; null: not known. */
  readonly seconds: number | null;
}

export interface PanelSettings {
  /** How much the photograph is darkened so that colours carry, [0, 1]; in every theme. */
  readonly dim: number;
  readonly colourMap: string;
  /** Detection score below which a prediction is background, [0, 1]. */
  readonly backgroundBelow: number;
}

export type MineState = 'running' | 'done' | 'stopped' | 'failed';

/** Of shards that other processes write. */
export interface ShardsProgress {
  readonly count: number;
  /** How many have all of their images. */
  readonly numWhole: number;
  /** Indices of those that have no file yet. */
  readonly notBegun: readonly number[];
}

export interface MineProgress {
  readonly state: MineState;
  readonly numDone: number;
  readonly numTotal: number;
  /** Images recorded with an error. */
  readonly numFailed: number;
  readonly imagesPerSecond: number;
  /** Seconds to go; null while it is not known. */
  readonly etaSeconds: number | null;
  /** `onnxruntime-node 1.30.0 · CPU`; '' before a backend has started. */
  readonly backend: string;
  /** What a person should read: the reason of a failure, or ''. */
  readonly message: string;
  /** Where shards are followed. */
  readonly shards?: ShardsProgress;
}
