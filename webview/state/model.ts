/**
 * What the panel knows and shows, as signals. Facts come from the host, choices from the person; everything else is
 * derived, so that a control needs to write one value and the picture follows.
 */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { margins } from '../../src/core/example-scores.js';
import { DEFAULT_CONFIG, type MiningConfig } from '../../src/core/mining-options.js';
import type { ImageSummary, RunManifest } from '../../src/core/run-manifest.js';
import type { Sampler } from '../../src/core/samplers/sampler.js';
import { samplerOf, selectHardExamples } from '../../src/core/select.js';
import { softWeights, type SoftWeights } from '../../src/core/soft-weights.js';
import { allocateRoiTable, miningBoxes, NONE, STATUS_NAMES, type Boxes, type GtTable, type RoiTable, type Selection } from '../../src/core/tables.js';
import type { MineProgress, PanelSettings } from '../../src/protocol/panel-messages.js';
import { colourMapOf, type ColourMap } from '../canvas/colour-map.js';
import { adaptiveLimit, splitRows, type LayerRows } from '../canvas/layer-rows.js';
import { fitViewport, type Size, type Viewport } from '../canvas/viewport.js';
import { colourByRank, colourByWeight, noWeightsReason, sliceWeights, type ColourBy, type Colouring } from './colouring.js';
import { confusionOf, type Confusion } from './confusion.js';
import { orderByMeasure, type ExampleSort } from './example-order.js';
import type { Examples } from './examples.js';
import { filterRows, FIRST_LAYERS, rowsOnLayers, NO_FILTERS, type Filters, type Layers } from './filters.js';
import { imageSelection, type ImageSelection } from './image-selection.js';
import { gatherImages, imageAlone, minibatchRange, wholeRun, type Minibatch } from './minibatch.js';
import type { Noun } from './roi-text.js';

/** The image on the stage with its tables. */
export interface ShownImage {
  readonly imageIndex: number;
  readonly position: number;
  readonly numImages: number;
  readonly summary: ImageSummary;
  readonly imageUri: string | null;
  readonly imageNote: string;
  readonly rois: RoiTable;
  readonly gts: GtTable;
}

export interface Notice {
  readonly id: number;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
}

export interface GridShape {
  readonly columns: number;
  readonly rows: number;
}

/** A selection, or the one line that says why there is none. */
export interface Decision {
  /** The part of the rows in view. */
  readonly selection: ImageSelection | null;
  /** The whole minibatch. */
  readonly whole: Selection | null;
  readonly error: string;
}

export interface PanelModel {
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
  readonly progress: Signal<MineProgress | null>;
  readonly notices: Signal<readonly Notice[]>;

  readonly mining: Signal<MiningConfig>;
  readonly layers: Signal<Layers>;
  readonly filters: Signal<Filters>;
  /** null: fitted, whatever the stage's size. */
  readonly zoomed: Signal<Viewport | null>;
  /** Row with the focus; NONE. */
  readonly focused: Signal<number>;
  readonly hovered: Signal<number>;
  /** Every box as lines, however many. */
  readonly drawAll: Signal<boolean>;
  readonly colourBy: Signal<ColourBy>;
  readonly exampleSort: Signal<ExampleSort>;
  /** Examples side by side, and rows in sight, of the grid. */
  readonly gridShape: Signal<GridShape>;
  readonly sideOpen: Signal<boolean>;
  /** Names of folded sections. */
  readonly folded: Signal<ReadonlySet<string>>;
  readonly keysShown: Signal<boolean>;
  readonly stageSize: Signal<Size>;
  /** Size of the decoded picture, px; null while there is none. */
  readonly pictureSize: Signal<Size | null>;
  /** Why there is no picture; '' where there is one or it still loads. */
  readonly pictureNote: Signal<string>;

