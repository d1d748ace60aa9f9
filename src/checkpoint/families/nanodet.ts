/**
 * NanoDet: for each stride, class scores [1, A_l, K] (sigmoid) and box distributions [1, A_l, 4 * (regMax + 1)].
 * A side's distance is the expectation of the softmax over its bins, times the stride; sides go left, top, right,
 * bottom from the centre g * s + (s - 1) / 2. Outputs have no meaningful names, so shapes bind them.
 *
 * Source: nanodet `nanodet/model/head/nanodet_head.py` and `gfl_head.py` (v0: `Integral`, `get_grid_cells` with
 * octave_base_scale 5), `config/nanodet-m.yml` (mean and std); github.com/RangiLyu/nanodet.
 */
import type * as v from 'valibot';
import type { DetectorOutput } from '../../core/losses/detector-output.js';
import type { Boxes } from '../../core/tables.js';
import { graphContract, optionalKey, wholeSize } from '../files/contract.js';
import { cachedDenseGrid, levelStarts, strideList, type DenseGrid, type PointLayout } from './dense-grid.js';
import {
  areProbabilities,
  DENSE_DEFAULTS,
  rowsOutputs,
  SIGMOID_SCORES,
  takeOutput,
  type Decoder,
  type GraphFamily,
  type Hints,
  type Outputs,
  type RowsOutput,
} from './family.js';
import type { InputForm } from '../pixels/preprocess.js';

const STRIDES = [8, 16, 32];
/** ATSS looks at anchors of 5 strides. */
const ANCHORS: PointLayout = { offset: (stride) => (stride - 1) / 2, halfSide: (stride) => 2.5 * stride };

/** Generalized Focal Loss (arXiv 2006.04388) with ATSS: `config/nanodet-m.yml`. */
const RECIPE = {
  ...DENSE_DEFAULTS,
  assigner: 'atss',
  clsLoss: 'qfl',
  clsTarget: 'soft',
  locLossWeight: 2,
  leftOut: 'dfl',
} as const;

const contract = graphContract('nanodet', {
  strides: strideList,
  regMax: optionalKey('Bins of a distance, less 1.', wholeSize),
});
export type NanodetContract = v.InferOutput<typeof contract>;

export const nanodet: GraphFamily<NanodetContract> = {
  kind: 'graph-detector',
  id: 'nanodet',
  title: 'NanoDet',
  docs: {
    recognisedBy: 'for each stride one output [1, A, K] in [0, 1] and one [1, A, 4 · (regMax + 1)]',
    input: 'float32, stretched, BGR, its mean and std',
    ranked: 'every point; labels by ATSS',
  },
  contract,
  preprocess: {
    resize: 'stretch',
    channels: 'bgr',
    mean: [103.53, 116.28, 123.675],
    std: [57.375, 57.12, 58.395],
    pad: 0,
  },
  defaultSizePx: 416,
  measureDefaults: RECIPE,
  describe: (form) =>
    `for each of ${rowsByLevel(form, STRIDES).join(', ')} rows one [1,rows,K] in [0, 1] and one [1,rows,4*(regMax+1)]`,
  match(outputs, form, hints) {
    const strides = hints.contract?.strides ?? STRIDES;
    const levels = pairLevels(outputs, rowsByLevel(form, strides), hints);
    return levels === null ? null : bind(levels, form, strides);
  },
};

interface Level {
  readonly scores: RowsOutput;
  readonly boxes: RowsOutput;
}

function rowsByLevel(form: InputForm, strides: readonly number[]): number[] {
  const starts = levelStarts(form, strides);
  return strides.map((_, level) => starts[level + 1] - starts[level]);
}

/** Two outputs of each level, the same two widths in all of them; null where it is not so or roles stay open. */
function pairLevels(outputs: Outputs, numRows: readonly number[], hints: Hints<NanodetContract>): Level[] | null {
  const levels = numRows.map((rows) => rowsOutputs(outputs).filter((output) => output.rows === rows));
  if (levels.some((pair) => pair.length !== 2)) return null;
  const [a, b] = levels[0].map((output) => output.columns);
  const roles =
    a === b
      ? [[a, b]]
      : [
          [a, b],
          [b, a],
        ];
  const candidates = roles.flatMap(([numClasses, width]) => {
    const paired = levels.map((pair) => pairOf(pair, numClasses, width));
    return paired.every((level) => level !== null) && fits(paired, hints) ? [paired] : [];
  });
  return candidates.length === 1 ? candidates[0] : null;
}

