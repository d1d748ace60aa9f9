/** What a person can do. Views and keys call these; nothing else writes the model's choices. */
import { batch } from '@preact/signals';
import { configOf, type MeasureConfig } from '../../src/core/measure/measure-config.js';
import type { MiningConfig, OptionKey } from '../../src/core/mining/mining-options.js';
import { NONE, STATUS_NAMES } from '../../src/core/tables.js';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { ExportScope } from '../../src/protocol/gallery-messages.js';
import type { PanelHost, RunComparison } from '../../src/protocol/panel-messages.js';
import { pickRow, rowsAt, rectOf } from '../geometry/picking.js';
import { actualSize, panBy, revealBox, zoomAt, zoomToBox, type Rect } from '../geometry/viewport.js';
import { messageOf } from '../words/message-of.js';
import type { ColourBy } from '../rows/colouring.js';
import type { ExampleSort } from '../rows/example-order.js';
import { firstOther, SELECTED_MARKS, type CompareView, type SelectedMark } from '../rows/comparison.js';
import { LAYER_IDS, type Filters, type LayerId } from '../rows/filters.js';
import { GridLayout } from '../rows/grid-layout.js';
import { decisionActions } from './decision-actions.js';
import { galleryActions } from './gallery-actions.js';
import { similarActions } from './similar-actions.js';
import { t } from '../words/t.js';
import { termInSight } from '../words/term.js';
import { shownImageIndex, taskOf, type PanelModel, type SideId } from './model.js';
import { exampleJson, roiJson } from '../rows/row-json.js';

/** Pointer travel between two clicks at "the same place", CSS px. */
const SAME_PLACE = 5;
/** One press of + or −. */
const ZOOM_STEP = 1.4;

export type Actions = ReturnType<typeof createActions>;

export function createActions(model: PanelModel, host: Endpoint<PanelHost>) {
  const steps = roiActions(model);
  const gallery = galleryActions(model, host);
  return {
    ...steps,
    ...viewActions(model),
    ...choiceActions(model),
    ...hostActions(model, host, steps),
    ...measureActions(model, host),
    ...gallery,
    ...similarActions(model, gallery),
    ...decisionActions(model, host, gallery),
  };
}

function roiActions(model: PanelModel) {
  let lastClick: { readonly x: number; readonly y: number } | null = null;
  const focus = (row: number) => {
    model.focused.value = row;
    // What was under the pointer may have moved away without a word.
    model.hovered.value = NONE;
    keepInView(model, row);
  };
  /** An empty list has no row to go to. */
  const focusIfAny = (row: number | undefined) => {
    if (row !== undefined) focus(row);
  };
  /** Steps by whole rows of the grid; the end of the list stops it in its column. */
  const stepGridRows = (delta: number) => {
    const rows = listRows(model);
    const layout = new GridLayout([{ name: '', count: rows.length }], model.gridShape.value.columns);
    focusIfAny(rows[layout.step(Math.max(rows.indexOf(model.focused.value), 0), delta)]);
  };
  return {
    focus,
    /** Row under a stage point, NONE: what a click would take first. */
    rowUnder: (x: number, y: number, side: SideId) => hitsAt(model, x, y, side)[0] ?? NONE,
    hover: (row: number) => (model.hovered.value = row),
    /**
     * A click on the stage: the RoI there, or the next one below at the same place; an empty place takes the focus
     * away.
     */
    clickStage(x: number, y: number, side: SideId) {
      const again = lastClick !== null && Math.hypot(lastClick.x - x, lastClick.y - y) <= SAME_PLACE;
      lastClick = { x, y };
      model.focused.value = pickRow(hitsAt(model, x, y, side), model.focused.value, again);
    },
    /** The next RoI under the last click, or under the focused RoI's centre. */
    nextBelow() {
      const at = stageCentre(model, model.focused.value);
      if (at === null) return;
      const hits = hitsAt(model, at.x, at.y);
      const clicked = lastClick === null ? [] : hitsAt(model, lastClick.x, lastClick.y);
      focus(pickRow(clicked.includes(model.focused.value) ? clicked : hits, model.focused.value, true));
    },
    /** Steps along the list; with no focus, to its first row. */
    stepRoi(delta: number) {
      const rows = listRows(model);
      const at = rows.indexOf(model.focused.value);
      const next = at < 0 ? 0 : Math.min(Math.max(at + delta, 0), rows.length - 1);
      focusIfAny(rows[next]);
    },
    stepGridRows,
    stepGridPages: (delta: number) => stepGridRows(delta * Math.max(model.gridShape.value.rows, 1)),
    goToSuppressor() {
      const by = model.selection.value?.suppressedBy[model.focused.value] ?? NONE;
      if (by !== NONE) focus(by);
    },
  };
}

