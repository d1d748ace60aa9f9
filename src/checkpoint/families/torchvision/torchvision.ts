/**
 * torchvision's detectors as its TorchScript exporter writes them: resize, mean and std, and NMS are inside. Mined are
 * the raw heads before it; `outputs` of a contract names them in the order of RawHead.
 *
 * Source: torchvision `models/detection` (BSD-3): weights of the box coders, thresholds of the matchers, losses.
 */
import * as v from 'valibot';
import type { GraphNode } from '../../../core/graph.js';
import { FAST_RCNN_WEIGHTS } from '../../../core/boxes/box-coding.js';
import { FAST_RCNN_MEASURE } from '../../../core/measure/measure-config.js';
import { graphContract, optionalKey, type GraphContract } from '../../files/contract.js';
import { DENSE_DEFAULTS, STRETCH, type GraphFamily } from '../family.js';
import { headDecoder, type HeadForm } from './head-decoder.js';
import { fcosHead, rcnnHead, retinaNetHead, ssdHead, type RawHead } from './raw-heads.js';

interface Kind {
  readonly title: string;
  /** The head's tensors. */
  readonly head: string;
  readonly ranked: string;
  readonly rawHead: (nodes: readonly GraphNode[]) => RawHead | null;
  readonly form: HeadForm;
  readonly measureDefaults: GraphFamily['measureDefaults'];
}

const background = optionalKey('The column of sigmoids that is no class.', v.picklist(['first', 'none']));
type Contract = GraphContract & { readonly background?: 'first' | 'none' | undefined };

function family(id: string, { form, head, ranked, ...kind }: Kind): GraphFamily<Contract> {
  return {
    kind: 'graph-detector',
    id,
    ...kind,
    docs: {
      recognisedBy: `the graph: inside it ${head}`,
      input: 'float32 [3, H, W] of any size, the image as it is, RGB 0…1',
      ranked,
    },
    contract: form.activation === 'sigmoid' ? graphContract(id, { background }) : graphContract(id, {}),
    preprocess: { ...STRETCH, resize: 'none' },
    defaultSizePx: 640,
    describe: () => `inside the graph ${head}`,
    match(outputs, _form, { contract, inner, numClasses }) {
      if (inner === null) return null;
      // torchvision's labels begin with 1; who names as many classes as there are columns counts from 0.
      const isFirst = (numColumns: number) =>
        (contract?.background ?? (numClasses === numColumns ? 'none' : 'first')) === 'first';
      return headDecoder(outputs, inner, form, isFirst);
    },
  };
}

export const torchvisionRcnn = family('torchvision-rcnn', {
  title: 'Faster R-CNN (torchvision)',
  head: 'logits [R, K + 1], deltas [R, 4 (K + 1)], proposals [R, 4]',
  ranked: 'every proposal; labels by maximum IoU',
  rawHead: rcnnHead,
  form: { activation: 'softmax', deltaWeights: FAST_RCNN_WEIGHTS },
  // Its smooth L1 has beta 1 / 9.
  measureDefaults: { ...FAST_RCNN_MEASURE, sigma: 3 },
});

export const torchvisionSsd = family('torchvision-ssd', {
  title: 'SSD300, SSDlite320 (torchvision)',
  head: 'logits [1, A, K + 1] of a softmax, deltas [1, A, 4], priors [A, 4]',
  ranked: 'every prior; labels by maximum IoU',
  rawHead: ssdHead,
  form: { activation: 'softmax', deltaWeights: FAST_RCNN_WEIGHTS },
  measureDefaults: { ...FAST_RCNN_MEASURE, ownBest: true },
});

export const torchvisionRetinaNet = family('torchvision-retinanet', {
  title: 'RetinaNet (torchvision)',
  head: 'logits [1, A, C] of sigmoids, deltas [1, A, 4], anchors [A, 4]',
  ranked: 'every anchor; labels by maximum IoU',
  rawHead: retinaNetHead,
  form: { activation: 'sigmoid', deltaWeights: [1, 1, 1, 1] },
  // Its box loss is L1: smooth L1 whose parabola ends at a millionth.
  measureDefaults: { ...FAST_RCNN_MEASURE, bgThreshold: 0.4, lowQualityMatches: true, clsLoss: 'focal', sigma: 1000 },
});

export const torchvisionFcos = family('torchvision-fcos', {
  title: 'FCOS (torchvision)',
  head: 'logits [1, A, C] of sigmoids, distances [1, A, 4], anchors [A, 4], centre-ness [1, A, 1]',
  ranked: 'every point; labels as FCOS gives them',
  rawHead: fcosHead,
  form: { activation: 'sigmoid', deltaWeights: null },
  measureDefaults: { ...DENSE_DEFAULTS, assigner: 'fcos', clsLoss: 'focal', objTarget: 'centre-ness' },
});
