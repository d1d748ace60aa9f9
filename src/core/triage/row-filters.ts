/** Filters by label, prediction, status and verdict: the panel's list, and what is exported of a run. */
import { isForeground, STATUS_NAMES, type RoiTable } from '../tables.js';
import type { Decided } from './decisions.js';

type StatusName = (typeof STATUS_NAMES)[number];

export const GROUNDS = ['all', 'foreground', 'background'] as const;
export type Ground = (typeof GROUNDS)[number];

export interface Filters {
  readonly ground: Ground;
  /** One status only; null all. */
  readonly status: StatusName | null;
  /** Label, [0, K] with K the background; null all. */
  readonly label: number | null;
  /** Predicted class, [0, K]; null all. */
  readonly prediction: number | null;
  /** Only rows whose prediction is not their label. */
  readonly wrong: boolean;
  /** Part of the label's or the predicted class's name, any case; '' all. */
  readonly text: string;
  /** Rows of which this was decided; null all. */
  readonly verdict: Decided | null;
}

export const NO_FILTERS: Filters = {
  ground: 'all',
  status: null,
  label: null,
  prediction: null,
  wrong: false,
  text: '',
  verdict: null,
};

/** True where a filter narrows what is shown. */
export function isFiltered(filters: Filters): boolean {
  const { ground, status, label, prediction, wrong, text, verdict } = filters;
  const chosen = [status, label, prediction, verdict].some((each) => each !== null);
  return chosen || ground !== 'all' || wrong || text.trim() !== '';
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
  const passes = new Uint8Array(rois.numRois);
  const named = classesNamed(filters.text, names);
  const code = filters.status === null ? null : STATUS_NAMES.findIndex((name) => name === filters.status);
  for (let row = 0; row < rois.numRois; row++) {
    const label = rois.gtClass[row];
    const passesText = named === null || named.has(label) || named.has(predictions[row]);
    const passesLabel =
      (filters.label === null || label === filters.label) && passesPrediction(label, predictions[row], filters);
    const passesStatus = code === null || status[row] === code;
    if (!passesText || !passesLabel || !passesStatus || !onGround(rois, row, filters.ground)) continue;
    if (filters.verdict === null || decidedOf(row) === filters.verdict) passes[row] = 1;
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

function classesNamed(text: string, names: readonly string[]): ReadonlySet<number> | null {
  const part = text.trim().toLowerCase();
  if (part === '') return null;
  const named = new Set<number>();
  names.forEach((name, index) => {
    if (name.toLowerCase().includes(part)) named.add(index);
  });
  return named;
}
