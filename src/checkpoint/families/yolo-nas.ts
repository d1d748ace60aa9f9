/**
 * YOLO-NAS, raw predictions: boxes [1, A, 4], corners in pixels of the input, and scores [1, A, K], sigmoid applied;
 * the input is bytes, which tells it from DAMO-YOLO.
 * Source: github.com/Deci-AI/super-gradients documentation/source/models_export.md (Apache-2.0).
 */
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { PP_YOLOE_RECIPE, LETTERBOX_CENTRE, SIGMOID_SCORES, type GraphFamily } from './family.js';
import { layoutDecoder } from './layout.js';
import { inUnit } from './look.js';
import { boxesAndScores } from './pair.js';

const contract = graphContract('yolo-nas', { strides: strideList });

export const yoloNas: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'yolo-nas',
  title: 'YOLO-NAS',
  docs: {
    recognisedBy: 'as DAMO-YOLO, but the input is bytes',
    input: 'uint8, letterboxed in the centre, pad 114, RGB',
    ranked: 'every cell; labels by task-aligned assignment',
  },
  contract,
  preprocess: LETTERBOX_CENTRE,
  defaultSizePx: 640,
  measureDefaults: PP_YOLOE_RECIPE,
  describe: () => 'of bytes boxes [1,A,4] and scores [1,A,K] in [0, 1], A cells of strides 8, 16, 32',
  match(outputs, form, { contract: own, takesBytes }) {
    const found = boxesAndScores(outputs);
    if (found === null || found.scores.rowsLast || !(takesBytes || own !== null)) return null;
    const strides = stridesOf(form, outputs[found.boxes.output].shape[1], 1, own?.strides);
    if (strides === null || !inUnit(outputs, found.scores)) return null;
    const layout = {
      ...found,
      boxForm: 'xyxy',
      boxUnit: 'pixels',
      scoreForm: SIGMOID_SCORES,
      background: 'last',
      objectness: null,
      strides,
      perCell: 1,
    } as const;
    return layoutDecoder(layout, outputs, form);
  },
};
