/**
 * SSD with separate tensors: decoded boxes [1, A, 4] and a softmax [1, A, K + 1] with its background. Rows that sum to
 * 1 tell the softmax; which end the background has, is told by where most of it lies.
 * Source: arXiv 1512.02325; onnx/models ssd (Apache-2.0).
 */
import { said } from '../../core/said.js';
import * as v from 'valibot';
import { graphContract, optionalKey } from '../files/contract.js';
import { IMAGENET_SCALE, QUERY_DEFAULTS, STRETCH, type GraphFamily, type Outputs } from './family.js';
import { BOX_FORMS, layoutDecoder, readColumns, type Columns } from './layout.js';
import { areCorners, unitOf } from './look.js';
import { boxesAndScores } from './pair.js';

/** arXiv 1512.02325, section 2.2: IoU .5, and each object its best prior. The priors are not in the export: GIoU. */
const RECIPE = { ...QUERY_DEFAULTS, ownBest: true, clsLoss: 'cross-entropy' } as const;

const contract = graphContract('ssd', {
  boxForm: optionalKey('Order of a box’s four values.', v.picklist(BOX_FORMS.filter((form) => form !== 'ltrb'))),
  background: optionalKey('The column of scores that is no class.', v.picklist(['first', 'last'])),
});

export const ssd: GraphFamily<v.InferOutput<typeof contract>> = {
  kind: 'graph-detector',
  id: 'ssd',
  title: 'SSD',
  docs: {
    recognisedBy: 'boxes [1, A, 4] and scores [1, A, K + 1] whose rows sum to 1, background first or last',
    input: 'float32, stretched, RGB, ImageNet’s mean and std',
    ranked: 'every prior; labels by maximum IoU of the regressed box',
  },
  contract,
  preprocess: { ...STRETCH, ...IMAGENET_SCALE },
  defaultSizePx: 300,
  measureDefaults: RECIPE,
  describe: () => 'boxes [1,A,4] and scores [1,A,K+1] whose rows sum to 1',
  match(outputs, form, { contract: own }) {
    const found = boxesAndScores(outputs);
    if (found === null || found.scores.rowsLast || found.scores.to < 2 || !sumToOne(outputs, found.scores)) return null;
    const boxUnit = unitOf(outputs, found.boxes);
    const boxForm = own?.boxForm ?? (areCorners(outputs, found.boxes) ? 'xyxy' : 'cxcywh');
    const background = own?.background ?? fullerEnd(outputs, found.scores);
    const layout = {
      ...found,
      boxForm,
      boxUnit,
      scoreForm: { activation: 'softmax', given: 'probabilities' },
      background,
      objectness: null,
      strides: null,
      perCell: 1,
    } as const;
    const guess = said`boxes ${boxForm} ${boxUnit}, background ${background}: by values; a contract can say otherwise`;
    const isGuess = own?.boxForm === undefined || own.background === undefined;
    return { ...layoutDecoder(layout, outputs, form, isGuess ? [guess] : []), isGuess };
  },
};

function sumToOne(outputs: Outputs, scores: Columns): boolean {
  const values = readColumns(outputs, scores);
  for (let at = 0; at < values.length; at += scores.to) {
    const sum = values.subarray(at, at + scores.to).reduce((total, value) => total + value, 0);
    if (!(Math.abs(sum - 1) < 1e-2)) return false;
  }
  return true;
}

/** Most priors see background: its column holds the most. */
function fullerEnd(outputs: Outputs, scores: Columns): 'first' | 'last' {
  const values = readColumns(outputs, scores);
  let [first, last] = [0, 0];
  for (let at = 0; at < values.length; at += scores.to) {
    first += values[at];
    last += values[at + scores.to - 1];
  }
  return first >= last ? 'first' : 'last';
}
