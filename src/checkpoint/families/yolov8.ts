/**
 * The anchor-free YOLOs of Ultralytics' exporter (YOLOv5u, v8, v9, 11, 12; v10 and 26 with end2end=False): one output
 * [1, 4 + K, A] of (cx, cy, w, h, K class scores), channels first, decoded, sigmoid applied, no objectness.
 *
 * Source: docs.ultralytics.com/modes/export and files that it made; not its code.
 */
import { said, type Phrase } from '../../core/said.js';
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { stridesOf, strideList } from './dense-grid.js';
import {
  DENSE_DEFAULTS,
  LETTERBOX_CENTRE,
  SIGMOID_SCORES,
  type GraphFamily,
  type Hints,
  type Outputs,
} from './family.js';
import { layoutDecoder, type Columns } from './layout.js';
import { inUnit, shareOfCorners, tablesOf, unitOf } from './look.js';

/** arXiv 2108.07755 with α .5, k 10; the weights as docs.ultralytics.com/usage/cfg tells them (cls, box, dfl). */
const RECIPE = {
  ...DENSE_DEFAULTS,
  assigner: 'tal',
  talAlpha: 0.5,
  talTopK: 10,
  clsLossWeight: 0.5,
  clsTarget: 'soft',
  locLoss: 'ciou',
  locLossWeight: 7.5,
  leftOut: 'dfl',
} as const;

const FIRST_CLASS = 4;
const contract = graphContract('yolov8', { strides: strideList });

export const yolov8: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'yolov8',
  title: 'YOLOv5u, v8–v12, 26',
  docs: {
    recognisedBy: 'one output [1, 4 + K, A], A = cells of strides 8, 16, 32 (and 64, or 4), scores in [0, 1]',
    input: 'float32, letterboxed in the centre, pad 114, RGB 0…1',
    ranked: 'every cell; labels by task-aligned assignment',
  },
  contract,
  preprocess: LETTERBOX_CENTRE,
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'one [1,4+K,A], A cells of strides 8, 16, 32, scores in [0, 1]',
  match(outputs, form, hints) {
    for (const { name, axes } of tablesOf(outputs)) {
      const [columns, numRows] = axes;
      const strides = stridesOf(form, numRows, 1, hints.contract?.strides);
      if (columns <= FIRST_CLASS || strides === null) continue;
      const { numExtra, notes } = extraColumns(columns, outputs, hints);
      const boxes = { output: name, from: 0, to: FIRST_CLASS, rowsLast: true };
      const scores = { ...boxes, from: FIRST_CLASS, to: columns - numExtra };
      if (scores.to <= scores.from || !inUnit(outputs, scores)) continue;
      const boxUnit = unitOf(outputs, boxes);
      const layout = {
        boxes,
        boxForm: haveCorners(outputs, boxes, hints) ? 'xyxy' : 'cxcywh',
        boxUnit,
        scores,
        scoreForm: SIGMOID_SCORES,
        background: 'last',
        objectness: null,
        strides,
        perCell: 1,
      } as const;
      return layoutDecoder(layout, outputs, form, boxUnit === 'pixels' ? notes : [...notes, said`boxes are in 0…1`]);
    }
    return null;
  },
};

/** What goes into NMS or a top-k inside the graph is corners already; hardly a centre lies left of a width. */
function haveCorners(outputs: Outputs, boxes: Columns, { sidecar }: Hints): boolean {
  return sidecar?.detectionsOnly !== undefined || shareOfCorners(outputs, boxes) > 0.5;
}

/** Columns after the classes: masks and keypoints, whose boxes can be mined as well. */
function extraColumns(
  columns: number,
  outputs: Outputs,
  { sidecar, numClasses }: Hints,
): { readonly numExtra: number; readonly notes: readonly Phrase[] } {
  const beyond = numClasses === null ? 0 : columns - FIRST_CLASS - numClasses;
  const task = sidecar?.task ?? (Object.keys(outputs).length > 1 ? 'segment' : 'detect');
  if (beyond <= 0 || (task !== 'segment' && task !== 'pose')) return { numExtra: 0, notes: [] };
  return { numExtra: beyond, notes: [said`of the task ${task} the boxes are mined`] };
}
