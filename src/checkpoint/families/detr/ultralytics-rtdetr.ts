/**
 * RT-DETR as Ultralytics exports it: one output [1, Q, 4 + K] of (cx, cy, w, h) in 0…1 and K sigmoid scores. With two
 * classes it is as wide as [1, 300, 6] of a YOLO with NMS inside, whose last column holds class ids.
 *
 * Source: docs.ultralytics.com/models/rtdetr and files that it made; not its code.
 */
import { graphContract } from '../../files/contract.js';
import { FOCAL_QUERY_RECIPE, SIGMOID_SCORES, STRETCH, type GraphFamily } from '../family.js';
import { detectionsIn } from '../detections.js';
import { layoutDecoder } from '../layout.js';
import { inUnit, tablesOf } from '../look.js';

/** arXiv 2304.08069. */
const RECIPE = { ...FOCAL_QUERY_RECIPE, clsLoss: 'vfl', clsTarget: 'soft', leftOut: 'denoising' } as const;

export const ultralyticsRtDetr: GraphFamily = {
  kind: 'graph-detector',
  id: 'ultralytics-rtdetr',
  title: 'RT-DETR (Ultralytics)',
  docs: {
    recognisedBy: 'one output [1, Q, 4 + K], Q ≤ 1000, all in [0, 1]',
    input: 'float32, stretched, RGB 0…1',
    ranked: 'every query; labels by bipartite matching',
  },
  contract: graphContract('ultralytics-rtdetr', {}),
  preprocess: STRETCH,
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'one [1,Q,4+K], boxes and scores in [0, 1]',
  match(outputs, form) {
    const [table, ...others] = tablesOf(outputs);
    if (table === undefined || others.length > 0 || detectionsIn(outputs) !== null) return null;
    const [numQueries, columns] = table.axes;
    const boxes = { output: table.name, from: 0, to: 4, rowsLast: false };
    if (columns < 5 || numQueries > 1000 || numQueries <= columns) return null;
    if (!inUnit(outputs, { ...boxes, to: columns })) return null;
    const layout = {
      boxes,
      boxForm: 'cxcywh',
      boxUnit: 'normalised',
      scores: { ...boxes, from: 4, to: columns },
      scoreForm: SIGMOID_SCORES,
      background: 'last',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    return layoutDecoder(layout, outputs, form);
  },
};
