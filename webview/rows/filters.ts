/** Layers, by status: with the filters they say which rows are shown. */
import { STATUS_NAMES, Status } from '../../src/core/tables.js';

export * from '../../src/core/triage/row-filters.js';

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
