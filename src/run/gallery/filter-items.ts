/** The loops over all items of a kind: a million rows each. */
import type { GalleryAnswer, GalleryQuery } from '../../protocol/gallery-messages.js';
import type { Facet, FacetRun } from './facets/facet.js';
import type { Items } from './items.js';

/** Items without a value of a facet. */
const NO_VALUE = 0xffff;

/** A facet's value of every item. */
export interface Codes {
  readonly facet: Facet;
  /** Of the facet among all: its bit in `failures`. */
  readonly place: number;
  readonly names: readonly string[];
  /** One an item: [0, names.length), or more where it has no value. */
  readonly codes: Uint16Array;
}

export function codesOf(facet: Facet, place: number, items: Items, run: FacetRun): Codes {
  const { names, code } = facet.values(items, run);
  const codes = new Uint16Array(items.length);
  for (let row = 0; row < items.length; row++) {
    const value = code(row);
    codes[row] = value >= 0 && value < names.length ? value : NO_VALUE;
  }
  return { facet, place, names, codes };
}

/** A facet's bit in `failures`. */
export function bitOf({ place }: Codes): number {
  return 1 << place;
}

/** One an item: the facets, as bits, by which it does not pass. @param facets at most 16. */
export function failures(facets: readonly Codes[], where: GalleryQuery['where'], length: number): Uint16Array {
  const failed = new Uint16Array(length);
  for (const facet of facets) {
    const picked = where[facet.facet.id];
    if (picked === undefined) continue;
    const passes = new Uint8Array(NO_VALUE + 1);
    for (const code of picked) passes[code] = 1;
    passes[NO_VALUE] = 0;
    const [bit, { codes }] = [bitOf(facet), facet];
    for (let row = 0; row < length; row++) if (passes[codes[row]] === 0) failed[row] |= bit;
  }
  return failed;
}

/** Rows that pass by every facet, in `order`. */
export function passingRows(order: Int32Array, failed: Uint16Array): Int32Array {
  const rows = new Int32Array(order.length);
  let numRows = 0;
  for (const row of order) if (failed[row] === 0) rows[numRows++] = row;
  return rows.subarray(0, numRows);
}

/** How many items that pass by every other facet have each value. */
export function countCodes(facet: Codes, failed: Uint16Array): Int32Array {
  const counts = new Int32Array(NO_VALUE + 1);
  const [others, { codes }] = [~bitOf(facet), facet];
  for (let row = 0; row < codes.length; row++) if ((failed[row] & others) === 0) counts[codes[row]]++;
  return counts.subarray(0, facet.names.length);
}

/**
 * Puts rows of one value together, each group in the order that it had: of a list the largest group first, bins in
 * their order, rows without a value last.
 * @param facet undefined: one group without a name.
 */
export function groupRows(
  rows: Int32Array,
  facet: Codes | undefined,
): { readonly rows: Int32Array; readonly groups: GalleryAnswer['groups'] } {
  if (facet === undefined) return { rows, groups: [{ name: '', count: rows.length }] };
  const counts = new Int32Array(NO_VALUE + 1);
  for (const row of rows) counts[facet.codes[row]]++;
  const present = [...counts.keys()].filter((code) => counts[code] > 0);
  const named = (code: number) => (code === NO_VALUE ? 1 : 0);
  if (facet.facet.shape === 'list') present.sort((a, b) => named(a) - named(b) || counts[b] - counts[a] || a - b);
  const starts = new Int32Array(NO_VALUE + 1);
  let start = 0;
  for (const code of present) {
    starts[code] = start;
    start += counts[code];
  }
  const grouped = new Int32Array(rows.length);
  for (const row of rows) grouped[starts[facet.codes[row]]++] = row;
  return {
    rows: grouped,
    groups: present.map((code) => ({ name: facet.names[code] ?? 'without', count: counts[code] })),
  };
}
