import { answerOf } from '../../../core/predictions.js';
import { NONE } from '../../../core/tables.js';
import type { Decision } from '../../../core/triage/decisions.js';
import type { Items } from '../items.js';

/** What facets know of a run. */
export interface RunFacts {
  /** K names. */
  readonly classes: readonly string[];
  /** Score below which a prediction is background, as `backgroundBelowOf`. */
  readonly backgroundBelow: number;
}

/** And of the items that they are asked about. */
export interface FacetRun extends RunFacts {
  /** The decision on an item. */
  decisionOf(row: number): Decision | undefined;
}

/** A facet's values over one list of items. */
export interface FacetValues {
  /** What each value is called; its place is its code. */
  readonly names: readonly string[];
  /** Code of an item, [0, names.length); NONE where it has no value. */
  code(row: number): number;
}

/**
 * Something that items are told apart by: it filters, counts and groups. One file each in this folder, one line in
 * `index.ts`; the panel follows.
 */
export interface Facet {
  readonly id: string;
  /** As the panel heads it. */
  readonly title: string;
  /** `histogram`: values are the bins of a number, in order. */
  readonly shape: 'list' | 'histogram';
  values(items: Items, run: FacetRun): FacetValues;
}

/** What the network says of an item: [0, K], K background; NONE unknown. */
export function predictionOf(items: Items, row: number, { classes, backgroundBelow }: RunFacts): number {
  return answerOf(items.preferred[row], items.score[row], classes.length, backgroundBelow);
}

/** Class names, and the background's behind them. */
export function labelNames({ classes }: RunFacts): readonly string[] {
  return [...classes, 'background'];
}

/**
 * Bins of equal width over [0, most]; the last one holds what is beyond.
 * @param name of a bin's lower edge.
 */
export function evenBins(
  values: Float32Array,
  most: number,
  numBins: number,
  name: (edge: number) => string,
): FacetValues {
  const width = most / numBins;
  return {
    names: Array.from({ length: numBins }, (_, bin) => `${name(bin * width)}–${name((bin + 1) * width)}`),
    code(row) {
      const value = values[row];
      return Number.isFinite(value) ? Math.min(Math.max(Math.floor(value / width), 0), numBins - 1) : NONE;
    },
  };
}
