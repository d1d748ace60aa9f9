/**
 * TensorFlow's Object Detection API: `raw_detection_boxes` [1, A, 4], (y1, x1, y2, x2) in 0…1, and
 * `raw_detection_scores` [1, A, K + 1] with the background first; the other outputs are what NMS left. Scores are
 * converted already, though the docstring calls them logits: values tell.
 * Source: github.com/tensorflow/models research/object_detection (Apache-2.0): exporter_lib_v2.py, post_processing.py.
 */
import { graphContract } from '../files/contract.js';
import { QUERY_DEFAULTS, SIGMOID_LOGITS, SIGMOID_SCORES, STRETCH, type GraphFamily } from './family.js';
import { layoutDecoder } from './layout.js';
import { allColumns, inUnit, tableNamed } from './look.js';

/** The recipe of its training, as far as there is one here. */
const RECIPE = QUERY_DEFAULTS;

export const tfOd: GraphFamily = {
  kind: 'graph-detector',
  id: 'tf-od',
  title: 'TensorFlow Object Detection',
  docs: {
    recognisedBy: '`raw_detection_boxes` [1, A, 4] and `raw_detection_scores` [1, A, K + 1]',
    input: 'uint8, stretched, RGB',
    ranked: 'every anchor; labels by maximum IoU of the regressed box',
  },
  contract: graphContract('tf-od', {}),
  preprocess: { ...STRETCH, std: [1, 1, 1] },
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'raw_detection_boxes [1,A,4] and raw_detection_scores [1,A,K+1]',
  match(outputs, form) {
    const boxes = tableNamed(outputs, 'raw_detection_boxes');
    const table = tableNamed(outputs, 'raw_detection_scores');
    if (table === null || boxes?.axes[1] !== 4 || boxes.axes[0] !== table.axes[0] || table.axes[1] < 2) return null;
    const scores = { ...allColumns(table), from: 1 };
    const layout = {
      boxes: allColumns(boxes),
      boxForm: 'yxyx',
      boxUnit: 'normalised',
      scores,
      scoreForm: inUnit(outputs, scores) ? SIGMOID_SCORES : SIGMOID_LOGITS,
      background: 'first',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    return layoutDecoder(layout, outputs, form, ['the first score is the background’s and left out']);
  },
};
