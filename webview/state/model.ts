/**
 * What the panel knows and shows, as signals. Facts come from the host, choices from the person; everything else is
 * derived, so that a control needs to write one value and the picture follows.
 */
import type { ReadonlySignal, Signal } from '@preact/signals';
import type { BatchedSelection } from '../../src/core/mining/minibatches.js';
import type { MiningConfig } from '../../src/core/mining/mining-options.js';
import type { ImageSummary, RunManifest } from '../../src/core/facts/run-manifest.js';
import type { Sampler } from '../../src/core/mining/samplers/index.js';
import type { SoftWeights } from '../../src/core/mining/soft-weights.js';
import { NONE, type Boxes, type GtTable, type RoiTable, type Selection, type Task } from '../../src/core/tables.js';
import type { MeasureChoices, MineProgress, PanelSettings, RunGaps } from '../../src/protocol/panel-messages.js';
import type { ColourMap } from '../geometry/colour-map.js';
import type { LayerRows } from '../geometry/layer-rows.js';
import type { Size, Viewport } from '../geometry/viewport.js';
import type { Colouring } from '../rows/colouring.js';
import type { Comparison, MarkLayers, RunComparison } from '../rows/comparison.js';
import type { Confusion } from '../rows/confusion.js';
import type { Examples } from '../rows/examples.js';
import type { ImageSelection } from '../rows/image-selection.js';
import type { Minibatch } from '../rows/minibatch.js';
import type { Noun } from '../rows/roi-text.js';
import type { Choices } from './choice.js';
import type { DecisionModel } from './decision-model.js';
import type { GalleryModel } from './gallery-model.js';
import type { GridShape } from './grid-shape.js';
import type { SharedChoices } from './choices.js';

/** The image on the stage with its tables. */
export interface ShownImage {
  readonly imageIndex: number;
  readonly position: number;
  readonly numImages: number;
  readonly summary: ImageSummary;
  readonly imageUri: string | null;
  readonly imageNote: string;
  /** The person may say where it is now. */
  readonly isElsewhere: boolean;
  readonly rois: RoiTable;
  readonly gts: GtTable;
}

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

/** What stands in the middle: a picture with its RoIs, the examples of a classification, all items of a detection. */
export type Room = 'picture' | 'examples' | 'gallery';

/** A selection, or the one line that says why there is none. */
export interface Decision {
  /** The part of the rows in view. */
  readonly selection: ImageSelection | null;
  /** The whole minibatch; of a classification all of them. */
  readonly whole: Selection | BatchedSelection | null;
  readonly error: string;
}

/** One definition of "hard" on the rows in view. Everything is empty for a B that is not chosen. */
export interface Side {
  readonly sampler: ReadonlySignal<Sampler>;
  readonly minibatch: ReadonlySignal<Minibatch | null>;
  readonly decision: ReadonlySignal<Decision>;
  readonly selection: ReadonlySignal<ImageSelection | null>;
  /** Rows that the filters let through (list), and those on visible layers too (canvas). */
  readonly passes: ReadonlySignal<Uint8Array>;
  readonly shown: ReadonlySignal<Uint8Array>;
  /** Rows drawn as lines, by status code (in an overlay by mark code), and rows left to the density. */
  readonly layerRows: ReadonlySignal<LayerRows>;
  readonly colouring: ReadonlySignal<Colouring>;
}

/** The sides that a comparison has; A is what everything else in the panel is about. */
export type SideId = 'a' | 'b';

