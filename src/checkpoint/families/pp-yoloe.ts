/**
 * PP-YOLOE without NMS: boxes [1, A, 4], corners in pixels, and scores [1, K, A] (`exclude_nms`), or both as
 * [1, A, 4 + K] (`exclude_post_process`). `scale_factor` is (y, x) and is fed as 1: boxes come in pixels of the input.
 * Source: PaddleDetection ppdet/modeling/heads/ppyoloe_head.py, deploy/python (Apache-2.0).
 */
import type * as v from 'valibot';
import { graphContract } from '../files/contract.js';
import { strideList, stridesOf } from './dense-grid.js';
import {
  PP_YOLOE_RECIPE,
  IMAGENET_SCALE,
  SIGMOID_SCORES,
  STRETCH,
  type GraphFamily,
  type Hints,
  type Outputs,
} from './family.js';
import { layoutDecoder } from './layout.js';
import { areCorners, inUnit, tablesOf } from './look.js';
import { boxesAndScores, type BoxesAndScores } from './pair.js';

const contract = graphContract('pp-yoloe', { strides: strideList });
type PpYoloeContract = v.InferOutput<typeof contract>;

export const ppYoloe: GraphFamily<PpYoloeContract> = {
  kind: 'graph-detector',
  id: 'pp-yoloe',
  title: 'PP-YOLOE',
  docs: {
    recognisedBy: 'corners [1, A, 4] and scores [1, K, A]; one [1, A, 4 + K] of corners by `infer_cfg.yml` or contract',
    input: 'float32, stretched, RGB; `infer_cfg.yml` tells the scale, else ImageNet’s mean and std',
    ranked: 'every cell; labels by task-aligned assignment',
  },
  contract,
  preprocess: { ...STRETCH, ...IMAGENET_SCALE },
  defaultSizePx: 640,
  measureDefaults: PP_YOLOE_RECIPE,
  describe: () => 'corners [1,A,4] and scores [1,K,A], or one [1,A,4+K] of corners where a contract says so',
  match(outputs, form, hints) {
    const found = asTwo(outputs) ?? asOne(outputs, hints);
    if (found === null || !inUnit(outputs, found.scores) || !areCorners(outputs, found.boxes)) return null;
    const strides = stridesOf(form, outputs[found.boxes.output].shape[1], 1, hints.contract?.strides);
    if (strides === null) return null;
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

function asTwo(outputs: Outputs): BoxesAndScores | null {
  const found = boxesAndScores(outputs);
  return found?.scores.rowsLast === true ? found : null;
}

/** As wide as a YOLOX of one class less: only what is written down tells. */
function asOne(outputs: Outputs, { contract: own, sidecar }: Hints<PpYoloeContract>): BoxesAndScores | null {
  const [table, ...others] = tablesOf(outputs);
  const known = own?.family === 'pp-yoloe' || sidecar?.family === 'pp-yoloe';
  if (!known || table === undefined || others.length > 0 || table.axes[1] < 5) return null;
  const boxes = { output: table.name, from: 0, to: 4, rowsLast: false };
  return { boxes, scores: { ...boxes, from: 4, to: table.axes[1] } };
}
