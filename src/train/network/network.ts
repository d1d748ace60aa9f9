/**
 * The two-stage network as two tfjs layers models: body (image -> feature map, objectness, proposal deltas) and RoI
 * head (pooled features -> class logits, box deltas).
 *
 * The body sees the picture at strides 4, 8 and 16; the coarsest map is brought back to stride 8 and added, so that a
 * cell knows its surroundings. Built with batch normalisation for training, without it (folded into the convolutions)
 * for use. The stem goes to stride 4 at once and is not normalised: on a CPU, normalising large maps costs as much as
 * convolving them (measured: 0.25 s of a 0.6 s step with a stem of stride 2).
 */
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { anchorsPerCell } from '../../core/boxes/anchors.js';
import type { TrainedLoss } from '../../core/losses/trained-losses.js';
import type { NetworkSpec } from './network-spec.js';

export const BATCH_NORM_EPSILON = 1e-3;
/** The batch normalisation layer of convolution NAME is NAME + this. */
export const BATCH_NORM_SUFFIX = '_norm';
/** Names of the outputs, in the models' order. */
export const BODY_OUTPUTS = ['features_relu', 'objectness', 'proposal_deltas'] as const;
export const HEAD_OUTPUTS = ['logits', 'deltas'] as const;

type Symbolic = layers.SymbolicTensor;

