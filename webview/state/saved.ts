/** What survives a tab switch and a reload (`setState`). Read with suspicion: an older version may have written it. */
import { checkPreset, DEFAULT_CONFIG, OPTION_KEYS, type MiningConfig } from '../../src/core/mining/mining-options.js';
import type { RunManifest } from '../../src/core/facts/run-manifest.js';
import { resolveConfig } from '../../src/core/mining/select.js';
import { NONE } from '../../src/core/tables.js';
import type { Viewport } from '../geometry/viewport.js';
import { COMPARE_VIEWS, type CompareView } from '../rows/comparison.js';
import { COLOUR_BY_IDS, type ColourBy } from '../rows/colouring.js';
import { EXAMPLE_SORT_IDS, type ExampleSort } from '../rows/example-order.js';
import { FIRST_LAYERS, GROUNDS, LAYER_IDS, NO_FILTERS, type Filters, type Layers } from '../rows/filters.js';
import { shownImageIndex, type PanelModel } from './model.js';

const VERSION = 1;

export interface SavedState {
  readonly version: typeof VERSION;
  /** `createdAt` of the run: choices for one run say nothing about another. */
  readonly run: string;
  readonly imageIndex: number;
  readonly mining: MiningConfig;
  readonly layers: Layers;
  readonly filters: Filters;
  readonly zoomed: Viewport | null;
  readonly focused: number;
  readonly drawAll: boolean;
  readonly colourBy: ColourBy;
  readonly exampleSort: ExampleSort;
  readonly compared: MiningConfig | null;
  readonly compareView: CompareView;
  readonly sideOpen: boolean;
  readonly folded: readonly string[];
}

/** The present state; null before there is an image. Reads signals: an effect around it follows every change. */
export function stateOf(model: PanelModel): SavedState | null {
  const [image, manifest] = [model.image.value, model.manifest.value];
  if (image === null || manifest === null) return null;
  return {
    version: VERSION,
    run: manifest.createdAt,
    imageIndex: Math.max(shownImageIndex(model), 0),
    mining: model.mining.value,
    layers: model.layers.value,
    filters: model.filters.value,
    zoomed: model.zoomed.value,
    focused: model.focused.value,
    drawAll: model.drawAll.value,
    colourBy: model.colourBy.value,
    exampleSort: model.exampleSort.value,
    compared: model.compared.value,
    compareView: model.compareView.value,
    sideOpen: model.sideOpen.value,
    folded: [...model.folded.value],
  };
}

/** Puts back what belongs to no run or image: layers, filters, folding. */
export function restoreLook(model: PanelModel, saved: SavedState): void {
  model.layers.value = saved.layers;
  model.filters.value = saved.filters;
  model.drawAll.value = saved.drawAll;
  model.colourBy.value = saved.colourBy;
  model.exampleSort.value = saved.exampleSort;
  model.compared.value = saved.compared;
  model.compareView.value = saved.compareView;
  model.sideOpen.value = saved.sideOpen;
  model.folded.value = new Set(saved.folded);
}

/** True where a saved state is of this run. */
export function sameRun(saved: SavedState | null, manifest: RunManifest | null): saved is SavedState {
  return saved !== null && saved.run === manifest?.createdAt;
}

/**
 * Reads a saved state; null for anything of another shape or version. Single parts that are wrong fall back to their
 * first value.
 */
export function readSaved(value: unknown): SavedState | null {
  if (
    !isRecord(value) ||
    value['version'] !== VERSION ||
    typeof value['run'] !== 'string' ||
    !isIndex(value['imageIndex'])
  )
    return null;
  return {
    version: VERSION,
    run: value['run'],
    imageIndex: value['imageIndex'],
    mining: readMining(value['mining']),
    layers: readLayers(value['layers']),
    filters: readFilters(value['filters']),
    zoomed: readViewport(value['zoomed']),
    focused: isIndex(value['focused']) ? value['focused'] : NONE,
    drawAll: value['drawAll'] === true,
    colourBy: COLOUR_BY_IDS.find((id) => id === value['colourBy']) ?? 'rank',
    exampleSort: EXAMPLE_SORT_IDS.find((id) => id === value['exampleSort']) ?? 'loss',
    compared: isRecord(value['compared']) ? readMining(value['compared']) : null,
    compareView: COMPARE_VIEWS.find((id) => id === value['compareView']) ?? 'overlay',
    sideOpen: value['sideOpen'] === true,
    folded: Array.isArray(value['folded']) ? value['folded'].filter((title) => typeof title === 'string') : [],
  };
}

function readMining(value: unknown): MiningConfig {
  if (!isRecord(value)) return DEFAULT_CONFIG;
  try {
    return resolveConfig(checkPreset(value['preset']), Object.fromEntries(OPTION_KEYS.map((key) => [key, value[key]])));
  } catch {
    return DEFAULT_CONFIG;
  }
}

function readLayers(value: unknown): Layers {
  if (!isRecord(value)) return FIRST_LAYERS;
  const read = LAYER_IDS.map((id) => [id, typeof value[id] === 'boolean' ? value[id] : FIRST_LAYERS[id]]);
  return Object.fromEntries(read) as Layers;
}

function readFilters(value: unknown): Filters {
  if (!isRecord(value)) return NO_FILTERS;
  return {
    ground: GROUNDS.find((ground) => ground === value['ground']) ?? NO_FILTERS.ground,
    status: LAYER_IDS.find((id) => id === value['status']) ?? NO_FILTERS.status,
    label: isIndex(value['label']) ? value['label'] : NO_FILTERS.label,
    prediction: isIndex(value['prediction']) ? value['prediction'] : NO_FILTERS.prediction,
    wrong: value['wrong'] === true,
    text: typeof value['text'] === 'string' ? value['text'] : NO_FILTERS.text,
  };
}

function readViewport(value: unknown): Viewport | null {
  if (!isRecord(value)) return null;
  const [scale, x, y] = [value['scale'], value['x'], value['y']];
  const valid = isFinite(scale) && isFinite(x) && isFinite(y) && scale > 0;
  return valid ? { scale, x, y } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isIndex(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
