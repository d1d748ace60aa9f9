/** Layers (by status) and filters (by label and status): which rows are shown. */
import { isForeground, STATUS_NAMES, Status, type RoiTable } from '../../src/core/tables.js';
import { t } from '../words/t.js';

/** The switches above the picture, in the order of the keys 1–6. The first five are the status codes. */
export const LAYER_IDS = [...STATUS_NAMES, 'ground-truth'] as const;
export type LayerId = (typeof LAYER_IDS)[number];
export type Layers = Readonly<Record<LayerId, boolean>>;

/** In a grid of examples everything is shown at first: what is not selected is as worth a look. */
export const ALL_LAYERS: Layers = {
  selected: true,
  'nms-suppressed': true,
  'below-budget': true,
  ignored: true,
  invalid: true,
  'ground-truth': true,
};

/** What is on at first: what trains, and what it should have been. */
export const FIRST_LAYERS: Layers = {
  selected: true,
  'nms-suppressed': false,
  'below-budget': false,
  ignored: false,
  invalid: false,
  'ground-truth': true,
};

export const GROUNDS = ['all', 'foreground', 'background'] as const;
export type Ground = (typeof GROUNDS)[number];

export interface Filters {
  readonly ground: Ground;
  /** One status only; null all. */
  readonly status: LayerId | null;
  /** Label, [0, K] with K the background; null all. */
  readonly label: number | null;
  /** Predicted class, [0, K]; null all. */
  readonly prediction: number | null;
  /** Only rows whose prediction is not their label. */
  readonly wrong: boolean;
  /** Part of the label's or the predicted class's name, any case; '' all. */
  readonly text: string;
}

export const NO_FILTERS: Filters = {
  ground: 'all',
  status: null,
  label: null,
  prediction: null,
  wrong: false,
  text: '',
};

/** True where a filter narrows what is shown. */
export function isFiltered(filters: Filters): boolean {
  const { ground, status, label, prediction, wrong, text } = filters;
  return ground !== 'all' || status !== null || label !== null || prediction !== null || wrong || text.trim() !== '';
}

/**
 * 1 for each row that the filters let through.
 * @param predictions R: as `predictedClasses`.
 * @param classes K names.
 */
export function filterRows(
  rois: RoiTable,
  predictions: Int32Array,
  status: Uint8Array,
  filters: Filters,
  classes: readonly string[],
): Uint8Array {
  const passes = new Uint8Array(rois.numRois);
  const named = classesNamed(filters.text, classes);
  const code = filters.status === null ? null : STATUS_NAMES.findIndex((name) => name === filters.status);
  for (let row = 0; row < rois.numRois; row++) {
    const label = rois.gtClass[row];
    const passesText = named === null || named.has(label) || named.has(predictions[row]);
    const passesLabel =
      (filters.label === null || label === filters.label) && passesPrediction(label, predictions[row], filters);
    const passesStatus = code === null || status[row] === code;
    if (passesText && passesLabel && passesStatus && onGround(rois, row, filters.ground)) passes[row] = 1;
  }
  return passes;
}

function passesPrediction(label: number, predicted: number, { prediction, wrong }: Filters): boolean {
  const mistaken = label >= 0 && predicted >= 0 && predicted !== label;
  return (prediction === null || predicted === prediction) && (!wrong || mistaken);
}

function onGround(rois: RoiTable, row: number, ground: Ground): boolean {
  if (ground === 'all') return true;
  return ground === 'background' ? rois.gtClass[row] === rois.numClasses : isForeground(rois, row);
}

function classesNamed(text: string, classes: readonly string[]): ReadonlySet<number> | null {
  const part = text.trim().toLowerCase();
  if (part === '') return null;
  const named = new Set<number>();
  [...classes, t('background')].forEach((name, index) => {
    if (name.toLowerCase().includes(part)) named.add(index);
  });
  return named;
}

/** 1 for each row that both the filters and the layers let through: what the canvas draws and picks. */
export function rowsOnLayers(passes: Uint8Array, status: Uint8Array, layers: Layers): Uint8Array {
  const on = Object.values(Status).map((code) => (layers[STATUS_NAMES[code]] ? 1 : 0));
  return passes.map((pass, row) => pass & on[status[row]]);
}
