/**
 * YOLOv5 and YOLOv7 (`--grid`): one output [1, A, 5 + K] of (cx, cy, w, h, objectness, K class scores), decoded,
 * sigmoid applied, three anchors a cell. With one class YOLOv5 trains no class column: objectness is the score.
 *
 * Source: the exports' contract (design of this project): 25200 rows at 640 x 640; YOLOv5's own code is AGPL, unread.
 */
import * as v from 'valibot';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { graphContract, optionalKey } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { DENSE_DEFAULTS, LETTERBOX_CENTRE, SIGMOID_SCORES, type GraphFamily } from './family.js';
import { layoutDecoder, type Layout } from './layout.js';
import { inUnit, tablesOf, unitOf } from './look.js';

/**
 * Of three levels, as all weights are told: its gains cls .5, obj 1, box .05, where that of the class is for a mean
 * over 80 classes.
 */
const RECIPE = {
  ...DENSE_DEFAULTS,
  assigner: 'yolo-anchors',
  clsLossWeight: 0.5 / 80,
  objTarget: 'ciou',
  objLevels: 'yolov5',
  locLoss: 'ciou',
  locLossWeight: 0.05,
} as const;
/** Objectness is the class score. */
const ONE_CLASS = {
  ...RECIPE,
  clsLossWeight: 1,
  clsTarget: 'soft',
  objTarget: 'one',
  objLevels: 'rows',
  leftOut: 'level-weights',
} as const;
const WITHOUT_ANCHORS = { ...DENSE_DEFAULTS, assigner: 'simota' } as const;

/** The nine of YOLOv3 (arXiv 1804.02767, section 2.3), px of the input, which YOLOv5 starts with. */
const ANCHORS: readonly (readonly [number, number])[] = [
  [10, 13],
  [16, 30],
  [33, 23],
  [30, 61],
  [62, 45],
  [59, 119],
  [116, 90],
  [156, 198],
  [373, 326],
];

const ANCHORS_A_CELL = 3;
const OBJECTNESS = 4;
const FIRST_CLASS = 5;
const positive = v.pipe(v.number(), v.gtValue(0));
const contract = graphContract('yolov5', {
  strides: strideList,
  anchors: optionalKey(
    '(w, h) in px of the input, level by level, three each.',
    v.array(v.tuple([positive, positive])),
  ),
});

export const yolov5: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'yolov5',
  title: 'YOLOv5, YOLOv7',
  docs: {
    recognisedBy: 'one output [1, A, 5 + K], A = 3 × cells of strides 8, 16, 32 (and 64, or 4), scores in [0, 1]',
    input: 'float32, letterboxed in the centre, pad 114, RGB 0…1',
    ranked: 'every anchor; labels by its anchors (contract, else YOLOv5’s)',
  },
  contract,
  preprocess: LETTERBOX_CENTRE,
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'one [1,A,5+K], A three times the cells of strides 8, 16, 32, scores in [0, 1]',
  match(outputs, form, { contract: own }) {
    for (const { name, axes } of tablesOf(outputs)) {
      const [numRows, columns] = axes;
      const strides = stridesOf(form, numRows, ANCHORS_A_CELL, own?.strides);
      if (columns <= FIRST_CLASS || strides === null) continue;
      const boxes = { output: name, from: 0, to: OBJECTNESS, rowsLast: false };
      const objectness = { ...boxes, from: OBJECTNESS, to: FIRST_CLASS };
      const classes = { ...boxes, from: FIRST_CLASS, to: columns };
      if (!inUnit(outputs, objectness) || !inUnit(outputs, classes)) continue;
      const priors = anchorsOf(strides, own?.anchors);
      const oneClass = columns === FIRST_CLASS + 1;
      const layout: Layout = {
        boxes,
        boxForm: 'cxcywh',
        boxUnit: unitOf(outputs, boxes),
        scores: oneClass ? objectness : classes,
        scoreForm: SIGMOID_SCORES,
        background: 'last',
        objectness: oneClass ? null : objectness,
        strides,
        perCell: ANCHORS_A_CELL,
        priors,
      };
      const notes: Phrase[] = [
        ...(oneClass ? [said`one class: objectness is its score`] : []),
        ...(priors === ANCHORS
          ? [said`anchors as YOLOv5 starts with; where training chose others, a contract’s "anchors"`]
          : []),
      ];
      return { ...layoutDecoder(layout, outputs, form, notes), measureDefaults: recipeOf(layout) };
    }
    return null;
  },
};

function recipeOf({ priors, objectness, strides }: Layout): GraphFamily['measureDefaults'] {
  if (priors === undefined) return WITHOUT_ANCHORS;
  if (objectness === null) return ONE_CLASS;
  return strides?.length === 3 ? RECIPE : { ...RECIPE, objLevels: 'rows', leftOut: 'level-weights' };
}

/** @throws MiningError 'checkpoint' for another number of anchors than rows a cell. */
function anchorsOf(strides: readonly number[], given?: typeof ANCHORS): typeof ANCHORS | undefined {
  const expected = strides.length * ANCHORS_A_CELL;
  if (given === undefined) return strides.join() === '8,16,32' ? ANCHORS : undefined;
  if (given.length === expected) return given;
  throw new MiningError('checkpoint', 'contract.anchors', said`${expected} pairs [w, h]`, String(given.length));
}
