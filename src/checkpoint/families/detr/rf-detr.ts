/**
 * RF-DETR: `dets` [1, Q, 4], (cx, cy, w, h) in 0…1, and `labels` [1, Q, C] logits, a sigmoid each. A column may belong
 * to the background, first or last: the width alone does not tell. mmdeploy gives the same names to what NMS has left
 * (`dets` [1, N, 5], whole `labels`).
 *
 * Source: github.com/roboflow/rf-detr (Apache-2.0), export and pull request 1397 (background column).
 */
import { said } from '../../../core/said.js';
import * as v from 'valibot';
import { graphContract, optionalKey } from '../../files/contract.js';
import { FOCAL_QUERY_RECIPE, IMAGENET_SCALE, SIGMOID_LOGITS, STRETCH, type GraphFamily } from '../family.js';
import { detrOutputs } from './detr-outputs.js';
import { layoutDecoder } from '../layout.js';

/**
 * IA-BCE 1 (alpha .25, gamma 2), L1 5, GIoU 2; matching by focal cost 2, L1 5, GIoU 2.
 * Source: RF-DETR (Apache-2.0), `src/rfdetr/models/_defaults.py`, `criterion.py`, `matcher.py`; LW-DETR (arXiv
 * 2406.03459, section 3.2), after which it is built.
 */
const RECIPE = { ...FOCAL_QUERY_RECIPE, clsLoss: 'ia-bce', clsTarget: 'soft', leftOut: 'auxiliary' } as const;

const contract = graphContract('rf-detr', {
  background: optionalKey('The column of labels that is no class.', v.picklist(['first', 'last', 'none'])),
});

export const rfDetr: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'rf-detr',
  title: 'RF-DETR',
  docs: {
    recognisedBy: '`dets` [1, Q, 4] and `labels` [1, Q, C] of floats',
    input: 'float32, stretched, RGB, ImageNet’s mean and std',
    ranked: 'every query; labels by bipartite matching',
  },
  contract,
  preprocess: { ...STRETCH, ...IMAGENET_SCALE },
  defaultSizePx: 560,
  measureDefaults: RECIPE,
  describe: () => 'dets [1,Q,4] and labels [1,Q,C]',
  match(outputs, form, { contract: own, numClasses }) {
    const found = detrOutputs(outputs, 'labels', 'dets');
    if (found === null) return null;
    const isGuess = own?.background === undefined && numClasses !== null && found.logits.to === numClasses + 1;
    const background = own?.background ?? (isGuess ? 'last' : 'none');
    const layout = {
      boxes: found.boxes,
      boxForm: 'cxcywh',
      boxUnit: 'normalised',
      scores: {
        ...found.logits,
        from: background === 'first' ? 1 : 0,
        to: found.logits.to - (background === 'last' ? 1 : 0),
      },
      scoreForm: SIGMOID_LOGITS,
      background: 'last',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    const note = said`one column more than names: the last is taken as background; a contract’s "background" decides`;
    return { ...layoutDecoder(layout, outputs, form, isGuess ? [note] : []), isGuess };
  },
};
