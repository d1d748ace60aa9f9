/** Anchor points of dense heads on several strides, in the image's own pixels. */
import * as v from 'valibot';
import type { AnchorGrid } from '../../core/losses/detector-output.js';
import type { Boxes } from '../../core/tables.js';
import { optionalKey, wholeSize } from '../files/contract.js';
import { keepLast } from '../pixels/keep-last.js';
import type { InputForm, Placement } from '../pixels/preprocess.js';

export const strideList = optionalKey(
  'Strides of the levels whose cells are the rows, in their order, px.',
  v.pipe(v.array(wholeSize), v.minLength(1), v.maxLength(8)),
);

/** Strides of the usual heads, of those with a fourth level (P6), and of those with a finer one (P2). */
export const HEAD_STRIDES: readonly (readonly number[])[] = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
];

/**
 * The strides whose cells are `numRows` in an input, with `perCell` rows a cell: `given` by a contract, else one of the
 * usual; null: none of them.
 */
export function stridesOf(
  form: InputForm,
  numRows: number,
  perCell = 1,
  given?: readonly number[],
): readonly number[] | null {
  const known = given === undefined ? HEAD_STRIDES : [given];
  return known.find((strides) => levelStarts(form, strides, perCell)[strides.length] === numRows) ?? null;
}

/** The cell itself stands for what the network was asked about. */
export const CELLS: PointLayout = { offset: (stride) => stride / 2, halfSide: (stride) => stride / 2 };

/** Where a family's points lie, for one stride. */
export interface PointLayout {
  /** Rows a cell, absent: 1. All cells of a level come once, then again. */
  readonly perCell?: number;
  /** Centre of the point in cell g: g * stride + offset, input px. */
  offset(stride: number): number;
  /** Half the side of the point's prior box, input px. */
  halfSide(stride: number): number;
  /** Widths and heights of priors, input px, level by level, `perCell` each; absent: squares of `halfSide`. */
  readonly priors?: readonly (readonly [width: number, height: number])[] | undefined;
}

export interface DenseGrid {
  readonly grid: AnchorGrid;
  readonly regions: Boxes;
}

/** Cells of a level along one side of the input. Strided convolutions with padding round up. */
export function cellsAlong(sizePx: number, stride: number): number {
  return Math.ceil(sizePx / stride);
}

/** L + 1 row offsets of the levels of an input. */
export function levelStarts(form: InputForm, strides: readonly number[], perCell = 1): Int32Array {
  const starts = new Int32Array(strides.length + 1);
  strides.forEach((stride, level) => {
    starts[level + 1] = starts[level] + perCell * cellsAlong(form.width, stride) * cellsAlong(form.height, stride);
  });
  return starts;
}

/**
 * The grid of an input with the resize undone: centres, strides and prior boxes in image px. Rows go level by level,
 * each from top left to bottom right.
 */
export function makeDenseGrid(
  form: InputForm,
  strides: readonly number[],
  layout: PointLayout,
  place: Placement,
): DenseGrid {
  const levelStart = levelStarts(form, strides, layout.perCell);
  const numRois = levelStart[strides.length];
  const column = () => new Float32Array(numRois);
  const [centreX, centreY, strideX, strideY] = [column(), column(), column(), column()];
  const [x1, y1, x2, y2] = [column(), column(), column(), column()];
  strides.forEach((stride, level) => {
    const columns = cellsAlong(form.width, stride);
    const offset = layout.offset(stride);
    const perCell = layout.perCell ?? 1;
    const side = 2 * layout.halfSide(stride);
    const rows = cellsAlong(form.height, stride);
    for (let row = levelStart[level], cell = 0; row < levelStart[level + 1]; row++, cell++) {
      const x = (cell % columns) * stride + offset - place.left;
      const y = (Math.floor(cell / columns) % rows) * stride + offset - place.top;
      centreX[row] = x / place.scaleX;
      centreY[row] = y / place.scaleY;
      strideX[row] = stride / place.scaleX;
      strideY[row] = stride / place.scaleY;
      const copy = Math.floor(cell / (columns * rows));
      const [width, height] = layout.priors?.[level * perCell + copy] ?? [side, side];
      x1[row] = (x - width / 2) / place.scaleX;
      y1[row] = (y - height / 2) / place.scaleY;
      x2[row] = (x + width / 2) / place.scaleX;
      y2[row] = (y + height / 2) / place.scaleY;
    }
  });
  return { grid: { centreX, centreY, strideX, strideY, levelStart }, regions: { x1, y1, x2, y2 } };
}

/** A grid of 25,200 rows is 800 KB. */
const MAX_GRIDS = 8;

/** Keeps the grids of the last placements: readers never write into them. */
export function cachedDenseGrid(
  form: InputForm,
  strides: readonly number[],
  layout: PointLayout,
): (place: Placement) => DenseGrid {
  return keepLast(
    MAX_GRIDS,
    ({ scaleX, scaleY, left, top }: Placement) => `${scaleX} ${scaleY} ${left} ${top}`,
    (place) => makeDenseGrid(form, strides, layout, place),
  );
}
