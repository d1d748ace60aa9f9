/**
 * The convolutional body as training sees it: alive, with its proposal stage learning along, or frozen and remembered.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { generateAnchors } from '../core/boxes/anchors.js';
import { seededRandom } from '../core/seeded-random.js';
import { IGNORE, type Boxes, type GtTable } from '../core/tables.js';
import { meanBinaryCrossEntropy, smoothL1 } from './losses.js';
import { inputTensor, type TrainingImage } from './minibatch.js';
import { mapSize, type NetworkSpec } from './network/network-spec.js';
import { poolingOf } from './network/roi-heads.js';
import { poolFrom, type Pool } from './pool-rois.js';
import type { Propose, StageOutput } from './proposal-source.js';
import { sampleTargets, withGroundTruth, type SampledTargets, type SampleRule } from './targets.js';

/** Images of one step. */
export interface Minibatch {
  readonly images: readonly TrainingImage[];
  /** Place of each in the data set. */
  readonly imageIndex: readonly number[];
  readonly isFlipped: readonly boolean[];
  /** Decides everything random of this step. */
  readonly seed: number;
}

/** What the RoI heads work on. */
export interface Seen {
  readonly pool: Pool;
  /** RoIs of each image: proposals, then its ground truth. */
  readonly boxes: readonly Boxes[];
  /** The proposal stage's own losses; none where the body is frozen. */
  readonly losses: Readonly<Record<'objectness' | 'proposalBox', tf.Scalar>> | null;
}

export interface BodySight {
  /** Where the body learns, called inside the gradient; the tensors are the caller's. */
  see(batch: Minibatch): Seen;
  dispose(): void;
}

/** Weights of one: the proposal stage's own deltas are not normalised. */
const PLAIN = [1, 1, 1, 1] as const;

/** A body that learns: its forward is recorded. */
export function liveBody(body: LayersModel, spec: NetworkSpec, propose: Propose, rule: SampleRule): BodySight {
  const [height, width] = mapSize(spec);
  const anchors = generateAnchors(height, width, spec.anchors);
  return {
    see({ images, seed }) {
      const random = seededRandom(seed);
      const input = inputTensor(
        images.map(({ image }) => image),
        spec,
      );
      const { features, logits, moves } = run(body, input, true);
      const stage = stageOutputs(logits, moves, images.length);
      const asked = images.map(({ gts }) => sampleTargets(anchors, oneClass(gts), 1, PLAIN, rule, random));
      const boxes = images.map((image, n) => withGroundTruth(propose(image, stage[n]), knownGts(image.gts)));
      const pool = poolFrom(features, boxes, poolingOf(spec));
      return { pool, boxes, losses: proposalLosses(logits, moves, asked, anchors.x1.length) };
    },
    dispose: () => undefined,
  };
}

/** What a frozen body sees of images: the same each time, so it stays, up to `maxBytes`. A flip is another image. */
export class Sights<T> {
  readonly #kept = new Map<number, T>();
  #numBytes = 0;

  constructor(
    private readonly look: (image: TrainingImage) => T,
    private readonly bytesOf: (seen: T) => number,
    private readonly maxBytes: number,
  ) {}

  /** Of each image of a step. @param keep is told what stays. Cost: one look at each that is not kept. */
  of({ images, imageIndex, isFlipped }: Minibatch, keep: (seen: T) => void = () => undefined): T[] {
    return images.map((image, n) => {
      const key = 2 * imageIndex[n] + (isFlipped[n] ? 1 : 0);
      const known = this.#kept.get(key);
      if (known !== undefined) return known;
      const seen = this.look(image);
      const numBytes = this.#numBytes + this.bytesOf(seen);
      if (numBytes > this.maxBytes) return seen;
      this.#numBytes = numBytes;
      this.#kept.set(key, seen);
      keep(seen);
      return seen;
    });
  }

