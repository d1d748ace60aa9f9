/**
 * RT-DETR as Ultralytics exports it: one output [1, Q, 4 + K] of (cx, cy, w, h) in 0…1 and K sigmoid scores. With two
 * classes it is as wide as [1, 300, 6] of a YOLO with NMS inside, whose last column holds class ids.
 *
 * Source: docs.ultralytics.com/models/rtdetr and files that it made; not its code.
 */
import { graphContract } from '../../files/contract.js';
import { FOCAL_QUERY_RECIPE, SIGMOID_SCORES, STRETCH, type GraphFamily, type Outputs } from '../family.js';
import { detectionsIn } from '../detections.js';
import { layoutDecoder } from '../layout.js';
import { areCorners, inUnit, tableNamed, tablesOf } from '../look.js';
import { boxesAndScores, type BoxesAndScores } from '../pair.js';

/** arXiv 2304.08069. */
const RECIPE = { ...FOCAL_QUERY_RECIPE, clsLoss: 'vfl', clsTarget: 'soft', leftOut: 'denoising' } as const;

export const ultralyticsRtDetr: GraphFamily = {
  kind: 'graph-detector',
  id: 'ultralytics-rtdetr',
  title: 'RT-DETR (Ultralytics)',
  docs: {
    recognisedBy: 'one output [1, Q, 4 + K], or boxes and scores apart, Q ≤ 1000, all in [0, 1]',
    input: 'float32, stretched, RGB 0…1',
    ranked: 'every query; labels by bipartite matching',
  },
  contract: graphContract('ultralytics-rtdetr', {}),
  preprocess: STRETCH,
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => '[1,Q,4+K], or [1,Q,4] and [1,Q,K], all in [0, 1]',
  match(outputs, form) {
    const found = oneTable(outputs) ?? twoTables(outputs);
    if (found === null || !inUnit(outputs, found.boxes) || !inUnit(outputs, found.scores)) return null;
    const layout = {
      boxes: found.boxes,
      boxForm: 'cxcywh',
      boxUnit: 'normalised',
      scores: found.scores,
      scoreForm: SIGMOID_SCORES,
      background: 'last',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    return layoutDecoder(layout, outputs, form);
  },
};

const MOST_QUERIES = 1000;

function oneTable(outputs: Outputs): BoxesAndScores | null {
  const [table, ...others] = tablesOf(outputs);
  if (table === undefined || others.length > 0 || detectionsIn(outputs) !== null) return null;
  const [numQueries, columns] = table.axes;
  const boxes = { output: table.name, from: 0, to: 4, rowsLast: false };
  if (columns < 5 || numQueries > MOST_QUERIES || numQueries <= columns) return null;
  return { boxes, scores: { ...boxes, from: 4, to: columns } };
}

/** What goes into the top-k of RT-DETR and its like: boxes and scores apart. */
function twoTables(outputs: Outputs): BoxesAndScores | null {
  const pair = boxesAndScores(outputs);
  if (pair === null || pair.scores.rowsLast || areCorners(outputs, pair.boxes)) return null;
  const numQueries = tableNamed(outputs, pair.boxes.output)?.axes[0] ?? 0;
  return numQueries <= MOST_QUERIES ? pair : null;
}
