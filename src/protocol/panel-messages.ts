/**
 * Messages between the extension host and the panel's webview. Facts as JSON, RoIs as one fresh Uint8Array
 * (never a Node Buffer: VS Code turns those into JSON).
 */
import type { ComparisonFacts } from '../core/reports/compare-selections.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../core/facts/run-manifest.js';

export type ToPanel =
  | {
      readonly kind: 'run';
      readonly manifest: RunManifest;
      /** The run file's schema message: goes before an image's bytes to decode them. */
      readonly schema: Uint8Array;
      readonly settings: PanelSettings;
    }
  | {
      readonly kind: 'image';
      readonly imageIndex: number;
      /** Place of the image in the tree's order, 0 hardest. */
      readonly position: number;
      readonly numImages: number;
      readonly summary: ImageSummary;
      /** Loadable by the webview; null where the pixels cannot be shown, with the reason in `imageNote`. */
      readonly imageUri: string | null;
      readonly imageNote: string;
      /** One record batch of the run file: `decodeImage` in the arrow room. */
      readonly bytes: Uint8Array;
    }
  /** Answer to `readRois`: another image of the same minibatch. */
  | { readonly kind: 'rois'; readonly imageIndex: number; readonly bytes: Uint8Array }
  /** Answer to `readExamples`: consecutive images of a classification run, at most MAX_EXAMPLES. */
  | {
      readonly kind: 'examples';
      /** Index of the first image. */
      readonly first: number;
      /** Record batch i is bytes [offsets[i], offsets[i + 1]); one number more than there are images. */
      readonly offsets: readonly number[];
      readonly bytes: Uint8Array;
      /** One an image, loadable by the webview; null where the pixels are unknown or must be converted first. */
      readonly uris: readonly (string | null)[];
      /** Images of the run so far. */
      readonly numImages: number;
    }
  /** Answer to `compareRun`. */
  | { readonly kind: 'comparison'; readonly comparison: RunComparison }
  | { readonly kind: 'progress'; readonly progress: MineProgress }
  | { readonly kind: 'settings'; readonly settings: PanelSettings }
  /** A command of the palette or a keybinding that the panel carries out. */
  | { readonly kind: 'command'; readonly command: PanelCommand }
  /** One line for the person; `error` offers "Show Log". */
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string };

/** Most images in one `examples` message. */
export const MAX_EXAMPLES = 2000;

export const PANEL_COMMANDS = [
  'nextRoi',
  'previousRoi',
  'nextImage',
  'previousImage',
  'fit',
  'actualSize',
  'showKeys',
] as const;
export type PanelCommand = (typeof PANEL_COMMANDS)[number];

export type ToHost =
  /** The webview can receive; `imageIndex` where it was before a reload, null at first. */
  | { readonly kind: 'ready'; readonly imageIndex: number | null }
  | { readonly kind: 'showImage'; readonly imageIndex: number }
  /** Go `delta` places along the tree's order. */
  | { readonly kind: 'stepImage'; readonly delta: number }
  | { readonly kind: 'readRois'; readonly imageIndex: number }
  /** Send images from `first` on, as many as one message holds. */
  | { readonly kind: 'readExamples'; readonly first: number }
  /** The person has come to an image that needs no sending. */
  | { readonly kind: 'exampleShown'; readonly imageIndex: number }
  /** The person has begun to look: nothing moves by itself from now on. Said once. */
  | { readonly kind: 'touched' }
  /** The person changed what is selected; the host re-sorts its tree by it when it comes to rest. */
  | { readonly kind: 'miningChanged'; readonly mining: MiningConfig }
  /** Compare two definitions of "hard" over the whole run. */
  | { readonly kind: 'compareRun'; readonly a: MiningConfig; readonly b: MiningConfig }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'export'; readonly mining: MiningConfig }
  /** Open the annotation file at an object; `annotation` as in `GtTable`, NONE: the file only. */
  | { readonly kind: 'reveal'; readonly imageIndex: number; readonly annotation: number }
  | { readonly kind: 'openImage'; readonly imageIndex: number }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'showLog' };

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

export interface PanelSettings {
  /** How much the photograph is darkened so that colours carry, [0, 1]; in every theme. */
  readonly dim: number;
  readonly colourMap: string;
}

export type MineState = 'running' | 'done' | 'stopped' | 'failed';

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
}
