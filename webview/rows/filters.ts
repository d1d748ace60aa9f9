/** Layers (by status) and filters (by label and status): which rows are shown. */
import { STATUS_NAMES, Status, type RoiTable } from '../../src/core/tables.js';
import { VERDICT_IDS, type Verdict } from '../../src/core/triage/decisions.js';
import * as base from '../../src/core/triage/row-filters.js';

export { GROUNDS, type Ground } from '../../src/core/triage/row-filters.js';

/** What was decided; `undecided`: nothing. */
export const DECIDED_IDS = ['undecided', ...VERDICT_IDS] as const;
export type Decided = Verdict | 'undecided';

export interface Filters extends base.Filters {
  /** Rows of which this was decided; null all. */
  readonly verdict: Decided | null;
}

export const NO_FILTERS: Filters = { ...base.NO_FILTERS, verdict: null };

/** True where a filter narrows what is shown. */
export function isFiltered(filters: Filters): boolean {
  return base.isFiltered(filters) || filters.verdict !== null;
}

/**
 * 1 for each row that the filters let through.
 * @param predictions R: as `predictedClasses`.
 * @param names K class names, and what the background is called.
 * @param decidedOf what was decided on a row; asked only where it matters.
 */
export function filterRows(
  rois: RoiTable,
  predictions: Int32Array,
  status: Uint8Array,
  filters: Filters,
  names: readonly string[],
  decidedOf: (row: number) => Decided,
): Uint8Array {
  const passes = base.filterRows(rois, predictions, status, filters, names);
  const { verdict } = filters;
  return verdict === null ? passes : passes.map((pass, row) => (pass === 1 && decidedOf(row) === verdict ? 1 : 0));
}

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

/** 1 for each row that both the filters and the layers let through: what the canvas draws and picks. */
export function rowsOnLayers(passes: Uint8Array, status: Uint8Array, layers: Layers): Uint8Array {
  const on = Object.values(Status).map((code) => (layers[STATUS_NAMES[code]] ? 1 : 0));
  return passes.map((pass, row) => pass & on[status[row]]);
}
