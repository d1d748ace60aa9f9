/**
 * RT-DETR v1 and v2, D-FINE, conditional and deformable DETR as Hugging Face exports them: `logits` [1, Q, K], a
 * sigmoid each, and `pred_boxes`. What `detr` does not take.
 *
 * Source: arXiv 2304.08069, 2410.13842; Hugging Face transformers `image_processing_rt_detr.py` (Apache-2.0).
 */
import { graphContract } from '../../files/contract.js';
import { FOCAL_QUERY_RECIPE, SIGMOID_LOGITS, STRETCH, type GraphFamily } from '../family.js';
import { detrOutputs } from './detr-outputs.js';
import { layoutDecoder } from '../layout.js';

/** arXiv 2304.08069. */
const RECIPE = { ...FOCAL_QUERY_RECIPE, clsLoss: 'vfl', clsTarget: 'soft', leftOut: 'denoising' } as const;
/** Those that differ, by the `model_type` of `config.json`. */
const CONDITIONAL = { ...FOCAL_QUERY_RECIPE, clsLoss: 'focal', clsLossWeight: 2, leftOut: 'auxiliary' } as const;
const RECIPES = new Map<string, GraphFamily['measureDefaults']>([
  ['d_fine', { ...RECIPE, leftOut: 'fgl-ddf' }],
  ['conditional_detr', CONDITIONAL],
  ['deformable_detr', CONDITIONAL],
]);

export const rtDetr: GraphFamily = {
  kind: 'graph-detector',
  id: 'rt-detr',
  title: 'RT-DETR, D-FINE, Conditional and Deformable DETR',
  docs: {
    recognisedBy: '`logits` [1, Q, K] and `pred_boxes` [1, Q, 4] that are not DETR’s',
    input: 'float32, stretched, RGB 0…1; `config.json` tells those that have ImageNet’s mean and std',
    ranked: 'every query; labels by bipartite matching',
  },
  contract: graphContract('rt-detr', {}),
  preprocess: { ...STRETCH, interpolation: 'pillow' },
  defaultSizePx: 640,
  measureDefaults: RECIPE,
  describe: () => 'logits [1,Q,K] and pred_boxes [1,Q,4]',
  match(outputs, form, { sidecar }) {
    const found = detrOutputs(outputs);
    if (found === null) return null;
    const layout = {
      boxes: found.boxes,
      boxForm: 'cxcywh',
      boxUnit: 'normalised',
      scores: found.logits,
      scoreForm: SIGMOID_LOGITS,
      background: 'last',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    const measureDefaults = RECIPES.get(sidecar?.architecture ?? '') ?? RECIPE;
    return { ...layoutDecoder(layout, outputs, form), measureDefaults };
  },
};
