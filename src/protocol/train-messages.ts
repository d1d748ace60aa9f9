/**
 * A training as the editor sees it: what its process tells, and the conversation of the extension host and the
 * training's webview.
 */
import type { Fate } from '../core/reports/example-fates.js';
import * as v from 'valibot';
import type { MiningErrorReason } from '../core/mining-error.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { name, whole, type Schemas } from './check.js';

/**
 * Means over the steps since the last point, of step 0 the first minibatch before any update; of a line of `log.jsonl`
 * what is drawn.
 */
export interface StepsPoint {
  readonly event: 'steps';
  /** Steps done. */
  readonly step: number;
  /** Steps in all, as it was configured then. */
  readonly numSteps: number;
  /** Epochs done, broken. */
  readonly epoch: number;
  /** Class and box loss over the selected RoIs, nats. */
  readonly selectedLoss: number;
  /** Mean loss over all RoIs, nats; null unknown. */
  readonly allRoiLoss: number | null;
  readonly numRois: number;
  readonly numSelected: number;
  /** Share of foreground among the selected, [0, 1]; null where nothing was selected. */
  readonly foregroundShare: number | null;
}

/** After each epoch; of step 0 the network as it was. */
export interface EpochPoint {
  readonly event: 'epoch';
  readonly step: number;
  readonly epoch: number;
  /** Mean average precision on the validation images, [0, 1], a null of it unknown; null where it was not evaluated. */
  readonly validation: { readonly coco: number | null; readonly coco50: number | null } | null;
}

export type TrainingPoint = StepsPoint | EpochPoint;

/** What one step chose. S RoIs, boxes in px of the image files; those of one image are contiguous, hardest first. */
export interface ChosenBatch {
  /** Counted from 1. */
  readonly step: number;
  readonly images: readonly ChosenImage[];
  /** K names, of the network that is trained: a new head has the data set's. */
  readonly classes: readonly string[];
  /** All RoIs that could be chosen. */
  readonly numRois: number;
  /** S: place in `images`. */
  readonly image: readonly number[];
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
  /** S: [0, K) foreground, K background. */
  readonly gtClass: readonly number[];
  /** S: class + box loss by the read-only head, nats; null where the sampler does not look. */
  readonly loss: readonly (number | null)[];
}

export interface ChosenImage {
  /** Absolute path of the pixels. */
  readonly path: string;
  /** Size of the picture, px of the file. */
  readonly width: number;
  readonly height: number;
  /** The network sees it mirrored; boxes are where they lie in the file. */
  readonly isFlipped: boolean;
}

/** How a training was set up. */
export interface TrainingFacts {
  readonly name: string;
  /** Absolute folder that it writes into. */
  readonly out: string;
  /** Absolute paths. */
  readonly checkpoint: string;
  readonly data: string;
  /** What mAP is measured on, for a person; '' none. */
  readonly validation: string;
  /** K names; empty where they are not known. */
  readonly classes: readonly string[];
  readonly mining: MiningConfig;
  /** Options that the sampler reads, as words. */
  readonly sampler: string;
  readonly epochs: number;
  readonly learningRate: number;
  readonly frozenBody: boolean;
}

/** `elsewhere`: another process writes into the folder; it ends, or is another window's. */
export type TrainingState =
  'ready' | 'starting' | 'running' | 'stopping' | 'elsewhere' | 'stopped' | 'finished' | 'failed';

/** Why it failed, where something can be done about it. */
export type TrainingProblem = MiningErrorReason | 'other';

export interface TrainingProgress {
  readonly state: TrainingState;
  /** Steps done; 0 before the first. */
  readonly step: number;
  /** 0: not known yet. */
  readonly numSteps: number;
  readonly epoch: number;
  /** Seconds; null while they are not known. */
  readonly stepSeconds: number | null;
  readonly etaSeconds: number | null;
  /** Why it failed; ''. */
  readonly message: string;
  readonly problem: TrainingProblem | null;
  /** There is a state to go on from. */
  readonly canResume: boolean;
  /** There is a checkpoint to mine. */
  readonly hasCheckpoint: boolean;
  /** The run before it is known. */
  readonly canCompare: boolean;
}

/** Hard examples of a run before a training and of one after it, over one image or all. Means of nothing are 0. */
export interface FateFacts {
  /** Selected before, not after. */
  readonly numEasy: number;
  /** Selected both times. */
  readonly numStayed: number;
  /** Selected after, not before. */
  readonly numNew: number;
  /** Mean loss of each fate before and after, nats, over those that have a RoI on both sides. */
  readonly lossBefore: Readonly<Record<Fate, number>>;
  readonly lossAfter: Readonly<Record<Fate, number>>;
  /** Annotated objects that are asked for on both sides; recognised before, after, both times. */
  readonly numObjects: number;
  readonly numKnownBefore: number;
  readonly numKnownAfter: number;
  readonly numKnownBoth: number;
}

export interface FateOfImage extends FateFacts {
  readonly imageIndex: number;
  readonly id: string;
}

