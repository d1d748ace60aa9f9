/** The contract of a two-stage checkpoint: a folder with `ohem.json`, a body and a RoI head. docs/checkpoints.md. */
import { isAbsolute, normalize } from 'node:path';
import * as v from 'valibot';
import { checkContract, classMapKey, titleKey } from '../../files/contract.js';

const whole = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most));
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
const name = v.pipe(v.string(), v.nonEmpty());
const insideFolder = v.pipe(
  name,
  v.check((file) => !isAbsolute(file) && !normalize(file).startsWith('..'), 'a file in the folder of the contract'),
);
const described = <const T extends v.GenericSchema>(text: string, schema: T) => v.pipe(schema, v.description(text));

export const fastRcnnSchema = v.strictObject({
  $schema: v.optional(v.string()),
  title: titleKey,
  family: v.literal('fast-rcnn'),
  format: v.picklist(['tfjs-layers', 'tfjs-graph', 'onnx']),
  classes: described(
    'Class names; the column of the background comes after them.',
    v.pipe(v.array(name), v.minLength(1)),
  ),
  classMap: classMapKey,
  input: v.strictObject({ width: whole(8192), height: whole(8192) }),
  preprocess: v.strictObject({
    resize: v.picklist(['letterbox', 'stretch']),
    channels: v.picklist(['rgb', 'bgr']),
    mean: v.strictTuple([finite, finite, finite]),
    std: v.strictTuple([positive, positive, positive]),
    pad: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  body: described(
    'Image → feature map [1,H,W,F], objectness [1,H,W,A], proposal deltas [1,H,W,4A]: its file, names of its outputs.',
    v.strictObject({ file: insideFolder, features: name, objectness: name, deltas: name }),
  ),
  head: described(
    'Pooled features [R,P,P,F] → logits [R,K+1], deltas [R,4] or [R,4K]: its file, names of its outputs.',
    v.strictObject({ file: insideFolder, logits: name, deltas: name }),
  ),
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

/** That of the sample's detector, but for its classes. */
export const FAST_RCNN_EXAMPLE: v.InferInput<typeof fastRcnnSchema> = {
  family: 'fast-rcnn',
  format: 'tfjs-layers',
  classes: ['bolt', 'nut', 'washer'],
  input: { width: 480, height: 368 },
  preprocess: { resize: 'letterbox', channels: 'rgb', mean: [128, 128, 128], std: [64, 64, 64], pad: 128 },
  body: { file: 'body/model.json', features: 'features_relu', objectness: 'objectness', deltas: 'proposal_deltas' },
  head: { file: 'head/model.json', logits: 'logits', deltas: 'deltas' },
  anchors: { stride: 8, sizes: [14, 26, 46, 80], ratios: [0.5, 1, 2] },
  proposals: { preNmsTop: 1500, nmsThreshold: 0.75, numProposals: 400, minSize: 4 },
  pooling: { size: 5, samplingRatio: 1 },
  deltaWeights: [10, 10, 5, 5],
};

export type FastRcnnContract = v.InferOutput<typeof fastRcnnSchema>;

/** @throws MiningError 'checkpoint' that names the first key that does not fit; unknown keys do not. */
export function checkFastRcnnContract(contract: unknown, path: string): FastRcnnContract {
  return checkContract(fastRcnnSchema, { path, text: '', contract });
}