/** Makes one layer's parameters repeatable: each initialiser gets the next seed. */
class Seeds {
  #next: number;
  constructor(seed: number) {
    this.#next = seed;
  }
  he() {
    return layers.initializers.heNormal({ seed: this.#take() });
  }
  small() {
    return layers.initializers.randomNormal({ mean: 0, stddev: 0.01, seed: this.#take() });
  }
  /** TensorFlow.js takes a seed of 0 for none (rand_util.ts, 4.22.0). */
  #take(): number {
    return this.#next++ || 0x7fff_ffff;
  }
}

/** A convolution, its normalisation where `normed`, and a ReLU. */
function convolve(
  x: Symbolic,
  name: string,
  filters: number,
  kernelSize: number,
  strides: number,
  normed: boolean,
  seeds: Seeds,
  relu = true,
): Symbolic {
  const conv = layers.layers.conv2d({
    name,
    filters,
    kernelSize,
    strides,
    padding: 'same',
    useBias: !normed,
    kernelInitializer: seeds.he(),
  });
  let y = conv.apply(x) as Symbolic;
  if (normed)
    y = layers.layers
      .batchNormalization({ name: name + BATCH_NORM_SUFFIX, momentum: 0.97, epsilon: BATCH_NORM_EPSILON })
      .apply(y) as Symbolic;
  return relu ? (layers.layers.reLU({ name: `${name}_relu` }).apply(y) as Symbolic) : y;
}

function residual(x: Symbolic, name: string, filters: number, normed: boolean, seeds: Seeds): Symbolic {
  const y = convolve(
    convolve(x, `${name}a`, filters, 3, 1, normed, seeds),
    `${name}b`,
    filters,
    3,
    1,
    normed,
    seeds,
    false,
  );
  const sum = layers.layers.add({ name: `${name}_sum` }).apply([x, y]) as Symbolic;
  return layers.layers.reLU({ name: `${name}_out` }).apply(sum) as Symbolic;
}

/** Image [N, H, W, 3] -> features [N, H/8, W/8, F], objectness [.., A] logits, proposal deltas [.., 4A]. */
export function buildBody(spec: NetworkSpec, normed: boolean, seed: number): layers.LayersModel {
  const seeds = new Seeds(seed);
  const [w4, w8, w16] = spec.widths;
  const image = layers.input({ shape: [spec.inputHeight, spec.inputWidth, 3], name: 'image' });
  const stem = convolve(image, 'stem', w4, 6, 4, false, seeds);
  const at4 = convolve(stem, 'stride4', w4, 3, 1, normed, seeds);
  const at8 = residual(convolve(at4, 'stride8', w8, 3, 2, normed, seeds), 'block8', w8, normed, seeds);
  const at16 = residual(convolve(at8, 'stride16', w16, 3, 2, normed, seeds), 'block16', w16, normed, seeds);
  const around = convolve(at16, 'around', w8, 1, 1, normed, seeds, false);
  const back = layers.layers
    .upSampling2d({ name: 'back', size: [2, 2], interpolation: 'bilinear' })
    .apply(around) as Symbolic;
  const merged = layers.layers.add({ name: 'merged' }).apply([at8, back]) as Symbolic;
  const features = convolve(merged, 'features', spec.features, 3, 1, normed, seeds);
  const proposal = convolve(features, 'proposal', spec.proposalWidth, 3, 1, normed, seeds);
  const perCell = anchorsPerCell(spec.anchors);
  const objectness = layers.layers
    .conv2d({ name: 'objectness', filters: perCell, kernelSize: 1, kernelInitializer: seeds.small() })
    .apply(proposal) as Symbolic;
  const deltas = layers.layers
    .conv2d({ name: 'proposal_deltas', filters: 4 * perCell, kernelSize: 1, kernelInitializer: seeds.small() })
    .apply(proposal) as Symbolic;
  return layers.model({ name: 'body', inputs: image, outputs: [features, objectness, deltas] });
}

/** Pooled features [R, P, P, F] -> logits [R, K + 1] (background last), class-agnostic deltas [R, 4]. */
export function buildHead(spec: NetworkSpec, seed: number): layers.LayersModel {
  const seeds = new Seeds(seed);
  const pooled = layers.input({ shape: [spec.pooledSize, spec.pooledSize, spec.features], name: 'pooled' });
  let x = layers.layers.flatten({ name: 'flat' }).apply(pooled) as Symbolic;
  spec.hidden.forEach((units, i) => {
    x = layers.layers
      .dense({ name: `hidden${i + 1}`, units, activation: 'relu', kernelInitializer: seeds.he() })
      .apply(x) as Symbolic;
  });
  const logits = layers.layers
    .dense({ name: 'logits', units: spec.numClasses + 1, kernelInitializer: seeds.small() })
    .apply(x) as Symbolic;
  const deltas = layers.layers
    .dense({ name: 'deltas', units: 4, kernelInitializer: seeds.small() })
    .apply(x) as Symbolic;
  return layers.model({ name: 'head', inputs: pooled, outputs: [logits, deltas] });
}

/** Probability of all foreground together before the first step. Source: RetinaNet (arXiv 1708.02002, section 4.1). */
const FOCAL_PRIOR = 0.01;

/**
 * A head to be trained from `seed` with this class loss. The focal loss begins from a prior: background everywhere with
 * probability .99, else the many background RoIs of the first steps outweigh the rest.
 */
export function newHead(spec: NetworkSpec, classLoss: TrainedLoss, seed: number): layers.LayersModel {
  const head = buildHead(spec, seed);
  if (classLoss !== 'focal') return head;
  const logits = head.getLayer('logits');
  const bias = new Float32Array(spec.numClasses + 1);
  bias[spec.numClasses] = Math.log((spec.numClasses * (1 - FOCAL_PRIOR)) / FOCAL_PRIOR);
  tf.tidy(() => logits.setWeights([logits.getWeights()[0], tf.tensor1d(bias)]));
  return head;
}

/** Has the body batch normalisations, as while it is trained from the beginning? */
export function isNormed(body: layers.LayersModel): boolean {
  return body.layers.some(({ name }) => name.endsWith(BATCH_NORM_SUFFIX));
}

/**
 * The body for use: every batch normalisation folded into the convolution before it.
 * y = gamma * (conv(x) - mean) / sqrt(var + eps) + beta is a convolution with scaled kernel and a bias.
 */
export function foldBody(spec: NetworkSpec, trained: layers.LayersModel): layers.LayersModel {
  const folded = buildBody(spec, false, 0);
  for (const layer of folded.layers) {
    if (layer.getWeights().length === 0) continue;
    const source = trained.getLayer(layer.name);
    const norm = trained.layers.find(({ name }) => name === layer.name + BATCH_NORM_SUFFIX);
    layer.setWeights(norm === undefined ? source.getWeights() : foldedWeights(source.getWeights(), norm.getWeights()));
  }
  return folded;
}

function foldedWeights([kernel]: tf.Tensor[], [gamma, beta, mean, variance]: tf.Tensor[]): tf.Tensor[] {
  if (!kernel || !gamma || !beta || !mean || !variance) throw new Error('a normalised convolution has five weights');
  const factor = tf.div(gamma, tf.sqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  return [tf.mul(kernel, factor), tf.sub(beta, tf.mul(mean, factor))];
}