/** S hard examples of one image: those of the run before first, then the new ones; each hardest first. */
export interface FateRows {
  readonly imageIndex: number;
  /** S: place in FATES. */
  readonly fate: readonly number[];
  /** S: the box where it was hard, image px: before, of a new one after. */
  readonly x1: readonly number[];
  readonly y1: readonly number[];
  readonly x2: readonly number[];
  readonly y2: readonly number[];
  /** S: [0, K) foreground, K background. */
  readonly gtClass: readonly number[];
  /** S: nats; null where the other run has no such RoI. */
  readonly lossBefore: readonly (number | null)[];
  readonly lossAfter: readonly (number | null)[];
}

/** "Compare With Before". */
export interface TrainingComparison {
  readonly state: 'mining' | 'comparing' | 'done' | 'failed';
  /** What goes on, or why it failed. */
  readonly message: string;
  /** Paths of the run files; '' not there yet. */
  readonly before: string;
  readonly after: string;
  /** Step of the checkpoint that was mined; null unknown. */
  readonly step: number | null;
  readonly total: FateFacts | null;
  /** Images whose hard examples changed most, those first. */
  readonly images: readonly FateOfImage[];
  readonly numImages: number;
  /** As of `BeforeComparison`. */
  readonly isKept: boolean;
}

/** An image at step 0 and at the last evaluation. Losses: mean over its RoIs that are not ignored, nats. */
export interface ImageGain {
  readonly id: string;
  readonly lossBefore: number;
  readonly lossAfter: number;
  /** Annotated objects, and how many a detection with a score of at least .5 stands for. */
  readonly numObjects: number;
  readonly numFoundBefore: number;
  readonly numFoundAfter: number;
}

/** Over all images: those whose loss fell, those whose loss rose, means and sums. */
export interface GainFacts extends Omit<ImageGain, 'id'> {
  readonly numBetter: number;
  readonly numWorse: number;
}

/** What a training gained on each image that it measures, the highest gain first. */
export interface TrainingGains {
  /** The last evaluation. */
  readonly step: number;
  readonly epoch: number;
  readonly facts: GainFacts;
  readonly images: readonly ImageGain[];
}

/** An object, or a detection with its score; the box in px of the image. */
export interface GainBox {
  readonly kind: 'found' | 'missed' | 'detection';
  /** [0, K) */
  readonly label: number;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
  readonly score: number | null;
}

/** An image at both ends of a training. */
export interface GainSight {
  readonly id: string;
  /** Absolute path of the pixels. */
  readonly path: string;
  /** px */
  readonly width: number;
  readonly height: number;
  /** K names. */
  readonly classes: readonly string[];
  readonly before: readonly GainBox[];
  readonly after: readonly GainBox[];
}

/** What the host tells the training's panel. */
export interface TrainingView {
  training(params: { readonly facts: TrainingFacts; readonly points: readonly TrainingPoint[] }): void;
  points(params: { readonly points: readonly TrainingPoint[] }): void;
  progress(params: { readonly progress: TrainingProgress }): void;
  chosen(params: ChosenPicture): void;
  comparison(params: { readonly comparison: TrainingComparison | null }): void;
  gains(params: { readonly gains: TrainingGains | null }): void;
  notice(params: { readonly text: string }): void;
}

export interface ChosenPicture {
  readonly batch: ChosenBatch;
  /** One address an image; null where its pixels cannot be shown. */
  readonly uris: readonly (string | null)[];
}

export interface GainPicture extends GainSight {
  /** null where its pixels cannot be shown. */
  readonly uri: string | null;
}

export interface FatePicture {
  readonly rows: FateRows;
  /** Size of the image, px. */
  readonly width: number;
  readonly height: number;
  /** null where its pixels cannot be shown. */
  readonly uri: string | null;
}

/** What a person can press; each is an action of the host. */
export const TRAINING_ACTIONS = [
  'stop',
  'stopNow',
  'resume',
  'trainFurther',
  'trainAgain',
  'compare',
  'setUpBackend',
  'showLog',
  'openConfig',
  'openBefore',
  'openAfter',
] as const;
export type TrainingAction = (typeof TRAINING_ACTIONS)[number];

/** What the training's panel asks of the host or tells it. */
export interface TrainingHost {
  /** The webview can receive. */
  ready(params: object): void;
  act(params: { readonly action: TrainingAction }): void;
  /** The hard examples of an image of the comparison; null where there is none that is done. */
  readFates(params: { readonly imageIndex: number }): FatePicture | null;
  /** An image of the gains at both ends; null where it is none of them. */
  readGain(params: { readonly id: string }): GainPicture | null;
  openImage(params: { readonly side: 'before' | 'after'; readonly imageIndex: number }): void;
}

const imageIndex = whole(0, 2 ** 31);

/** What the host takes from a training's panel. */
export const TRAINING_REQUESTS: Schemas<TrainingHost> = {
  ready: v.object({}),
  act: v.object({ action: v.picklist(TRAINING_ACTIONS) }),
  readFates: v.object({ imageIndex }),
  readGain: v.object({ id: name }),
  openImage: v.object({ side: v.picklist(['before', 'after']), imageIndex }),
};
