/**
 * A dense head as data: where boxes, scores and objectness stand in the outputs of a graph, and in which form. Families
 * say which layout they see; this file decodes any of them.
 */
import type { Phrase } from '../../core/said.js';
import type { DetectorOutput, ScoreForm } from '../../core/losses/detector-output.js';
import type { Boxes } from '../../core/tables.js';
import type { InputForm, Placement } from '../pixels/preprocess.js';
import { CELLS, cachedDenseGrid, type DenseGrid, type PointLayout } from './dense-grid.js';
import { takeOutput, type Decoder, type Outputs } from './family.js';

export const BOX_FORMS = ['cxcywh', 'xyxy', 'yxyx', 'xywh', 'ltrb'] as const;
/** `ltrb`: distances from the centre of the row's cell. */
export type BoxForm = (typeof BOX_FORMS)[number];

export const BOX_UNITS = ['pixels', 'normalised', 'strides'] as const;
/** Pixels of the input; 0…1 of the input; strides of the row's level (distances only). */
export type BoxUnit = (typeof BOX_UNITS)[number];

/** Columns [from, to) of an output, one row a candidate. */
export interface Columns {
  readonly output: string;
  readonly from: number;
  readonly to: number;
  /** The output is [C, A], not [A, C]. */
  readonly rowsLast: boolean;
}

export interface Layout {
  readonly boxes: Columns;
  readonly boxForm: BoxForm;
  readonly boxUnit: BoxUnit;
  /** Of a softmax with its background; of a sigmoid the K classes alone. */
  readonly scores: Columns;
  readonly scoreForm: ScoreForm;
  /** Where a softmax has its background. */
  readonly background: 'first' | 'last';
  readonly objectness: Columns | null;
  /** Strides whose cells the rows are, in their order; null: no grid (queries, proposals, priors of another kind). */
  readonly strides: readonly number[] | null;
  /** Rows a cell. */
  readonly perCell: number;
  /** As `PointLayout.priors`. */
  readonly priors?: PointLayout['priors'] | undefined;
}

/**
 * Binds a layout to the shapes of a forward.
 * @throws MiningError 'checkpoint' when decoding, for an output of another shape.
 */
export function layoutDecoder(
  layout: Layout,
  outputs: Outputs,
  form: InputForm,
  notes: readonly Phrase[] = [],
): Decoder {
  const boxesOf = reader(layout.boxes, outputs);
  const scoresOf = reader(layout.scores, outputs);
  const objectnessOf = layout.objectness === null ? null : reader(layout.objectness, outputs);
  const numRois = boxesOf.numRows;
  const softmax = layout.scoreForm.activation === 'softmax';
  const width = layout.scores.to - layout.scores.from;
  const numClasses = softmax ? width - 1 : width;
  const gridAt =
    layout.strides === null
      ? null
      : cachedDenseGrid(form, layout.strides, { ...CELLS, perCell: layout.perCell, priors: layout.priors });
  return {
    numClasses,
    scoreForm: layout.scoreForm,
    notes,
    decode(given, place): DetectorOutput {
      const grid = gridAt === null ? null : gridAt(place);
      const preds = decodeBoxes(boxesOf.read(given), layout, place, grid);
      const objectness = objectnessOf === null ? null : objectnessOf.read(given);
      const scores = scoresOf.read(given);
      if (softmax && layout.background === 'first') moveBackgroundLast(scores, width);
      return {
        numRois,
        numClasses,
        // Without a grid the regressed box is all there is.
        regions: grid === null ? preds : grid.regions,
        preds,
        scoreForm: layout.scoreForm,
        scores,
        objectness,
        deltas: null,
        deltaWeights: null,
        grid: grid === null ? null : grid.grid,
      };
    },
  };
}

interface Reader {
  readonly numRows: number;
  /** The columns as [rows, to - from], row-major, until the next call. */
  read(outputs: Outputs): Float32Array;
}

function reader({ output, from, to, rowsLast }: Columns, bound: Outputs): Reader {
  const shape = bound[output]?.shape ?? [];
  const [a, b] = axesOf(shape);
  const [numRows, numColumns] = rowsLast ? [b, a] : [a, b];
  // Fresh memory for each image, megabytes, would keep the collector busy: a seventh of mining a YOLOv8n.
  let kept: Float32Array | undefined;
  return {
    numRows,
    read(outputs) {
      const data = takeOutput(outputs, output, shape);
      if (!rowsLast && from === 0 && to === numColumns) return data;
      kept ??= new Float32Array(numRows * (to - from));
      if (rowsLast) transpose(data.subarray(from * numRows, to * numRows), to - from, numRows, kept);
      else slice(data, numColumns, from, to, kept);
      return kept;
    },
  };
}

