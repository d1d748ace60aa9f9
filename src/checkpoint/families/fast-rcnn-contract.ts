/** The contract of a two-stage checkpoint: a folder with `ohem.json`, a body and a RoI head. docs/checkpoints.md. */
import { isAbsolute, normalize } from 'node:path';
import * as v from 'valibot';
import { checkContract, classMapSchema } from '../files/contract.js';

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
const name = v.pipe(v.string(), v.nonEmpty());
const insideFolder = v.pipe(
  name,
  v.check((file) => !isAbsolute(file) && !normalize(file).startsWith('..'), 'a file in the folder of the contract'),
);

export const fastRcnnSchema = v.strictObject({
  $schema: v.optional(v.string()),
  title: v.optional(v.string()),
  family: v.literal('fast-rcnn'),
  format: v.picklist(['tfjs-layers', 'tfjs-graph', 'onnx']),
  /** K names; the background column comes after them. */
  classes: v.pipe(v.array(name), v.minLength(1)),
  classMap: classMapSchema,
  input: v.strictObject({ width: whole(8192), height: whole(8192) }),
  preprocess: v.strictObject({
    resize: v.picklist(['letterbox', 'stretch']),
    channels: v.picklist(['rgb', 'bgr']),
    mean: v.strictTuple([finite, finite, finite]),
    std: v.strictTuple([positive, positive, positive]),
    pad: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  /** Image -> feature map [1,H,W,F], objectness [1,H,W,A], proposal deltas [1,H,W,4A]. */
  body: v.strictObject({ file: insideFolder, features: name, objectness: name, deltas: name }),
  /** Pooled features [R,P,P,F] -> logits [R,K+1], deltas [R,4] or [R,4K]. */
  head: v.strictObject({ file: insideFolder, logits: name, deltas: name }),
  anchors: v.strictObject({
    stride: whole(256),
    sizes: v.pipe(v.array(positive), v.minLength(1), v.maxLength(32)),
    ratios: v.pipe(v.array(positive), v.minLength(1), v.maxLength(32)),
  }),
  proposals: v.strictObject({
    preNmsTop: whole(100_000),
    nmsThreshold: share,
    numProposals: whole(10_000),
    minSize: v.pipe(finite, v.minValue(0)),
  }),
  pooling: v.strictObject({ size: whole(32), samplingRatio: whole(8) }),
  deltaWeights: v.strictTuple([positive, positive, positive, positive]),
});
export type FastRcnnContract = v.InferOutput<typeof fastRcnnSchema>;

/** @throws MiningError 'checkpoint' that names the first key that does not fit; unknown keys do not. */
export function checkFastRcnnContract(contract: unknown, path: string): FastRcnnContract {
  return checkContract(fastRcnnSchema, { path, text: '', contract });
}
