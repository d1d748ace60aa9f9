/**
 * YOLOv6: one output [1, A, 5 + K] of (cx, cy, w, h, 1, K class scores), decoded, sigmoid applied. The same shape as
 * YOLOX, whose fifth column is an objectness; here it is all 1, and no measure of it would mean anything.
 *
 * Its recipe is that of YOLOv6-S: task-aligned assignment (α 1, β 6, k 13), VFL 1, GIoU 2.5. N has SIoU instead, M and
 * L add a DFL, and the first epochs match by ATSS.
 *
 * Source: the exports' contract (design of this project); YOLOv6 (arXiv 2209.02976, section 2), and the parameters in
 * MMYOLO's configuration of YOLOv6-S. Its own code is GPL, unread.
 */
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { PP_YOLOE_RECIPE, LETTERBOX_CENTRE, SIGMOID_SCORES, type GraphFamily } from './family.js';
import { layoutDecoder } from './layout.js';
import { areOnes, inUnit, tablesOf, unitOf } from './look.js';

const ONES = 4;
const FIRST_CLASS = 5;
const contract = graphContract('yolov6', { strides: strideList });

export const yolov6: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'yolov6',
  title: 'YOLOv6',
  docs: {
    recognisedBy: 'as YOLOX, but the fifth column is all 1',
    input: 'float32, letterboxed in the centre, pad 114, RGB 0…1',
    ranked: 'every cell; labels by task-aligned assignment',
  },
  contract,
  preprocess: LETTERBOX_CENTRE,
  defaultSizePx: 640,
  measureDefaults: PP_YOLOE_RECIPE,
  describe: () => 'one [1,A,5+K], A cells of strides 8, 16, 32, the fifth column all 1',
  match(outputs, form, { contract: own }) {
    for (const { name, axes } of tablesOf(outputs)) {
      const [numRows, columns] = axes;
      const strides = stridesOf(form, numRows, 1, own?.strides);
      if (columns <= FIRST_CLASS || strides === null) continue;
      const boxes = { output: name, from: 0, to: ONES, rowsLast: false };
      const scores = { ...boxes, from: FIRST_CLASS, to: columns };
      if (!areOnes(outputs, { ...boxes, from: ONES, to: FIRST_CLASS }) || !inUnit(outputs, scores)) continue;
      const layout = {
        boxes,
        boxForm: 'cxcywh',
        boxUnit: unitOf(outputs, boxes),
        scores,
        scoreForm: SIGMOID_SCORES,
        background: 'last',
        objectness: null,
        strides,
        perCell: 1,
      } as const;
      return layoutDecoder(layout, outputs, form, ['the objectness column is all 1 and left out']);
    }
    return null;
  },
};
