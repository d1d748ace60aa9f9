/**
 * Joint training of proposal stage and RoI head, end to end (arXiv 1506.01497, section 3.2, "approximate joint training"):
 * RoIs are sampled at random, a quarter foreground.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { generateAnchors } from '../core/anchors.js';
import { selectProposals, type ProposalOptions } from '../core/proposals.js';
import { seededRandom, type SeededRandom } from '../core/seeded-random.js';
import type { Boxes, GtTable } from '../core/tables.js';
import { meanBinaryCrossEntropy, meanCrossEntropy, smoothL1 } from './losses.js';
import { flipped, inputTensor, type TrainingImage } from './minibatch.js';
import { mapSize, type NetworkSpec } from './network-spec.js';
import { buildBody, buildHead } from './network.js';
import { poolRois } from './pool-rois.js';
import { Sgd, type SgdOptions } from './sgd.js';
import { sampleTargets, takeBoxes, withGroundTruth, type SampledTargets, type SampleRule } from './targets.js';

export interface TrainOptions {
  readonly seed: number;
  readonly steps: number;
  readonly imagesPerBatch: number;
  readonly sgd: SgdOptions;
  readonly anchorRule: SampleRule;
  readonly roiRule: SampleRule;
  /** Proposals during training. */
  readonly proposals: ProposalOptions;
}

export const LOSS_KEYS = ['objectness', 'proposalBox', 'cls', 'box'] as const;
/** Losses of one step, nats. */
export type StepLosses = Readonly<Record<(typeof LOSS_KEYS)[number], number>>;

export interface TrainedNetwork {
  readonly body: LayersModel;
  readonly head: LayersModel;
}

type Scalars = Record<keyof StepLosses, tf.Scalar>;

/** Weights of one: the proposal stage's own deltas are not normalised. */
const PLAIN = [1, 1, 1, 1] as const;

/**
 * Trains a network from scratch. The same seed, images and backend give the same weights.
 * @param images called with an index in [0, numImages).
 * @param onStep called and awaited after each step, with the network as it is then.
 */
export async function trainNetwork(
  spec: NetworkSpec,
  options: TrainOptions,
  numImages: number,
  images: (index: number) => Promise<TrainingImage>,
  onStep: (step: number, losses: StepLosses, network: TrainedNetwork) => Promise<void>,
): Promise<TrainedNetwork> {
  const [height, width] = mapSize(spec);
  const run: Run = {
    network: { body: buildBody(spec, true, options.seed), head: buildHead(spec, options.seed + 1000) },
    spec,
    options,
    anchors: generateAnchors(height, width, spec.anchors),
    sgd: new Sgd(options.sgd),
    random: seededRandom(options.seed),
  };
  for (let step = 0; step < options.steps; step++) {
    const batch = await nextBatch(run, numImages, images);
    await onStep(step, trainStep(run, batch, step), run.network);
  }
  run.sgd.dispose();
  return run.network;
}

/** Images drawn with replacement, each mirrored with probability 1/2. */
async function nextBatch({ random, options }: Run, numImages: number, images: (index: number) => Promise<TrainingImage>): Promise<TrainingImage[]> {
  const batch: TrainingImage[] = [];
  for (let n = 0; n < options.imagesPerBatch; n++) {
    const image = await images(random.below(numImages));
    batch.push(random.next() < 0.5 ? flipped(image) : image);
  }
  return batch;
}

/** What every step of one training run shares. */
interface Run {
  readonly network: TrainedNetwork;
  readonly spec: NetworkSpec;
  readonly options: TrainOptions;
  readonly anchors: Boxes;
  readonly sgd: Sgd;
  readonly random: SeededRandom;
}

function trainStep(run: Run, batch: readonly TrainingImage[], step: number): StepLosses {
  const input = inputTensor(batch.map(({ image }) => image), run.spec);
  const values = { objectness: NaN, proposalBox: NaN, cls: NaN, box: NaN };
  const { value, grads } = tf.variableGrads(() => {
    const losses = forward(run, batch.map(({ gts }) => gts), input);
    for (const key of LOSS_KEYS) values[key] = losses[key].dataSync()[0] ?? NaN;
    return tf.addN(Object.values(losses)) as tf.Scalar;
  });
  run.sgd.apply(grads, tf.engine().registeredVariables, step);
  tf.dispose([input, value]);
  return values;
}

