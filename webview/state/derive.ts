/** Everything that follows from facts and choices, as signals that are computed when somebody looks. */
import { computed, type ReadonlySignal } from '@preact/signals';
import { margins } from '../../src/core/losses/example-scores.js';
import { DEFAULT_CONFIG, type MiningConfig } from '../../src/core/mining/mining-options.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { selectInMinibatches, type BatchedSelection } from '../../src/core/mining/minibatches.js';
import { selectHardExamples } from '../../src/core/mining/select.js';
import type { LastSteps } from '../../src/core/mining/samplers/judge.js';
import { samplerOf } from '../../src/core/mining/samplers/index.js';
import { softWeights, type SoftWeights } from '../../src/core/mining/soft-weights.js';
import { backgroundBelowOf, predictedClasses } from '../../src/core/predictions.js';
import { allocateRoiTable, miningBoxes, STATUS_NAMES, type RoiTable, type Selection } from '../../src/core/tables.js';
import { missedObjects } from '../../src/core/triage/best-box.js';
import { colourMapOf } from '../geometry/colour-map.js';
import { adaptiveLimit, splitRows, type LayerRows } from '../geometry/layer-rows.js';
import { fitViewport, type Size } from '../geometry/viewport.js';
import {
  colourByRank,
  colourByWeight,
  noWeightsReason,
  sliceWeights,
  type ColourBy,
  type Colouring,
} from '../rows/colouring.js';
import { compareRows, rowsWithMarks } from '../rows/comparison.js';
import { confusionOf } from '../rows/confusion.js';
import { orderByMeasure, type ExampleSort } from '../rows/example-order.js';
import { filterRows, rowsOnLayers } from '../rows/filters.js';
import { imageSelection, type ImageSelection } from '../rows/image-selection.js';
import { gatherImages, imageAlone, minibatchRange, wholeRun, type Minibatch } from '../rows/minibatch.js';
import type { BaseModel, Decision, PanelModel, Room, ShownImage, Side } from './model.js';
import { t } from '../words/t.js';
import { decisionOnRow } from './decision-now.js';
import type { Noun } from '../rows/roi-text.js';
import { messageOf } from '../words/message-of.js';

/** A signal or a choice. */
type Readable<T> = { readonly value: T };
type Derived = Omit<PanelModel, keyof BaseModel>;

const NO_ROWS = new Uint8Array(0);
const NO_ORDER = new Int32Array(0);
const NO_DECISION: Decision = { selection: null, whole: null, error: '' };
const NO_LAYER_ROWS: LayerRows = { drawn: STATUS_NAMES.map(() => []), numDrawn: 0, rest: [] };
const NO_CONFUSION = confusionOf(allocateRoiTable(0, 0, 'float32'), NO_ORDER);
const NO_COLOURING: Colouring = { by: 'rank', place: new Float32Array(0), bright: '', dark: '' };
const NO_SIZE: Size = { width: 0, height: 0 };

export function derive(model: BaseModel): Derived {
  const common = deriveCommon(model);
  const own = deriveSide(model, common, model.mining);
  const weights = computed(() => weightsOf(model.manifest.value, own.minibatch.value, common.rois.value));
  const coloured = (side: DecidedSide): Side => ({
    ...side,
    colouring: computed(() => colouringOf(side.selection.value, model.colourBy.value, weights)),
  });
  const other = coloured(deriveSide(model, common, model.compared));
  const comparison = computed(() => {
    const [rois, a, b] = [common.rois.value, own.selection.value, other.selection.value];
    return rois === null || a === null || b === null ? null : compareRows(rois, a, b);
  });
  // A grid has no second picture.
  const overlay = computed(() =>
    model.compareView.value === 'overlay' || common.classification.value ? comparison.value : null,
  );
  const shown = computed(() =>
    overlay.value === null
      ? own.shown.value
      : rowsWithMarks(own.passes.value, overlay.value.mark, model.markLayers.value),
  );
  const order = computed(() => orderExamples(common.rois.value, own.selection, model.exampleSort.value, common.margin));
  return {
    ...common,
    ...coloured(own),
    other,
    comparison,
    overlay,
    shown,
    weights,
    layerRows: computed(() =>
      overlay.value === null
        ? own.layerRows.value
        : layerRowsOf(model, common, own.selection.value, overlay.value.mark, shown.value),
    ),
    gridRows: computed(() =>
      common.classification.value ? order.value.filter((row) => shown.value[row] === 1) : NO_ORDER,
    ),
  };
}

type Common = ReturnType<typeof deriveCommon>;

/** What no definition of "hard" decides. */
function deriveCommon(model: BaseModel) {
  const classification = computed(() => model.manifest.value?.task === 'classification');
  const rois = computed(() => (classification.value ? model.examples.value?.rois : model.image.value?.rois) ?? null);
  const predictions = computed(() => {
    const detector = model.settings.value.backgroundBelow;
    const task = classification.value ? 'classification' : 'detection';
    return rois.value === null ? NO_ORDER : predictedClasses(rois.value, backgroundBelowOf(task, detector));
  });
  const missed = computed(() => {
    const below = backgroundBelowOf('detection', model.settings.value.backgroundBelow);
    return model.image.value === null ? NO_ROWS : missedObjects(model.image.value.rois, model.image.value.gts, below);
  });
  const imageSize = computed(() => sizeOf(model.image.value, model.pictureSize.value));
  return {
    classification,
    rois,
    predictions,
    missed,
    imageSize,
    room: computed((): Room => (model.gallery.open.value ? 'gallery' : classification.value ? 'examples' : 'picture')),
    noun: computed((): Noun => (classification.value ? 'example' : 'RoI')),
    numImages: computed(() => Math.max(model.image.value?.numImages ?? 0, model.progress.value?.numDone ?? 0)),
    classes: computed(() => model.manifest.value?.classes ?? []),
    boxes: computed(() => (model.image.value === null ? null : miningBoxes(model.image.value.rois))),
    viewport: computed(() => model.zoomed.value ?? fitViewport(imageSize.value, model.stageSize.value)),
    colours: computed(() => colourMapOf(model.settings.value.colourMap)),
    margin: computed(() => (rois.value === null ? new Float64Array(0) : margins(rois.value))),
    confusion: computed(() => (rois.value === null ? NO_CONFUSION : confusionOf(rois.value, predictions.value))),
  };
}