/** What the host says, and what the page itself measures. */
export interface Facts {
  readonly manifest: Signal<RunManifest | null>;
  readonly schema: Signal<Uint8Array | null>;
  readonly settings: Signal<PanelSettings>;
  readonly image: Signal<ShownImage | null>;
  /** RoIs of other images of the minibatch, by image index. */
  readonly others: Signal<ReadonlyMap<number, RoiTable>>;
  /** All examples of a classification run; null before the first, and in a detection run. */
  readonly examples: Signal<Examples | null>;
  /** The image that the host believes in sight; NONE. */
  readonly hostImage: Signal<number>;
  /** Both sides over the whole run; null: not asked. */
  readonly runComparison: Signal<RunComparison | null>;
  /** null: not asked, or not heard of yet. */
  readonly measureChoices: Signal<MeasureChoices | null>;
  readonly progress: Signal<MineProgress | null>;
  /** null: not heard of yet. */
  readonly gaps: Signal<RunGaps | null>;
  readonly notices: Signal<readonly Notice[]>;
  readonly stageSize: Signal<Size>;
  /** Size of the decoded picture, px; null while there is none. */
  readonly pictureSize: Signal<Size | null>;
  /** Why there is no picture; '' where there is one or it still loads. */
  readonly pictureNote: Signal<string>;
  /** Nothing has moved or changed the boxes for a moment. */
  readonly still: Signal<boolean>;
}

/** What the person chooses and a reload brings back for the same run or image only, or not at all. */
export interface Passing {
  readonly mining: Signal<MiningConfig>;
  /** null: fitted, whatever the stage's size. */
  readonly zoomed: Signal<Viewport | null>;
  /** Row with the focus; NONE. */
  readonly focused: Signal<number>;
  readonly hovered: Signal<number>;
  /** Examples side by side, and rows in sight, of the grid. */
  readonly gridShape: Signal<GridShape>;
  readonly markLayers: Signal<MarkLayers>;
  readonly keysShown: Signal<boolean>;
  /** The person has begun to look: a run that grows moves nothing by itself. */
  readonly touched: Signal<boolean>;
}

/** Facts, and everything that the person chooses. */
export interface BaseModel extends Facts, Passing, SharedChoices {
  readonly gallery: GalleryModel;
  readonly decide: DecisionModel;
  /** For the choices of single sections. */
  readonly choices: Choices;
}

export interface PanelModel extends BaseModel, Side {
  /** Images of the run so far: it may have grown since the shown one came. */
  readonly numImages: ReadonlySignal<number>;
  /** The run's task: examples stand in for RoIs. */
  readonly classification: ReadonlySignal<boolean>;
  readonly room: ReadonlySignal<Room>;
  readonly noun: ReadonlySignal<Noun>;
  /** The rows in view: the shown image's, or all examples. */
  readonly rois: ReadonlySignal<RoiTable | null>;
  readonly boxes: ReadonlySignal<Boxes | null>;
  readonly imageSize: ReadonlySignal<Size>;
  readonly viewport: ReadonlySignal<Viewport>;
  readonly colours: ReadonlySignal<ColourMap>;
  /** Of the rows in view; null where the run's losses give none. */
  readonly weights: ReadonlySignal<SoftWeights | null>;
  /** Probability of the label minus the highest other score, of the rows in view. */
  readonly margin: ReadonlySignal<Float64Array>;
  /** R: what the network says of each row in view, as `predictedClasses`. */
  readonly predictions: ReadonlySignal<Int32Array>;
  /** G: 1 for an object of the image in view that the network misses, as `missedObjects`. */
  readonly missed: ReadonlySignal<Uint8Array>;
  /** Labels against predictions of all examples, whatever is filtered. */
  readonly confusion: ReadonlySignal<Confusion>;
  /** Examples in the chosen order, less what filters and layers hold back. */
  readonly gridRows: ReadonlySignal<Int32Array>;
  readonly classes: ReadonlySignal<readonly string[]>;
  /** B. */
  readonly other: Side;
  /** null without B. */
  readonly comparison: ReadonlySignal<Comparison | null>;
  /** The comparison where one picture shows both sides; else null. */
  readonly overlay: ReadonlySignal<Comparison | null>;
}

/** Place of the image in view in the run; NONE. */
export function shownImageIndex(model: PanelModel): number {
  if (!model.classification.value) return model.image.value?.imageIndex ?? NONE;
  return model.rois.value?.imageIndex[model.focused.value] ?? model.hostImage.value;
}

export function taskOf({ classification }: Pick<PanelModel, 'classification'>): Task {
  return classification.value ? 'classification' : 'detection';
}
