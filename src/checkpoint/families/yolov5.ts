/**
 * YOLOv5 and YOLOv7 (`--grid`): one output [1, A, 5 + K] of (cx, cy, w, h, objectness, K class scores), decoded,
 * sigmoid applied, three anchors a cell. With one class YOLOv5 trains no class column: objectness is the score.
 *
 * Source: the exports' contract (design of this project): 25200 rows at 640 x 640; YOLOv5's own code is AGPL, unread.
 */
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { DENSE_DEFAULTS, LETTERBOX_CENTRE, SIGMOID_SCORES, type GraphFamily } from './family.js';
import { layoutDecoder, type Layout } from './layout.js';
import { inUnit, tablesOf, unitOf } from './look.js';

/** The recipe of its training, as far as there is one here. */
const RECIPE = { ...DENSE_DEFAULTS, assigner: 'simota' } as const;

const ANCHORS_A_CELL = 3;
const OBJECTNESS = 4;
const FIRST_CLASS = 5;
const contract = graphContract('yolov5', { strides: strideList });

export const yolov5: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'yolov5',
  title: 'YOLOv5, YOLOv7',
  docs: {
    recognisedBy: 'one output [1, A, 5 + K], A = 3 × cells of strides 8, 16, 32 (and 64, or 4), scores in [0, 1]',
    input: 'float32, letterboxed in the centre, pad 114, RGB 0…1',
    ranked: 'every anchor; labels by SimOTA',
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
      };
      return layoutDecoder(layout, outputs, form, oneClass ? ['one class: objectness is its score'] : []);
    }
    return null;
  },
};