type DecidedSide = Omit<Side, 'colouring'>;
type Decide = (rois: RoiTable, config: MiningConfig) => Selection | BatchedSelection;

/** @param mining null: everything is empty. */
function deriveSide(model: BaseModel, common: Common, mining: Readable<MiningConfig | null>): DecidedSide {
  const sampler = computed(() => samplerOf((mining.value ?? DEFAULT_CONFIG).preset));
  // 0 without a configuration. Apart from the others: a slider of theirs must not gather the images again.
  const imagesPerBatch = computed(() => mining.value?.imagesPerBatch ?? 0);
  const minibatch = computed(() =>
    imagesPerBatch.value === 0 ? null : gatherMinibatch(model, common, sampler.value.scope, imagesPerBatch.value),
  );
  // A control pays for what it changes: the budget cuts anew, the threshold suppresses anew, the ranking does all.
  const last: LastSteps = {};
  const decide = computed((): Decide =>
    common.classification.value ? selectInMinibatches : (rois, config) => selectHardExamples(rois, config, last),
  );
  const decision = computed(() => decisionOf(minibatch.value, common.rois.value, mining.value, decide.value));
  const selection = computed(() => decision.value.selection);
  const passes = computed(() => {
    const [rois, chosen] = [common.rois.value, selection.value];
    return rois === null || chosen === null
      ? NO_ROWS
      : filterRows(
          rois,
          common.predictions.value,
          chosen.status,
          model.filters.value,
          [...common.classes.value, t('background')],
          (row) => decisionOnRow(model, row)?.verdict ?? 'undecided',
        );
  });
  const shown = computed(() =>
    selection.value === null ? NO_ROWS : rowsOnLayers(passes.value, selection.value.status, model.layers.value),
  );
  return {
    sampler,
    minibatch,
    decision,
    selection,
    passes,
    shown,
    layerRows: computed(() =>
      layerRowsOf(model, common, selection.value, selection.value?.status ?? NO_ROWS, shown.value),
    ),
  };
}

/** @param codes R layer codes: status or mark. */
function layerRowsOf(
  model: BaseModel,
  common: Common,
  selection: ImageSelection | null,
  codes: Uint8Array,
  shown: Uint8Array,
): LayerRows {
  const [boxes, stage] = [common.boxes.value, model.stageSize.value];
  if (selection === null || boxes === null) return NO_LAYER_ROWS;
  const limit = model.drawAll.value && model.still.value ? Infinity : adaptiveLimit(stage);
  return splitRows(boxes, selection.order, codes, shown, common.viewport.value, stage, limit);
}

function gatherMinibatch(
  model: BaseModel,
  common: Common,
  scope: 'image' | 'minibatch',
  imagesPerBatch: number,
): Minibatch | null {
  if (common.classification.value) return model.examples.value === null ? null : wholeRun(model.examples.value);
  const image = model.image.value;
  if (image === null) return null;
  if (scope === 'image') return imageAlone(image);
  return gatherImages(
    image,
    model.others.value,
    minibatchRange(image.imageIndex, imagesPerBatch, common.numImages.value),
  );
}

function decisionOf(
  minibatch: Minibatch | null,
  rois: RoiTable | null,
  mining: MiningConfig | null,
  decide: Decide,
): Decision {
  if (minibatch === null || rois === null || mining === null) return NO_DECISION;
  try {
    const whole = decide(minibatch.rois, mining);
    return { selection: imageSelection(whole, minibatch.rowStart, rois.numRois), whole, error: '' };
  } catch (error) {
    return { ...NO_DECISION, error: messageOf(error) };
  }
}

function weightsOf(
  manifest: RunManifest | null,
  minibatch: Minibatch | null,
  rois: RoiTable | null,
): SoftWeights | null {
  if (minibatch === null || rois === null || noWeightsReason(manifest) !== '') return null;
  return sliceWeights(softWeights(minibatch.rois), minibatch.rowStart, rois.numRois);
}

function orderExamples(
  rois: RoiTable | null,
  selection: ReadonlySignal<ImageSelection | null>,
  by: ExampleSort,
  margin: ReadonlySignal<Float64Array>,
): Int32Array {
  if (rois === null) return NO_ORDER;
  if (by === 'loss') return selection.value?.order ?? NO_ORDER;
  return orderByMeasure({ entropy: rois.entropy, margin: margin.value, el2n: rois.el2n }, by);
}

function colouringOf(
  selection: ImageSelection | null,
  by: ColourBy,
  weights: ReadonlySignal<SoftWeights | null>,
): Colouring {
  if (selection === null) return NO_COLOURING;
  const weight = by === 'rank' ? undefined : weights.value?.[by];
  return by === 'rank' || weight === undefined ? colourByRank(selection) : colourByWeight(by, weight);
}

/** RoIs are in px of the annotated size; where that is unknown, of the picture. */
function sizeOf(image: ShownImage | null, picture: Size | null): Size {
  if (image === null) return NO_SIZE;
  const { width, height } = image.summary;
  return width > 0 && height > 0 ? { width, height } : (picture ?? NO_SIZE);
}