  /** Images of the run so far: it may have grown since the shown one came. */
  readonly numImages: ReadonlySignal<number>;
  /** The run's task: examples stand in for RoIs. */
  readonly classification: ReadonlySignal<boolean>;
  readonly noun: ReadonlySignal<Noun>;
  /** The rows in view: the shown image's, or all examples. */
  readonly rois: ReadonlySignal<RoiTable | null>;
  readonly sampler: ReadonlySignal<Sampler>;
  readonly minibatch: ReadonlySignal<Minibatch | null>;
  readonly decision: ReadonlySignal<Decision>;
  readonly selection: ReadonlySignal<ImageSelection | null>;
  readonly boxes: ReadonlySignal<Boxes | null>;
  /** Rows that the filters let through (list), and those on visible layers too (canvas). */
  readonly passes: ReadonlySignal<Uint8Array>;
  readonly shown: ReadonlySignal<Uint8Array>;
  /** Rows drawn as lines and rows left to the density. */
  readonly layerRows: ReadonlySignal<LayerRows>;
  readonly imageSize: ReadonlySignal<Size>;
  readonly viewport: ReadonlySignal<Viewport>;
  readonly colours: ReadonlySignal<ColourMap>;
  /** Of the rows in view; null where the run's losses give none. */
  readonly weights: ReadonlySignal<SoftWeights | null>;
  readonly colouring: ReadonlySignal<Colouring>;
  /** Probability of the label minus the highest other score, of the rows in view. */
  readonly margin: ReadonlySignal<Float64Array>;
  /** Labels against predictions of all examples, whatever is filtered. */
  readonly confusion: ReadonlySignal<Confusion>;
  /** Examples in the chosen order, less what filters and layers hold back. */
  readonly gridRows: ReadonlySignal<Int32Array>;
  readonly classes: ReadonlySignal<readonly string[]>;
}

type Facts = Pick<PanelModel, 'manifest' | 'schema' | 'settings' | 'image' | 'others' | 'examples' | 'hostImage' | 'progress' | 'notices' | 'stageSize' | 'pictureSize' | 'pictureNote'>;
type Choices = Pick<PanelModel, 'mining' | 'layers' | 'filters' | 'zoomed' | 'focused' | 'hovered' | 'drawAll' | 'colourBy' | 'exampleSort' | 'gridShape' | 'sideOpen' | 'folded' | 'keysShown'>;

const NO_ROWS = new Uint8Array(0);
const NO_ORDER = new Int32Array(0);
const NO_DECISION: Decision = { selection: null, whole: null, error: '' };
const NO_LAYER_ROWS: LayerRows = { drawn: STATUS_NAMES.map(() => []), numDrawn: 0, rest: [] };
const NO_CONFUSION = confusionOf(allocateRoiTable(0, 0, 'float32'));
const NO_COLOURING: Colouring = { by: 'rank', place: new Float32Array(0), bright: '', dark: '' };
const NO_SIZE: Size = { width: 0, height: 0 };

/** A panel that has heard nothing from the host yet. */
export function createModel(): PanelModel {
  const base = { ...createFacts(), ...createChoices() };
  return { ...base, ...derive(base) };
}

function createFacts(): Facts {
  return {
    manifest: signal(null),
    schema: signal(null),
    settings: signal({ dim: 0, colourMap: '' }),
    image: signal(null),
    others: signal(new Map()),
    examples: signal(null),
    hostImage: signal(NONE),
    progress: signal(null),
    notices: signal([]),
    stageSize: signal(NO_SIZE),
    pictureSize: signal(null),
    pictureNote: signal(''),
  };
}

function createChoices(): Choices {
  return {
    mining: signal(DEFAULT_CONFIG),
    layers: signal(FIRST_LAYERS),
    filters: signal(NO_FILTERS),
    zoomed: signal(null),
    focused: signal(NONE),
    hovered: signal(NONE),
    drawAll: signal(false),
    colourBy: signal('rank'),
    exampleSort: signal('loss'),
    gridShape: signal({ columns: 1, rows: 1 }),
    sideOpen: signal(false),
    folded: signal(new Set<string>()),
    keysShown: signal(false),
  };
}