/** Which of the two holds the scores: by width; by values where both widths are the same. */
function pairOf([a, b]: readonly RowsOutput[], numClasses: number, width: number): Level | null {
  if (numClasses === width) {
    const [scores, boxes] = areProbabilities(a) ? [a, b] : [b, a];
    return a.columns === width && b.columns === width && areProbabilities(scores) !== areProbabilities(boxes)
      ? { scores, boxes }
      : null;
  }
  if (a.columns === numClasses && b.columns === width) return { scores: a, boxes: b };
  return b.columns === numClasses && a.columns === width ? { scores: b, boxes: a } : null;
}

function fits(levels: readonly Level[], { contract: own, numClasses }: Hints<NanodetContract>): boolean {
  const [{ scores, boxes }] = levels;
  const regMax = own?.regMax;
  if (boxes.columns % 4 !== 0 || boxes.columns < 8) return false;
  if (regMax !== undefined && boxes.columns !== 4 * (regMax + 1)) return false;
  // Widths that names settle need no look at the values.
  if (numClasses !== null && scores.columns !== boxes.columns && boxes.columns === numClasses) return false;
  return levels.every((level) => areProbabilities(level.scores));
}

function bind(levels: readonly Level[], form: InputForm, strides: readonly number[]): Decoder {
  const numClasses = levels[0].scores.columns;
  const numBins = levels[0].boxes.columns / 4;
  const gridAt = cachedDenseGrid(form, strides, ANCHORS);
  const starts = levelStarts(form, strides);
  return {
    numClasses,
    scoreForm: SIGMOID_SCORES,
    notes: [],
    decode(outputs, place): DetectorOutput {
      const grid = gridAt(place);
      const numRois = starts[strides.length];
      const scores = new Float32Array(numRois * numClasses);
      const column = () => new Float32Array(numRois);
      const preds = { x1: column(), y1: column(), x2: column(), y2: column() };
      levels.forEach((level, l) => {
        scores.set(takeOutput(outputs, level.scores.name, [1, level.scores.rows, numClasses]), starts[l] * numClasses);
        const boxes = takeOutput(outputs, level.boxes.name, [1, level.boxes.rows, numBins * 4]);
        decodeLevel(boxes, numBins, starts[l], starts[l + 1], grid, preds);
      });
      return {
        numRois,
        numClasses,
        regions: grid.regions,
        preds,
        scoreForm: SIGMOID_SCORES,
        scores,
        objectness: null,
        deltas: null,
        deltaWeights: null,
        grid: grid.grid,
      };
    },
  };
}

/** Rows [start, end) of one level. */
function decodeLevel(
  boxes: Float32Array,
  numBins: number,
  start: number,
  end: number,
  { grid }: DenseGrid,
  preds: Boxes,
): void {
  const { centreX, centreY, strideX, strideY } = grid;
  for (let row = start, at = 0; row < end; row++, at += numBins * 4) {
    preds.x1[row] = centreX[row] - expectation(boxes, at, numBins) * strideX[row];
    preds.y1[row] = centreY[row] - expectation(boxes, at + numBins, numBins) * strideY[row];
    preds.x2[row] = centreX[row] + expectation(boxes, at + 2 * numBins, numBins) * strideX[row];
    preds.y2[row] = centreY[row] + expectation(boxes, at + 3 * numBins, numBins) * strideY[row];
  }
}

/** Mean bin under the softmax of `numBins` logits from `at` on. The largest is taken off first, against overflow. */
function expectation(logits: Float32Array, at: number, numBins: number): number {
  let largest = logits[at];
  for (let bin = 1; bin < numBins; bin++) if (logits[at + bin] > largest) largest = logits[at + bin];
  let sum = 0;
  let weighted = 0;
  for (let bin = 0; bin < numBins; bin++) {
    const mass = Math.exp(logits[at + bin] - largest);
    sum += mass;
    weighted += bin * mass;
  }
  return weighted / sum;
}