function forward(run: Run, gts: readonly GtTable[], input: tf.Tensor4D): Scalars {
  const { network, spec, options, anchors, random } = run;
  const [features, objectness, deltas] = network.body.call(input, { training: true }) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const logits = tf.reshape(objectness, [-1]) as tf.Tensor1D;
  const moves = tf.reshape(deltas, [-1, 4]) as tf.Tensor2D;
  const asked = gts.map((table) => sampleTargets(anchors, oneClass(table), 1, PLAIN, options.anchorRule, random));
  const rois = sampleRois(run, gts, logits.dataSync() as Float32Array, moves.dataSync() as Float32Array);
  const pooling = { pooledSize: spec.pooledSize, spatialScale: 1 / spec.anchors.stride, samplingRatio: spec.samplingRatio };
  const pooled = poolRois(features, rois.map(({ boxes }) => boxes), pooling);
  const [classLogits, roiDeltas] = network.head.call(pooled, { training: true }) as [tf.Tensor2D, tf.Tensor2D];
  return {
    ...proposalLosses(logits, moves, asked, anchors.x1.length),
    ...headLosses(classLogits, roiDeltas, rois.map(({ targets }) => targets)),
  };
}

/** RoIs of each image that train the head: from the network's own proposals of this step and the ground truth. */
function sampleRois({ spec, options, anchors, random }: Run, gts: readonly GtTable[], logits: Float32Array, deltas: Float32Array) {
  const numAnchors = anchors.x1.length;
  return gts.map((table, n) => {
    const [from, to] = [n * numAnchors, (n + 1) * numAnchors];
    const found = selectProposals(logits.subarray(from, to), deltas.subarray(from * 4, to * 4), anchors, spec.inputWidth, spec.inputHeight, options.proposals);
    const boxes = withGroundTruth(found.boxes, table);
    const targets = sampleTargets(boxes, table, spec.numClasses, spec.deltaWeights, options.roiRule, random);
    return { boxes: takeBoxes(boxes, targets.row), targets };
  });
}

/** Objectness: every object is one class. */
function oneClass(gts: GtTable): GtTable {
  return { ...gts, gtClass: gts.gtClass.map((label) => Math.min(label, 0)) };
}

function proposalLosses(logits: tf.Tensor1D, deltas: tf.Tensor2D, asked: readonly SampledTargets[], numAnchors: number) {
  const rows = asked.map(({ row }, n) => row.map((anchor) => anchor + n * numAnchors));
  const row = concat(rows);
  const labels = Float32Array.from(concat(asked.map(({ label }) => label)), (label) => (label === 0 ? 1 : 0));
  const foreground = concat(rows.map((all, n) => all.subarray(0, asked[n]?.numForeground)));
  const target = Float32Array.from(asked.flatMap(({ delta }) => [...delta]));
  return {
    objectness: meanBinaryCrossEntropy(tf.gather(logits, tf.tensor1d(row, 'int32')), labels),
    proposalBox: smoothL1(tf.gather(deltas, tf.tensor1d(foreground, 'int32')), target, 1 / 9, row.length),
  };
}

function headLosses(logits: tf.Tensor2D, deltas: tf.Tensor2D, sampled: readonly SampledTargets[]) {
  const labels = concat(sampled.map(({ label }) => label));
  let start = 0;
  const foreground = concat(
    sampled.map(({ row, numForeground }) => {
      const rows = Int32Array.from({ length: numForeground }, (_, i) => start + i);
      start += row.length;
      return rows;
    }),
  );
  const target = Float32Array.from(sampled.flatMap(({ delta }) => [...delta]));
  return {
    cls: meanCrossEntropy(logits, labels),
    box: smoothL1(tf.gather(deltas, tf.tensor1d(foreground, 'int32')), target, 1, labels.length),
  };
}

function concat(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}
