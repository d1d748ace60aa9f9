/**
 * DAMO-YOLO without end2end: scores [1, A, K], sigmoid applied, and boxes [1, A, 4], corners in pixels of the input.
 * Source: github.com/tinyvision/DAMO-YOLO `tools/converter.py`, `damo/base_models/heads/zero_head.py` (Apache-2.0).
 */
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import { DENSE_DEFAULTS, SIGMOID_SCORES, STRETCH, type GraphFamily } from './family.js';
import { layoutDecoder } from './layout.js';
import { areCorners, inUnit, unitOf } from './look.js';
import { boxesAndScores } from './pair.js';

/**
 * AlignOTA is SimOTA with the QFL as class cost; QFL 1, GIoU 2, DFL .25.
 * Source: DAMO-YOLO (arXiv 2211.15444, section 2.3), `damo/base_models/heads/zero_head.py`, `core/ota_assigner.py`
 * (Apache-2.0). Deviations: its points are the corners of cells, not their centres, and its GIoU has the highest class
 * score as a weight.
 */
const RECIPE = {
  ...DENSE_DEFAULTS,
  assigner: 'simota',
  simotaClass: 'qfl',
  clsLoss: 'qfl',
  clsTarget: 'soft',
  locLossWeight: 2,
  leftOut: 'dfl',
} as const;

const contract = graphContract('damo', { strides: strideList });

export const damo: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'damo',
  title: 'DAMO-YOLO',
  docs: {
    recognisedBy: 'scores [1, A, K] in [0, 1] and corners [1, A, 4] in pixels, A = cells of strides 8, 16, 32',
    input: 'float32, stretched, RGB 0…255',
    ranked: 'every cell; labels by SimOTA with QFL as class cost',
  },
  contract,
  preprocess: { ...STRETCH, std: [1, 1, 1] },
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'scores [1,A,K] in [0, 1] and corners [1,A,4] in pixels, A cells of strides 8, 16, 32',
  match(outputs, form, { contract: own, takesBytes }) {
    const found = boxesAndScores(outputs);
    if (found === null || found.scores.rowsLast || takesBytes) return null;
    const { boxes, scores } = found;
    const strides = stridesOf(form, outputs[boxes.output].shape[1], 1, own?.strides);
    if (strides === null || !inUnit(outputs, scores)) return null;
    if (unitOf(outputs, boxes) !== 'pixels' || !areCorners(outputs, boxes)) return null;
    const layout = {
      boxes,
      boxForm: 'xyxy',
      boxUnit: 'pixels',
      scores,
      scoreForm: SIGMOID_SCORES,
      background: 'last',
      objectness: null,
      strides,
      perCell: 1,
    } as const;
    return layoutDecoder(layout, outputs, form, ['DAMO-YOLO by its shapes: check the scale of the pixels (0…255)']);
  },
};