/** Shown rows under a stage point, in the order in which clicks reach them. */
function hitsAt(model: PanelModel, x: number, y: number, side: SideId = 'a'): number[] {
  const { selection, shown } = side === 'a' ? model : model.other;
  const boxes = model.boxes.value;
  if (boxes === null || selection.value === null) return [];
  const rows = selection.value.order.filter((row) => shown.value[row] === 1 || row === model.focused.value);
  return rowsAt(boxes, rows, model.viewport.value, x, y);
}

/**
 * Rows of the list: ranked ones hardest first, then ignored and invalid, less what the filters hold back. Of a grid,
 * its examples.
 */
export function listRows(model: PanelModel): Int32Array {
  if (model.classification.value) return model.gridRows.value;
  // Of a comparison the list holds what the picture shows: the rest says nothing about the two.
  const passes = model.overlay.value === null ? model.passes.value : model.shown.value;
  return passingRows(model.selection.value?.order ?? new Int32Array(0), passes);
}

/** A plain loop: `filter` calls back for each of thousands at every step of a slider. */
function passingRows(order: Int32Array, passes: Uint8Array): Int32Array {
  const rows = new Int32Array(order.length);
  let numRows = 0;
  for (const row of order) if (passes[row] === 1) rows[numRows++] = row;
  return rows.subarray(0, numRows);
}

function viewActions(model: PanelModel) {
  const sizes = () => [model.imageSize.value, model.stageSize.value] as const;
  const zoom = (factor: number, x: number, y: number) =>
    (model.zoomed.value = zoomAt(model.viewport.value, factor, x, y, ...sizes()));
  const zoomMiddle = (factor: number) =>
    zoom(factor, model.stageSize.value.width / 2, model.stageSize.value.height / 2);
  return {
    zoom,
    pan: (dx: number, dy: number) => (model.zoomed.value = panBy(model.viewport.value, dx, dy, ...sizes())),
    zoomIn: () => zoomMiddle(ZOOM_STEP),
    zoomOut: () => zoomMiddle(1 / ZOOM_STEP),
    fit: () => (model.zoomed.value = null),
    actualSize: () => (model.zoomed.value = actualSize(model.viewport.value, ...sizes())),
    zoomToFocused() {
      const box = boxOf(model, model.focused.value);
      if (box !== null) model.zoomed.value = zoomToBox(box, ...sizes());
    },
  };
}

function choiceActions(model: PanelModel) {
  const toggleMark = (code: SelectedMark) => {
    model.markLayers.value = { ...model.markLayers.value, [code]: !model.markLayers.value[code] };
  };
  return {
    setOption: (key: OptionKey, value: number | string | null) =>
      (model.mining.value = { ...model.mining.value, [key]: value }),
    compareWith: (mining: MiningConfig) => (model.compared.value = mining),
    toggleCompare: () =>
      (model.compared.value =
        model.compared.value === null ? firstOther(taskOf(model), model.mining.value.preset) : null),
    setCompareView: (view: CompareView) => (model.compareView.value = view),
    toggleMark,
    setMining: (mining: MiningConfig) => (model.mining.value = mining),
    toggleLayer: (id: LayerId) => (model.layers.value = { ...model.layers.value, [id]: !model.layers.value[id] }),
    toggleLayerAt(place: number) {
      const id = LAYER_IDS[place];
      const mark = SELECTED_MARKS[place];
      if (model.overlay.value !== null && mark !== undefined) toggleMark(mark);
      else if (id !== undefined) model.layers.value = { ...model.layers.value, [id]: !model.layers.value[id] };
    },
    /** A status that is asked for is shown, too. */
    setFilters(change: Partial<Filters>) {
      batch(() => {
        model.filters.value = { ...model.filters.value, ...change };
        if (change.status) model.layers.value = { ...model.layers.value, [change.status]: true };
      });
      focusInGrid(model);
    },
    setColourBy: (by: ColourBy) => (model.colourBy.value = by),
    setExampleSort: (by: ExampleSort) => (model.exampleSort.value = by),
    toggleWrong() {
      model.filters.value = { ...model.filters.value, wrong: !model.filters.value.wrong };
      focusInGrid(model);
    },
    setDrawAll: (all: boolean) => (model.drawAll.value = all),
    toggleSide: () => (model.sideOpen.value = !model.sideOpen.value),
    showKeys: (shown: boolean) => (model.keysShown.value = shown),
    dismiss: (id: number) => (model.notices.value = model.notices.value.filter((notice) => notice.id !== id)),
  };
}

/**
 * Who filters wants to see what is left: its hardest example gets the focus where the focused one is not among them.
 */
function focusInGrid(model: PanelModel): void {
  const rows = model.gridRows.value;
  const [hardest] = rows;
  if (hardest !== undefined && !rows.includes(model.focused.value)) model.focused.value = hardest;
}

