/**
 * YOLOX: one output [1, A, 5 + K] of (dx, dy, log w, log h, objectness, K class scores), one row a cell of each stride.
 * cx = (dx + gx) * s, w = exp(log w) * s, in input px. Scores are sigmoid already in the exporters that are about.
 *
 * Source: YOLOX `yolox/models/yolo_head.py` (`decode_outputs`, `get_geometry_constraint`: centre (gx + .5) * s),
 * `yolox/data/data_augment.py` (`preproc`: BGR, 0..255, padded by 114), `demo/ONNXRuntime`.
 * Decoding 3549 x 85, scores copied, takes 1.1 ms of CPU time (two shared cores; NanoDet at 416: 2.7 ms).
 */
import { said } from '../../core/said.js';
import * as v from 'valibot';
import type { DetectorOutput } from '../../core/losses/detector-output.js';
import type { Boxes } from '../../core/tables.js';
import { graphContract, optionalKey } from '../files/contract.js';
import {
  CELLS,
  HEAD_STRIDES,
  cachedDenseGrid,
  cellsAlong,
  levelStarts,
  strideList,
  type DenseGrid,
} from './dense-grid.js';
import {
  areProbabilities,
  DENSE_DEFAULTS,
  rowsOutputs,
  SIGMOID_SCORES,
  takeOutput,
  type Decoder,
  type GraphFamily,
  type RowsOutput,
} from './family.js';
import type { InputForm, Placement } from '../pixels/preprocess.js';

const OBJECTNESS = 4;
const FIRST_CLASS = 5;

const contract = graphContract('yolox', {
  strides: strideList,
  decoded: optionalKey('true: the outputs are boxes in px of the input already.', v.boolean()),
});
export type YoloxContract = v.InferOutput<typeof contract>;

export const yolox: GraphFamily<YoloxContract> = {
  kind: 'graph-detector',
  id: 'yolox',
  title: 'YOLOX',
  docs: {
    recognisedBy: 'one output [1, A, 5 + K], A = cells of strides 8, 16, 32 (and 64, or 4), scores in [0, 1]',
    input: 'float32, letterboxed at the top left, pad 114, BGR 0…255',
    ranked: 'every cell; labels by SimOTA',
  },
  contract,
  preprocess: { resize: 'letterbox', channels: 'bgr', mean: [0, 0, 0], std: [1, 1, 1], pad: 114 },
  defaultSizePx: 640,
  // arXiv 2107.08430, `yolox/models/yolo_head.py` `get_losses`; the L1 of the last epochs is left out.
  measureDefaults: {
    ...DENSE_DEFAULTS,
    assigner: 'simota',
    clsTarget: 'soft',
    locLoss: 'iou-squared',
    locLossWeight: 5,
  },
  describe: (form) =>
    `one [1,${HEAD_STRIDES.map((strides) => levelStarts(form, strides).at(-1)).join(' or ')},5+K], scores in [0, 1]`,
  match(outputs, form, { contract: own }) {
    for (const strides of own?.strides ? [own.strides] : HEAD_STRIDES) {
      const numRois = levelStarts(form, strides)[strides.length];
      const fitting = rowsOutputs(outputs).filter(
        (output) => output.rows === numRois && output.columns > FIRST_CLASS && areProbabilities(output, OBJECTNESS),
      );
      if (fitting.length === 1)
        return bind(fitting[0], form, strides, own?.decoded ?? looksDecoded(fitting[0], form, strides));
    }
    return null;
  },
};

/**
 * Are the boxes in input px already? Then cx lies near its cell, whereas a raw dx is near 0 in every cell.
 * Cells of the first columns cannot tell, so all of them vote.
 */
function looksDecoded({ data, columns }: RowsOutput, form: InputForm, strides: readonly number[]): boolean {
  const starts = levelStarts(form, strides);
  let votes = 0;
  strides.forEach((stride, level) => {
    const across = cellsAlong(form.width, stride);
    for (let row = starts[level], cell = 0; row < starts[level + 1]; row++, cell++) {
      const x = data[row * columns];
      const centre = ((cell % across) + 0.5) * stride;
      if (Number.isFinite(x)) votes += Math.abs(x - centre) < Math.abs(x) ? 1 : -1;
    }
  });
  return votes > 0;
}

function bind(output: RowsOutput, form: InputForm, strides: readonly number[], decoded: boolean): Decoder {
  const { name, rows, columns } = output;
  const numClasses = columns - FIRST_CLASS;
  const gridAt = cachedDenseGrid(form, strides, CELLS);
  const decodeBoxes = decoded ? scaleBoxes : offsetBoxes;
  return {
    numClasses,
    scoreForm: SIGMOID_SCORES,
    notes: decoded ? [said`boxes are decoded inside the checkpoint`] : [],
    decode(outputs, place): DetectorOutput {
      const data = takeOutput(outputs, name, [1, rows, columns]);
      const grid = gridAt(place);
      const preds = allocateBoxes(rows);
      decodeBoxes(data, columns, grid, place, preds);
      return {
        numRois: rows,
        numClasses,
        regions: grid.regions,
        preds,
        scoreForm: SIGMOID_SCORES,
        ...splitScores(data, rows, columns),
        deltas: null,
        deltaWeights: null,
        grid: grid.grid,
      };
    },
  };
}

function allocateBoxes(numRois: number): Boxes {
  const column = () => new Float32Array(numRois);
  return { x1: column(), y1: column(), x2: column(), y2: column() };
}

/** Raw outputs. Regions begin at g * s and strides are s, both in image px, so the resize is undone by them. */
function offsetBoxes(
  data: Float32Array,
  columns: number,
  { grid, regions }: DenseGrid,
  _place: Placement,
  preds: Boxes,
): void {
  const { strideX, strideY } = grid;
  for (let row = 0, at = 0; row < strideX.length; row++, at += columns) {
    const x = regions.x1[row] + data[at] * strideX[row];
    const y = regions.y1[row] + data[at + 1] * strideY[row];
    const halfWidth = (Math.exp(data[at + 2]) * strideX[row]) / 2;
    const halfHeight = (Math.exp(data[at + 3]) * strideY[row]) / 2;
    preds.x1[row] = x - halfWidth;
    preds.y1[row] = y - halfHeight;
    preds.x2[row] = x + halfWidth;
    preds.y2[row] = y + halfHeight;
  }
}

/** Outputs (cx, cy, w, h) in input px. */
function scaleBoxes(data: Float32Array, columns: number, _grid: DenseGrid, place: Placement, preds: Boxes): void {
  const { left, top, scaleX, scaleY } = place;
  for (let row = 0, at = 0; row < preds.x1.length; row++, at += columns) {
    preds.x1[row] = (data[at] - data[at + 2] / 2 - left) / scaleX;
    preds.y1[row] = (data[at + 1] - data[at + 3] / 2 - top) / scaleY;
    preds.x2[row] = (data[at] + data[at + 2] / 2 - left) / scaleX;
    preds.y2[row] = (data[at + 1] + data[at + 3] / 2 - top) / scaleY;
  }
}

/**
 * The scores move together within the output's own memory, which is the decoder's: a copy of 1 MB an image keeps the
 * collector busy.
 */
function splitScores(data: Float32Array, rows: number, columns: number): Pick<DetectorOutput, 'scores' | 'objectness'> {
  const numClasses = columns - FIRST_CLASS;
  const objectness = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    objectness[row] = data[from + OBJECTNESS];
    data.copyWithin(row * numClasses, from + FIRST_CLASS, from + columns);
  }
  return { scores: data.subarray(0, rows * numClasses), objectness };
}
