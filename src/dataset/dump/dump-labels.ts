/** A dump numbers its labels by its own header; the core has foreground first and background last. */
import { IGNORE } from '../../core/tables.js';
import type { DumpHeader } from './dump.js';

/** Largest label that may stand in the dump; the least is -1. */
export function largestLabel({ classes, background }: DumpHeader): number {
  return background === null ? classes.length - 1 : classes.length;
}

/** [0, K) foreground, K background, IGNORE. */
export function internalLabel({ classes, background }: DumpHeader, label: number): number {
  if (label < 0) return IGNORE;
  if (label === background) return classes.length;
  return background === 0 ? label - 1 : label;
}

/** Does the column of a row of logits stand for the label of the same number? A sigmoid may leave background out. */
export function hasLabelColumns({ classes, background }: DumpHeader, numColumns: number): boolean {
  return numColumns > classes.length || background === null;
}
