/**
 * DETR, YOLOS, Table Transformer: `logits` [1, Q, K + 1], a softmax whose last column is "no object", and `pred_boxes`.
 *
 * Source: arXiv 2005.12872; Hugging Face transformers `image_processing_detr.py` (`post_process_object_detection`,
 * Apache-2.0).
 */
import { said } from '../../../core/said.js';
import { graphContract } from '../../files/contract.js';
import { IMAGENET_SCALE, QUERY_DEFAULTS, SOFTMAX_LOGITS, STRETCH, type GraphFamily, type Hints } from '../family.js';
import { detrOutputs } from './detr-outputs.js';
import { layoutDecoder } from '../layout.js';
import { shareOfLast } from '../look.js';

/** arXiv 2005.12872, appendix A.4; matched on the last layer. */
const RECIPE = {
  ...QUERY_DEFAULTS,
  assigner: 'hungarian',
  clsLoss: 'cross-entropy',
  backgroundWeight: 0.1,
  locLoss: 'l1-giou',
  leftOut: 'auxiliary',
} as const;

export const detr: GraphFamily = {
  kind: 'graph-detector',
  id: 'detr',
  title: 'DETR, YOLOS, Table Transformer',
  docs: {
    recognisedBy:
      '`logits` [1, Q, K + 1] and `pred_boxes` [1, Q, 4]; `config.json`, class names or values tell the softmax',
    input:
      'float32, shorter side 800 and longer ≤ 1333 (stretched where the graph fixes it), RGB, ImageNet’s mean and std',
    ranked: 'every query; labels by bipartite matching',
  },
  contract: graphContract('detr', {}),
  preprocess: { ...STRETCH, ...IMAGENET_SCALE, interpolation: 'pillow', resize: 'shorter-side' },
  defaultSizePx: 800,
  measureDefaults: RECIPE,
  describe: () => 'logits [1,Q,K+1] of a softmax and pred_boxes [1,Q,4]',
  match(outputs, form, hints) {
    const found = detrOutputs(outputs);
    if (found === null) return null;
    const known = isSoftmax(found.logits.to, hints);
    if (!(known ?? shareOfLast(outputs, found.logits) > 0.5)) return null;
    const layout = {
      boxes: found.boxes,
      boxForm: 'cxcywh',
      boxUnit: 'normalised',
      scores: found.logits,
      scoreForm: SOFTMAX_LOGITS,
      background: 'last',
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    const guess = said`a softmax with "no object" last, as most queries have it largest: a guess by values`;
    const isGuess = known === null;
    return { ...layoutDecoder(layout, outputs, form, isGuess ? [guess] : []), isGuess };
  },
};

/** What a contract, a sidecar or the number of names says; null: nothing. */
function isSoftmax(columns: number, { contract, sidecar, numClasses }: Hints): boolean | null {
  const family = contract?.family ?? sidecar?.family;
  if (family === 'detr' || family === 'rt-detr') return family === 'detr';
  return numClasses === null ? null : columns === numClasses + 1;
}