/** Columns of a forward as [rows, to - from], row-major; not to be written to. */
export function readColumns(outputs: Outputs, columns: Columns): Float32Array {
  return reader(columns, outputs).read(outputs);
}

/** The two axes of [A, C], [B, A, C] or [B, A, 1, C] that are neither batch nor 1 in the middle. */
export function axesOf(shape: readonly number[]): readonly [number, number] {
  const [a = 0, b = 0] = shape.length === 2 ? shape : shape.length === 4 ? [shape[1], shape[3]] : shape.slice(1);
  return [a, b];
}

/** Columns side by side at a time: what they write stays in the cache. */
const BLOCK = 64;

/** [rows, columns] of `data` as [columns, rows]. */
function transpose(data: Float32Array, rows: number, columns: number, out: Float32Array): void {
  for (let start = 0; start < columns; start += BLOCK) {
    const end = Math.min(start + BLOCK, columns);
    for (let row = 0; row < rows; row++) {
      for (let column = start; column < end; column++) out[column * rows + row] = data[row * columns + column];
    }
  }
}

/** Columns [from, to) of `data`. */
function slice(data: Float32Array, columns: number, from: number, to: number, out: Float32Array): void {
  const width = to - from;
  for (let at = 0, row = from; at < out.length; at += width, row += columns)
    for (let column = 0; column < width; column++) out[at + column] = data[row + column];
}

/** Makes the first column of rows of `width` the last, in place. */
export function moveBackgroundLast(scores: Float32Array, width: number): void {
  for (let at = 0; at < scores.length; at += width) {
    const background = scores[at];
    scores.copyWithin(at, at + 1, at + width);
    scores[at + width - 1] = background;
  }
}

/** Boxes in image px, as they come: neither clipped nor ordered. */
function decodeBoxes(raw: Float32Array, layout: Layout, place: Placement, grid: DenseGrid | null): Boxes {
  const numRows = raw.length / 4;
  const column = () => new Float32Array(numRows);
  const preds = { x1: column(), y1: column(), x2: column(), y2: column() };
  if (layout.boxForm === 'ltrb') decodeDistances(raw, layout.boxUnit, place, grid, preds);
  else decodeAxes(raw, layout.boxForm, layout.boxUnit, place, preds);
  return preds;
}

function decodeAxes(
  raw: Float32Array,
  boxForm: Exclude<BoxForm, 'ltrb'>,
  unit: BoxUnit,
  { left, top, scaleX, scaleY, inputWidth, inputHeight }: Placement,
  preds: Boxes,
): void {
  const [unitX, unitY] = unit === 'normalised' ? [inputWidth, inputHeight] : [1, 1];
  // Of the four values, the one of x; that of y is the other of the pair.
  const x = boxForm === 'yxyx' ? 1 : 0;
  // Of the first pair: how much of a side lies before it.
  const before = boxForm === 'cxcywh' ? 0.5 : 0;
  const corners = boxForm === 'xyxy' || boxForm === 'yxyx';
  for (let row = 0, at = 0; at < raw.length; row++, at += 4) {
    const [x1, y1] = [raw[at + x] * unitX, raw[at + 1 - x] * unitY];
    const [second, third] = [raw[at + 2 + x] * unitX, raw[at + 3 - x] * unitY];
    const wide = corners ? second - x1 : second;
    const high = corners ? third - y1 : third;
    preds.x1[row] = (x1 - before * wide - left) / scaleX;
    preds.y1[row] = (y1 - before * high - top) / scaleY;
    preds.x2[row] = (x1 + (1 - before) * wide - left) / scaleX;
    preds.y2[row] = (y1 + (1 - before) * high - top) / scaleY;
  }
}

/** Grid columns are in image px already. */
function decodeDistances(
  raw: Float32Array,
  unit: BoxUnit,
  { scaleX, scaleY, inputWidth, inputHeight }: Placement,
  given: DenseGrid | null,
  preds: Boxes,
): void {
  if (given === null) throw new Error('distances need a grid: the family that made the layout has none');
  const { centreX, centreY, strideX, strideY } = given.grid;
  const [unitX, unitY] = unit === 'normalised' ? [inputWidth, inputHeight] : [1, 1];
  for (let row = 0, at = 0; at < raw.length; row++, at += 4) {
    const sideX = unit === 'strides' ? strideX[row] : unitX / scaleX;
    const sideY = unit === 'strides' ? strideY[row] : unitY / scaleY;
    preds.x1[row] = centreX[row] - raw[at] * sideX;
    preds.y1[row] = centreY[row] - raw[at + 1] * sideY;
    preds.x2[row] = centreX[row] + raw[at + 2] * sideX;
    preds.y2[row] = centreY[row] + raw[at + 3] * sideY;
  }
}