function derive(model: Facts & Choices) {
  const sampler = computed(() => samplerOf(model.mining.value.preset));
  const numImages = computed(() => Math.max(model.image.value?.numImages ?? 0, model.progress.value?.numDone ?? 0));
  const classification = computed(() => isClassification(model.manifest.value));
  const rois = computed(() => (classification.value ? model.examples.value?.rois : model.image.value?.rois) ?? null);
  const minibatch = computed(() => gatherMinibatch(model, sampler.value, numImages.value));
  const decision = computed(() => decide(minibatch.value, rois.value, model.mining.value));
  const selection = computed(() => decision.value.selection);
  const classes = computed(() => model.manifest.value?.classes ?? []);
  const passes = computed(() => {
    const [table, chosen] = [rois.value, selection.value];
    return table === null || chosen === null ? NO_ROWS : filterRows(table, chosen.status, model.filters.value, classes.value);
  });
  const shown = computed(() => (selection.value === null ? NO_ROWS : rowsOnLayers(passes.value, selection.value.status, model.layers.value)));
  const imageSize = computed(() => sizeOf(model.image.value, model.pictureSize.value));
  const boxes = computed(() => (model.image.value === null ? null : miningBoxes(model.image.value.rois)));
  const viewport = computed(() => model.zoomed.value ?? fitViewport(imageSize.value, model.stageSize.value));
  const weights = computed(() => weightsOf(model.manifest.value, minibatch.value, rois.value));
  const margin = computed(() => (rois.value === null ? new Float64Array(0) : margins(rois.value)));
  const order = computed(() => orderExamples(rois.value, selection, model.exampleSort.value, margin));
  return {
    numImages,
    classification,
    noun: computed((): Noun => (classification.value ? 'example' : 'RoI')),
    rois,
    sampler,
    minibatch,
    decision,
    selection,
    classes,
    passes,
    shown,
    imageSize,
    boxes,
    viewport,
    layerRows: computed(() => {
      const [chosen, stage] = [selection.value, model.stageSize.value];
      if (chosen === null || boxes.value === null) return NO_LAYER_ROWS;
      const limit = model.drawAll.value ? Infinity : adaptiveLimit(stage);
      return splitRows(boxes.value, chosen.order, chosen.status, shown.value, viewport.value, stage, limit);
    }),
    colours: computed(() => colourMapOf(model.settings.value.colourMap)),
    weights,
    margin,
    confusion: computed(() => (rois.value === null ? NO_CONFUSION : confusionOf(rois.value))),
    gridRows: computed(() => (classification.value ? order.value.filter((row) => shown.value[row] === 1) : NO_ORDER)),
    colouring: computed(() => colouringOf(selection.value, model.colourBy.value, weights)),
  };
}

function isClassification(manifest: RunManifest | null): boolean {
  return manifest?.task === 'classification';
}

function decide(minibatch: Minibatch | null, rois: RoiTable | null, mining: MiningConfig): Decision {
  if (minibatch === null || rois === null) return NO_DECISION;
  try {
    const whole = selectHardExamples(minibatch.rois, mining);
    return { selection: imageSelection(whole, minibatch.rowStart, rois.numRois), whole, error: '' };
  } catch (error) {
    return { ...NO_DECISION, error: error instanceof Error ? error.message : String(error) };
  }
}

function weightsOf(manifest: RunManifest | null, minibatch: Minibatch | null, rois: RoiTable | null): SoftWeights | null {
  if (minibatch === null || rois === null || noWeightsReason(manifest) !== '') return null;
  return sliceWeights(softWeights(minibatch.rois), minibatch.rowStart, rois.numRois);
}

function orderExamples(rois: RoiTable | null, selection: ReadonlySignal<ImageSelection | null>, by: ExampleSort, margin: ReadonlySignal<Float64Array>): Int32Array {
  if (rois === null) return NO_ORDER;
  if (by === 'loss') return selection.value?.order ?? NO_ORDER;
  return orderByMeasure({ entropy: rois.entropy, margin: margin.value, el2n: rois.el2n }, by);
}

function colouringOf(selection: ImageSelection | null, by: ColourBy, weights: ReadonlySignal<SoftWeights | null>): Colouring {
  if (selection === null) return NO_COLOURING;
  const weight = by === 'rank' ? undefined : weights.value?.[by];
  return by === 'rank' || weight === undefined ? colourByRank(selection) : colourByWeight(by, weight);
}

function gatherMinibatch(model: Facts & Choices, sampler: Sampler, numImages: number): Minibatch | null {
  if (isClassification(model.manifest.value)) return model.examples.value === null ? null : wholeRun(model.examples.value);
  const image = model.image.value;
  if (image === null) return null;
  if (sampler.scope === 'image') return imageAlone(image);
  return gatherImages(image, model.others.value, minibatchRange(image.imageIndex, model.mining.value.imagesPerBatch, numImages));
}

/** Place of the image in view in the run; NONE. */
export function shownImageIndex(model: PanelModel): number {
  if (!model.classification.value) return model.image.value?.imageIndex ?? NONE;
  return model.rois.value?.imageIndex[model.focused.value] ?? model.hostImage.value;
}

/** RoIs are in px of the annotated size; where that is unknown, of the picture. */
function sizeOf(image: ShownImage | null, picture: Size | null): Size {
  if (image === null) return NO_SIZE;
  const { width, height } = image.summary;
  return width > 0 && height > 0 ? { width, height } : (picture ?? NO_SIZE);
}
