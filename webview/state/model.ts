/**
 * What the panel knows and shows, as signals. Facts come from the host, choices from the person; everything else is
 * derived, so that a control needs to write one value and the picture follows.
 */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { concatRoiTables } from '../../src/core/concat-roi-tables.js';
import { DEFAULT_CONFIG, type MiningConfig } from '../../src/core/mining-options.js';
import type { ImageSummary, RunManifest } from '../../src/core/run-manifest.js';
import type { Sampler } from '../../src/core/samplers/sampler.js';
import { samplerOf, selectHardExamples } from '../../src/core/select.js';
import { softWeights, type SoftWeights } from '../../src/core/soft-weights.js';
import { miningBoxes, NONE, STATUS_NAMES, type Boxes, type GtTable, type RoiTable, type Selection } from '../../src/core/tables.js';
import type { MineProgress, PanelSettings } from '../../src/protocol/panel-messages.js';
import { colourMapOf, type ColourMap } from '../canvas/colour-map.js';
import { adaptiveLimit, splitRows, type LayerRows } from '../canvas/layer-rows.js';
import { fitViewport, type Size, type Viewport } from '../canvas/viewport.js';
import { colourByRank, colourByWeight, noWeightsReason, sliceWeights, type ColourBy, type Colouring } from './colouring.js';
import { filterRows, FIRST_LAYERS, rowsOnLayers, NO_FILTERS, type Filters, type Layers } from './filters.js';
import { imageSelection, type ImageSelection } from './image-selection.js';
import { MAX_BATCH_IMAGES, minibatchRange, type ImageRange } from './minibatch.js';

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

/** The rows that are decided together, and where the shown image's begin. */
export interface Minibatch {
  readonly rois: RoiTable;
  readonly rowStart: number;
  readonly range: ImageRange;
  /** Images read, of those in `range`. */
  readonly numRead: number;
  readonly numWanted: number;
}

/** A selection, or the one line that says why there is none. */
export interface Decision {
  /** The shown image's part. */
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
  /** Of the shown image's rows; null where the run's losses give none. */
  readonly weights: ReadonlySignal<SoftWeights | null>;
  readonly colouring: ReadonlySignal<Colouring>;
  readonly classes: ReadonlySignal<readonly string[]>;
}

type Facts = Pick<PanelModel, 'manifest' | 'schema' | 'settings' | 'image' | 'others' | 'progress' | 'notices' | 'stageSize' | 'pictureSize' | 'pictureNote'>;
type Choices = Pick<PanelModel, 'mining' | 'layers' | 'filters' | 'zoomed' | 'focused' | 'hovered' | 'drawAll' | 'colourBy' | 'sideOpen' | 'folded' | 'keysShown'>;

const NO_ROWS = new Uint8Array(0);
const NO_DECISION: Decision = { selection: null, whole: null, error: '' };
const NO_LAYER_ROWS: LayerRows = { drawn: STATUS_NAMES.map(() => []), numDrawn: 0, rest: [] };
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
    sideOpen: signal(false),
    folded: signal(new Set<string>()),
    keysShown: signal(false),
  };
}

function derive(model: Facts & Choices) {
  const sampler = computed(() => samplerOf(model.mining.value.preset));
  const numImages = computed(() => Math.max(model.image.value?.numImages ?? 0, model.progress.value?.numDone ?? 0));
  const minibatch = computed(() => gatherMinibatch(model, sampler.value, numImages.value));
  const decision = computed(() => decide(minibatch.value, model.image.value, model.mining.value));
  const selection = computed(() => decision.value.selection);
  const classes = computed(() => model.manifest.value?.classes ?? []);
  const passes = computed(() => {
    const [image, chosen] = [model.image.value, selection.value];
    return image === null || chosen === null ? NO_ROWS : filterRows(image.rois, chosen.status, model.filters.value, classes.value);
  });
  const shown = computed(() => (selection.value === null ? NO_ROWS : rowsOnLayers(passes.value, selection.value.status, model.layers.value)));
  const imageSize = computed(() => sizeOf(model.image.value, model.pictureSize.value));
  const boxes = computed(() => (model.image.value === null ? null : miningBoxes(model.image.value.rois)));
  const viewport = computed(() => model.zoomed.value ?? fitViewport(imageSize.value, model.stageSize.value));
  const weights = computed(() => weightsOf(model, minibatch.value));
  return {
    numImages,
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
    colouring: computed(() => colouringOf(selection.value, model.colourBy.value, weights)),
  };
}

function decide(minibatch: Minibatch | null, image: ShownImage | null, mining: MiningConfig): Decision {
  if (minibatch === null || image === null) return NO_DECISION;
  try {
    const whole = selectHardExamples(minibatch.rois, mining);
    return { selection: imageSelection(whole, minibatch.rowStart, image.rois.numRois), whole, error: '' };
  } catch (error) {
    return { ...NO_DECISION, error: error instanceof Error ? error.message : String(error) };
  }
}

function weightsOf({ manifest, image }: Facts, minibatch: Minibatch | null): SoftWeights | null {
  if (minibatch === null || image.value === null || noWeightsReason(manifest.value) !== '') return null;
  return sliceWeights(softWeights(minibatch.rois), minibatch.rowStart, image.value.rois.numRois);
}

function colouringOf(selection: ImageSelection | null, by: ColourBy, weights: ReadonlySignal<SoftWeights | null>): Colouring {
  if (selection === null) return NO_COLOURING;
  const weight = by === 'rank' ? undefined : weights.value?.[by];
  return by === 'rank' || weight === undefined ? colourByRank(selection) : colourByWeight(by, weight);
}

function gatherMinibatch(model: Facts & Choices, sampler: Sampler, numImages: number): Minibatch | null {
  const image = model.image.value;
  if (image === null) return null;
  if (sampler.scope === 'image') {
    const range = { start: image.imageIndex, end: image.imageIndex + 1 };
    return { rois: image.rois, rowStart: 0, range, numRead: 1, numWanted: 1 };
  }
  const range = minibatchRange(image.imageIndex, model.mining.value.imagesPerBatch, numImages);
  return { ...joinImages(image, model.others.value, range), range, numWanted: range.end - range.start };
}

function joinImages(image: ShownImage, others: ReadonlyMap<number, RoiTable>, range: ImageRange): Pick<Minibatch, 'rois' | 'rowStart' | 'numRead'> {
  const tables: RoiTable[] = [];
  let rowStart = 0;
  for (let index = range.start; index < range.end; index++) {
    const table = index === image.imageIndex ? image.rois : others.get(index);
    if (table === undefined) continue;
    if (index < image.imageIndex) rowStart += table.numRois;
    tables.push(table);
  }
  return { rois: concatRoiTables(tables), rowStart, numRead: tables.length };
}

/** Images of the shown image's minibatch that are still to be asked for. */
export function missingImages(minibatch: Minibatch | null, shown: number, others: ReadonlyMap<number, RoiTable>): number[] {
  if (minibatch === null || minibatch.numWanted === 1) return [];
  const missing: number[] = [];
  for (let index = minibatch.range.start; index < minibatch.range.end && missing.length + others.size < MAX_BATCH_IMAGES; index++) {
    if (index !== shown && !others.has(index)) missing.push(index);
  }
  return missing;
}

/** RoIs are in px of the annotated size; where that is unknown, of the picture. */
function sizeOf(image: ShownImage | null, picture: Size | null): Size {
  if (image === null) return NO_SIZE;
  const { width, height } = image.summary;
  return width > 0 && height > 0 ? { width, height } : (picture ?? NO_SIZE);
}
