/** What values of a forward over a made-up image tell of outputs that shapes leave open. */
import { axesOf, readColumns, type Columns, type Layout } from './layout.js';
import type { Outputs } from './family.js';

/** A float output with two axes that are neither batch nor 1 in the middle. */
export interface Table {
  readonly name: string;
  readonly axes: readonly [number, number];
}

/** The float outputs of shape [1, A, C], [A, C] or [1, A, 1, C]. */
export function tablesOf(outputs: Outputs): Table[] {
  return Object.entries(outputs).flatMap(([name, { shape, data }]) => {
    const one =
      shape.length === 2 || (shape[0] === 1 && (shape.length === 3 || (shape.length === 4 && shape[2] === 1)));
    const axes = axesOf(shape);
    return one && data instanceof Float32Array && data.length === axes[0] * axes[1] && data.length > 0
      ? [{ name, axes }]
      : [];
  });
}

/** The table of a name. */
export function tableNamed(outputs: Outputs, name: string): Table | null {
  return tablesOf(outputs).find((table) => table.name === name) ?? null;
}

/** All columns of a table [A, C]. */
export function allColumns({ name, axes }: Table): Columns {
  return { output: name, from: 0, to: axes[1], rowsLast: false };
}

/** Rounding of half-precision exporters. */
const SLACK = 1e-3;

/** Are all values in [0, 1]? NaN tells nothing. */
export function inUnit(outputs: Outputs, columns: Columns): boolean {
  return !readColumns(outputs, columns).some((value) => value < -SLACK || value > 1 + SLACK);
}

/** Are all values 1? */
export function areOnes(outputs: Outputs, columns: Columns): boolean {
  return readColumns(outputs, columns).every((value) => Math.abs(value - 1) < SLACK);
}

/** Boxes whose largest value is some pixels or more are in pixels: those in 0…1 hardly leave it. */
const LARGEST_NORMALISED = 4;

/** Pixels or 0…1, by the largest value. */
export function unitOf(outputs: Outputs, boxes: Columns): Layout['boxUnit'] {
  return readColumns(outputs, boxes).some((value) => value > LARGEST_NORMALISED) ? 'pixels' : 'normalised';
}

/** Are the last two of each four never below the first two, as in corners they are not? */
export function areCorners(outputs: Outputs, boxes: Columns): boolean {
  return shareOfCorners(outputs, boxes) === 1;
}

/** Share of rows that may be corners: heads that regress sides freely turn some boxes over. */
export function shareOfCorners(outputs: Outputs, boxes: Columns): number {
  const values = readColumns(outputs, boxes);
  let count = 0;
  for (let at = 0; at < values.length; at += 4)
    if (!(values[at + 2] < values[at] - SLACK || values[at + 3] < values[at + 1] - SLACK)) count++;
  return (4 * count) / values.length;
}

/** Share of rows whose largest value stands in the last column. */
export function shareOfLast(outputs: Outputs, columns: Columns): number {
  const values = readColumns(outputs, columns);
  const width = columns.to - columns.from;
  let count = 0;
  for (let at = 0; at < values.length; at += width) {
    const last = values[at + width - 1];
    if (values.subarray(at, at + width).every((value) => value <= last)) count++;
  }
  return (count * width) / values.length;
}