  /** Forgets all. @returns what was kept. */
  clear(): T[] {
    const kept = [...this.#kept.values()];
    this.#kept.clear();
    this.#numBytes = 0;
    return kept;
  }
}

/** A body that stays as it is: features and RoIs of each image are computed once, up to `maxBytes` of them. */
export function frozenBody(body: LayersModel, spec: NetworkSpec, propose: Propose, maxBytes: number): BodySight {
  const sights = new Sights(
    (image) => lookOnce(body, spec, propose, image),
    ({ features }) => features.size * 4,
    maxBytes,
  );
  return {
    see(batch) {
      const seen = sights.of(batch, ({ features }) => void tf.keep(features));
      const boxes = seen.map((one, n) => withGroundTruth(one.boxes, knownGts(batch.images[n].gts)));
      const features = tf.concat<tf.Tensor4D>(seen.map((one) => one.features));
      return { pool: poolFrom(features, boxes, poolingOf(spec)), boxes, losses: null };
    },
    dispose: () => tf.dispose(sights.clear().map(({ features }) => features)),
  };
}

/** One image through the body for use: features [1, H, W, F] and proposals. */
export function lookOnce(
  body: LayersModel,
  spec: NetworkSpec,
  propose: Propose,
  image: TrainingImage,
): { readonly features: tf.Tensor4D; readonly boxes: Boxes } {
  let boxes: Boxes | undefined;
  const features = tf.tidy(() => {
    const seen = run(body, inputTensor([image.image], spec), false);
    const [stage] = stageOutputs(seen.logits, seen.moves, 1);
    boxes = propose(image, stage);
    return seen.features;
  });
  return { features, boxes: boxes as Boxes };
}

function run(body: LayersModel, input: tf.Tensor4D, training: boolean) {
  const [features, objectness, deltas] = body.call(input, { training }) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  return {
    features,
    logits: tf.reshape<tf.Rank.R1>(objectness, [-1]),
    moves: tf.reshape<tf.Rank.R2>(deltas, [-1, 4]),
  };
}

function stageOutputs(logits: tf.Tensor1D, moves: tf.Tensor2D, numImages: number): StageOutput[] {
  const objectness = logits.dataSync() as Float32Array;
  const deltas = moves.dataSync() as Float32Array;
  const each = objectness.length / numImages;
  return Array.from({ length: numImages }, (_, n) => ({
    objectness: objectness.subarray(n * each, (n + 1) * each),
    deltas: deltas.subarray(n * each * 4, (n + 1) * each * 4),
  }));
}

/** Objectness: every object is one class. */
function oneClass(gts: GtTable): GtTable {
  return { ...gts, gtClass: gts.gtClass.map((label) => Math.min(label, 0)) };
}

/** Ground truth that may stand among the RoIs: a crowd's box is no object's. */
export function knownGts(gts: GtTable): Boxes {
  const rows = Int32Array.from(gts.gtClass.keys()).filter(
    (row) => gts.gtClass[row] !== IGNORE && gts.isCrowd[row] === 0 && gts.isDifficult[row] === 0,
  );
  const take = (column: ArrayLike<number>) => Float32Array.from(rows, (row) => column[row]);
  return { x1: take(gts.x1), y1: take(gts.y1), x2: take(gts.x2), y2: take(gts.y2) };
}

function proposalLosses(
  logits: tf.Tensor1D,
  deltas: tf.Tensor2D,
  asked: readonly SampledTargets[],
  numAnchors: number,
) {
  const rows = asked.map(({ row }, n) => row.map((anchor) => anchor + n * numAnchors));
  const row = concat(rows);
  const labels = Float32Array.from(concat(asked.map(({ label }) => label)), (label) => (label === 0 ? 1 : 0));
  const foreground = concat(rows.map((all, n) => all.subarray(0, asked[n].numForeground)));
  const target = Float32Array.from(asked.flatMap(({ delta }) => [...delta]));
  return {
    objectness: meanBinaryCrossEntropy(tf.gather(logits, tf.tensor1d(row, 'int32')), labels),
    proposalBox: smoothL1(tf.gather(deltas, tf.tensor1d(foreground, 'int32')), target, 1 / 9, row.length),
  };
}

function concat(parts: readonly Int32Array[]): Int32Array {
  return Int32Array.from(parts.flatMap((part) => [...part]));
}