function hostActions(
  model: PanelModel,
  host: Endpoint<PanelHost>,
  steps: Pick<ReturnType<typeof roiActions>, 'stepRoi'>,
) {
  const shown = () => Math.max(shownImageIndex(model), 0);
  return {
    stepImage(delta: number) {
      if (model.classification.value) steps.stepRoi(delta);
      else host.tell('stepImage', { delta });
    },
    openImage: () => host.tell('openImage', { imageIndex: shown() }),
    locateImages: () => host.tell('locateImages', { imageIndex: shown() }),
    resume: () => host.tell('resume', {}),
    cancel: () => host.tell('cancel', {}),
    salvage: () => host.tell('salvage', {}),
    remineImage: () => host.tell('remine', { imageIndex: shown() }),
    remineChanged: () => host.tell('remine', { imageIndex: null }),
    followNewest() {
      model.touched.value = false;
      host.tell('followNewest', {});
    },
    showImage: (imageIndex: number) => host.tell('showImage', { imageIndex }),
    async compareRun() {
      const [a, b] = [model.mining.value, model.compared.value];
      if (b === null) return;
      const asked: RunComparison = { a, b, total: null, numImages: 0, differing: [], error: '' };
      model.runComparison.value = asked;
      const failed = (error: unknown): RunComparison => ({ ...asked, error: messageOf(error) });
      const answer = await host.call('compareRun', { a, b }).catch(failed);
      // Another question, or another run, may have come meanwhile.
      if (model.runComparison.value === asked) model.runComparison.value = answer;
    },
    advise: (mining: MiningConfig) => host.call('advise', { mining }),
    showLog: () => host.tell('showLog', {}),
    /** Opens the glossary at what the person looks at. */
    explain: () => host.tell('openGlossary', { term: termInSight() }),
    exportSelection: () => host.tell('exportSelection', { mining: model.mining.value, scope: shownScope(model) }),
    copyPython: () => host.tell('copyPython', { mining: model.mining.value, scope: shownScope(model) }),
    /** Opens the annotation of the focused RoI's ground truth; of the image where it has none. */
    reveal: (gt = focusedGt(model)) =>
      host.tell('reveal', { imageIndex: shown(), annotation: annotationOf(model, gt) }),
    copyFocused() {
      const [rois, selection, row] = [model.rois.value, model.selection.value, model.focused.value];
      if (rois === null || selection === null || row === NONE) return;
      const facts = {
        rois,
        selection,
        predictions: model.predictions.value,
        row,
        classes: model.classes.value,
        margin: model.margin.value,
        image: imageId(model),
      };
      host.tell('copy', { text: model.classification.value ? exampleJson(facts) : roiJson(facts) });
    },
  };
}

/** How the run might be measured instead; what else there is comes from the host. */
function measureActions({ manifest, measured }: PanelModel, host: Endpoint<PanelHost>) {
  return {
    /** Begins with the run's own measure. */
    openMeasure() {
      if (manifest.value?.task !== 'detection' || manifest.value.measure === null) return;
      measured.value = configOf(manifest.value.measure);
    },
    closeMeasure: () => (measured.value = null),
    setMeasure: (measure: MeasureConfig) => (measured.value = measure),
    measureAgain() {
      if (measured.value !== null) host.tell('measureAgain', { measure: measured.value });
    },
  };
}

function imageId(model: PanelModel): string {
  const images = model.examples.value?.images;
  return (images === undefined ? model.image.value?.summary : images[shownImageIndex(model)])?.id ?? '';
}

function annotationOf(model: PanelModel, gt: number): number {
  if (model.classification.value) return model.examples.value?.annotations[shownImageIndex(model)] ?? NONE;
  return model.image.value?.gts.annotation[gt] ?? NONE;
}

function focusedGt(model: PanelModel): number {
  return model.image.value?.rois.gtIndex[model.focused.value] ?? NONE;
}

function keepInView(model: PanelModel, row: number): void {
  const box = boxOf(model, row);
  if (box === null || model.zoomed.value === null) return;
  model.zoomed.value = revealBox(model.zoomed.value, box, model.imageSize.value, model.stageSize.value);
}

/** A row's box, image px; null where there is no such row or its corners are not finite. */
export function boxOf(model: PanelModel, row: number): Rect | null {
  const boxes = model.boxes.value;
  if (boxes === null || row < 0 || row >= boxes.x1.length) return null;
  const box = rectOf(boxes, row);
  return Object.values(box).every(Number.isFinite) ? box : null;
}

function stageCentre(model: PanelModel, row: number): { readonly x: number; readonly y: number } | null {
  const box = boxOf(model, row);
  const { scale, x, y } = model.viewport.value;
  return box === null ? null : { x: ((box.x1 + box.x2) / 2) * scale + x, y: ((box.y1 + box.y2) / 2) * scale + y };
}

/** What is shown is what is exported: the gallery's items, else what layers and filters let through, of every image. */
function shownScope({ room, gallery, layers, filters }: PanelModel): ExportScope {
  if (room.value === 'gallery') return { of: 'items', query: gallery.query.value };
  const statuses = STATUS_NAMES.filter((name) => layers.value[name]);
  return { of: 'rows', background: t('background'), statuses, filters: filters.value };
}
