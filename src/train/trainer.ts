/**
 * Training with online hard example mining (arXiv 1604.03540, section 4): in each step the body sees N images, the
 * read-only head all their RoIs, a sampler chooses, the trainable head learns from the chosen, and the read-only head
 * takes its parameters. The proposal stage learns along, end to end (arXiv 1506.01497, section 3.2, "approximate joint
 * training"), unless the body is frozen.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { concatRoiTables } from '../core/concat-roi-tables.js';
import type { TrainedLoss } from '../core/losses/trained-losses.js';
import { MiningError } from '../core/mining-error.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { samplerOf } from '../core/mining/samplers/index.js';
import { sampleWithoutReplacement, seededRandom } from '../core/seeded-random.js';
import { IGNORE, type RoiTable } from '../core/tables.js';
import { frozenBody, knownGts, liveBody, lookOnce, type BodySight, type Minibatch, type Seen } from './body.js';
import { BootstrapRounds, samplerChooser, type RoiChooser } from './choose-rois.js';
import { selectedLoss, takeSelected } from './head-loss.js';
import { flipped, type TrainingImage } from './minibatch.js';
import type { NetworkSpec } from './network/network-spec.js';
import { buildBody, buildHead, newHead } from './network/network.js';
import { poolFrom } from './pool-rois.js';
import { pooledBody } from './pooled-body.js';
import { proposalSource, type Propose, type ProposalSource } from './proposal-source.js';
import {
  blankOutput,
  measureImages,
  pairHeads,
  poolingOf,
  readOnlyPass,
  syncReadOnlyHead,
  type RoiHeads,
} from './network/roi-heads.js';
import { learningRateAt, Sgd, type SgdOptions } from './sgd.js';
import { withGroundTruth, type SampleRule } from './targets.js';

export interface TrainOptions {
  readonly seed: number;
  readonly imagesPerBatch: number;
  readonly sgd: SgdOptions;
  /** Anchors that train the proposal stage. */
  readonly anchorRule: SampleRule;
  /** Who chooses the RoIs that train the head. */
  readonly mining: MiningConfig;
  readonly classLoss: TrainedLoss;
  /** RoIs to choose from during training. */
  readonly proposals: ProposalSource;
  /** Mirrors each image with probability 1/2. */
  readonly flip: boolean;
  /** Body and proposal stage stay as they are. */
  readonly frozenBody: boolean;
  /** Most bytes of features kept of a frozen body: maps, or pooled ones of every RoI where `keepPooled`. */
  readonly featureCacheBytes: number;
  readonly keepPooled: boolean;
  /** Steps at the start whose RoIs are drawn as by preset `random`, at the same budget. */
  readonly randomSteps: number;
  /** Most of the budget that may be foreground, of a preset that fills it by loss alone; null: no bound. */
  readonly foregroundQuota: number | null;
  /** Preset `bootstrap`: score below which a cached negative has become easy, and epochs between two minings. */
  readonly bootstrap: { readonly evictThreshold: number; readonly epochsPerRound: number };
}

export const LOSS_KEYS = ['objectness', 'proposalBox', 'cls', 'box'] as const;
/** Losses of one step, nats; `cls` and `box` over the selected RoIs. */
export type StepLosses = Readonly<Record<(typeof LOSS_KEYS)[number], number>>;

export const PHASES = ['body', 'readOnly', 'selection', 'trainable'] as const;
export type Phase = (typeof PHASES)[number];

export interface StepReport {
  /** Counted from 0. */
  readonly step: number;
  readonly learningRate: number;
  readonly losses: StepLosses;
  readonly numRois: number;
  readonly numSelected: number;
  /** Foreground among the selected. */
  readonly numForeground: number;
  /** Mean loss over all RoIs that are not ignored, nats; NaN where the read-only head did not look. */
  readonly allRoiLoss: number;
  /**
   * Time of each part, ms: the body's forward; the read-only head and measuring its losses; choosing; the trainable
   * head forward, all backward, update, sync.
   */
  readonly elapsedMs: Readonly<Record<Phase, number>>;
}

/** What one step chose, for whoever watches. Boxes are in the network's px, mirrored where the image is. */
export interface ChosenRois {
  /** Counted from 0. */
  readonly step: number;
  readonly batch: Minibatch;
  /** `imageIndex` counts the minibatch's images. Losses mean nothing where the read-only head did not look. */
  readonly rois: RoiTable;
  /** Rows that train. */
  readonly rows: Int32Array;
}

export interface TrainedNetwork {
  readonly body: LayersModel;
  readonly head: LayersModel;
}

/** The images to train on. */
export interface ImageSource {
  readonly numImages: number;
  /** @param index in [0, numImages). */
  load(index: number): Promise<TrainingImage>;
}

/**
 * One training. The same seed, images, start and backend give the same weights; `step` may be set to go on elsewhere.
 */
export class Training {
  step = 0;
  /** Is told of every choice; must not keep the table. */
  onChosen: ((chosen: ChosenRois) => void) | null = null;
  readonly network: TrainedNetwork;
  readonly heads: RoiHeads;
  readonly sgd: Sgd;
  readonly #propose: Propose;
  readonly #sight: BodySight;
  readonly #chooser: RoiChooser;
  readonly #warmUp: RoiChooser;
  #order: { readonly epoch: number; readonly rows: Int32Array } = { epoch: -1, rows: new Int32Array(0) };

  /**
   * @param start a network to go on from; null: a new one, drawn from the seed.
   * @param sight of the same body, for trainings that share what they keep of it; null: its own.
   * @throws MiningError 'options' where bootstrap's rounds would not see the same RoIs twice, 'dataset' without images.
   */
  constructor(
    readonly spec: NetworkSpec,
    readonly options: TrainOptions,
    readonly images: ImageSource,
    start: TrainedNetwork | null = null,
    sight: BodySight | null = null,
  ) {
    checkOptions(options, images);
    this.network = start ?? {
      body: buildBody(spec, true, options.seed),
      head: newHead(spec, options.classLoss, options.seed + 1000),
    };
    this.heads = pairHeads(this.network.head, copyOf(this.network.head, spec));
    this.#propose = proposalSource(options.proposals, spec);
    const { body } = this.network;
    if (options.frozenBody) body.trainable = false;
    this.#sight = sight ?? sightOf(body, spec, this.#propose, options);
    this.sgd = new Sgd(options.sgd, trainableVariables(this.network));
    const mining = { ...options.mining, imagesPerBatch: options.imagesPerBatch };
    this.#chooser =
      samplerOf(mining.preset).looks === 'in rounds'
        ? new BootstrapRounds(mining, options.bootstrap.evictThreshold)
        : samplerChooser(mining, options.foregroundQuota);
    this.#warmUp = samplerChooser({ ...mining, preset: 'random' }, null);
  }

  /** Steps that see every image once, the last one filled up from the next epoch. */
  get stepsPerEpoch(): number {
    return Math.ceil(this.images.numImages / this.options.imagesPerBatch);
  }

  /** RoIs are chosen by what they cost. */
  get looks(): boolean {
    return this.#chooser.looks;
  }

  /** Bootstrap's rounds, null under another preset. */
  get rounds(): BootstrapRounds | null {
    return this.#chooser instanceof BootstrapRounds ? this.#chooser : null;
  }

  /**
   * @param measureAll the read-only head looks at all RoIs for the report even where the sampler does not ask; that
   * time is not counted.
   */
  async runStep(measureAll = false): Promise<StepReport> {
    await this.#mineRound();
    const batch = await this.#nextBatch();
    const report = this.#train(batch, measureAll);
    this.step++;
    return report;
  }

  #train(batch: Minibatch, measureAll: boolean): StepReport {
    const watch = new Stopwatch();
    const found = { numRois: 0, numSelected: 0, numForeground: 0, allRoiLoss: NaN };
    const losses = { objectness: 0, proposalBox: 0, cls: 0, box: 0 };
    const gts = batch.images.map((image) => image.gts);
    const { value, grads } = tf.variableGrads(() => {
      const seen = this.#sight.see(batch);
      watch.lap('body');
      const chooser = this.step < this.options.randomSteps ? this.#warmUp : this.#chooser;
      const rois = this.#table(seen, batch, chooser.looks);
      watch.lap('readOnly');
      const rows = chooser.choose(rois, batch.imageIndex, batch.seed);
      watch.lap('selection');
      this.onChosen?.({ step: this.step, batch, rois, rows });
      if (chooser.looks || measureAll)
        found.allRoiLoss = meanLoss(chooser.looks ? rois : this.#table(seen, batch, true));
      watch.skip();
      const selected = takeSelected(rois, rows, gts, this.spec);
      Object.assign(found, {
        numRois: rois.numRois,
        numSelected: rows.length,
        numForeground: selected.foreground.length,
      });
      const scalars = {
        ...selectedLoss(this.heads.trainable, seen.pool, selected, this.options.classLoss),
        ...seen.losses,
      };
      for (const [key, scalar] of Object.entries(scalars)) losses[key as keyof StepLosses] = scalar.dataSync()[0];
      // Nothing selected by a frozen body would leave nothing to differentiate.
      return tf.addN([...Object.values(scalars), tf.mul(tf.sum(this.sgd.variables[0]), 0)]) as tf.Scalar;
    }, [...this.sgd.variables]);
    this.sgd.apply(grads, this.step);
    syncReadOnlyHead(this.heads);
    tf.dispose(value);
    watch.lap('trainable');
    return {
      step: this.step,
      learningRate: learningRateAt(this.step, this.options.sgd),
      losses,
      ...found,
      elapsedMs: watch.elapsedMs,
    };
  }

  #table({ pool, boxes }: Seen, { images }: Minibatch, looks: boolean): RoiTable {
    const output = looks ? readOnlyPass(this.heads.readOnly, pool, boxes) : blankOutput(boxes, this.spec);
    return concatRoiTables(
      measureImages(
        output,
        boxes,
        images.map(({ gts }) => gts),
        this.spec,
      ),
    );
  }

  /** The images of a step: each epoch in another order, a place in it depending on seed and step alone. */
  async #nextBatch(): Promise<Minibatch> {
    const { imagesPerBatch, seed, flip } = this.options;
    const random = seededRandom(mixed(seed, this.step));
    const imageIndex = Array.from({ length: imagesPerBatch }, (_, n) => this.#imageAt(this.step * imagesPerBatch + n));
    const isFlipped = imageIndex.map(() => flip && random.next() < 0.5);
    const loaded = await Promise.all(imageIndex.map((index) => this.images.load(index)));
    const images = loaded.map((image, n) => (isFlipped[n] ? flipped(image) : image));
    return { images, imageIndex, isFlipped, seed: random.below(2 ** 32) };
  }

  #imageAt(place: number): number {
    const { numImages } = this.images;
    const epoch = Math.floor(place / numImages);
    if (this.#order.epoch !== epoch) {
      const all = Int32Array.from({ length: numImages }, (_, i) => i);
      this.#order = {
        epoch,
        rows: sampleWithoutReplacement(all, numImages, seededRandom(mixed(~this.options.seed, epoch))),
      };
    }
    return this.#order.rows[place % numImages];
  }

  /** Bootstrap mines again after every `epochsPerRound` epochs. */
  async #mineRound(): Promise<void> {
    const rounds = this.rounds;
    const due = Math.floor(this.step / (this.stepsPerEpoch * this.options.bootstrap.epochsPerRound));
    if (rounds !== null && rounds.numRounds < due) await rounds.mine(this.tables());
  }

  /** The images, up to so many, as the read-only head sees them now. */
  async *tables(maxImages = Infinity): AsyncGenerator<RoiTable> {
    for (let index = 0; index < Math.min(maxImages, this.images.numImages); index++) {
      const image = await this.images.load(index);
      const { features, boxes } = lookOnce(this.network.body, this.spec, this.#propose, image);
      const all = [withGroundTruth(boxes, knownGts(image.gts))];
      const pool = poolFrom(features, all, poolingOf(this.spec));
      const [table] = measureImages(readOnlyPass(this.heads.readOnly, pool, all), all, [image.gts], this.spec);
      features.dispose();
      yield { ...table, imageIndex: table.imageIndex.fill(index) };
    }
  }

  dispose(): void {
    this.#sight.dispose();
    this.sgd.dispose();
    this.heads.readOnly.dispose();
    this.network.body.dispose();
    this.network.head.dispose();
  }
}

function sightOf(body: LayersModel, spec: NetworkSpec, propose: Propose, options: TrainOptions): BodySight {
  const { frozenBody: isFrozen, keepPooled, featureCacheBytes, anchorRule } = options;
  if (!isFrozen) return liveBody(body, spec, propose, anchorRule);
  return (keepPooled ? pooledBody : frozenBody)(body, spec, propose, featureCacheBytes);
}

function checkOptions({ mining, proposals, frozenBody: frozen, flip }: TrainOptions, images: ImageSource): void {
  if (images.numImages < 1) throw new MiningError('dataset', 'images', 'at least one image', 'none');
  if (samplerOf(mining.preset).looks !== 'in rounds') return;
  if (proposals.from === 'stage' && !frozen) {
    throw new MiningError(
      'options',
      'proposals',
      'a frozen body, anchors or a file (bootstrap remembers RoIs by their place)',
      'a proposal stage that learns',
    );
  }
  if (flip) throw new MiningError('options', 'flip', 'false (bootstrap remembers RoIs by their place)', 'true');
}

/** The variables that an update may change: the trainable head's, and the body's unless it is frozen. */
function trainableVariables({ body, head }: TrainedNetwork): tf.Variable[] {
  return [...body.trainableWeights, ...head.trainableWeights].map((weight) => weight.read() as tf.Variable);
}

/** A head of the same shape, to become the read-only head. */
function copyOf(head: LayersModel, spec: NetworkSpec): LayersModel {
  const hidden = head.layers
    .filter(({ name }) => name.startsWith('hidden'))
    .map((layer) => layer.getWeights()[1].shape[0]);
  return buildHead({ ...spec, hidden }, 0);
}

function mixed(seed: number, count: number): number {
  return Math.imul(seed ^ Math.imul(count + 1, 0x9e3779b1), 0x85ebca6b);
}

/** Mean class + box loss over the RoIs that are not ignored, nats; 0 without any. */
export function meanLoss({ numRois, gtClass, lossCls, lossLoc }: RoiTable): number {
  let [sum, count] = [0, 0];
  for (let row = 0; row < numRois; row++) {
    if (gtClass[row] === IGNORE || !Number.isFinite(lossCls[row] + lossLoc[row])) continue;
    sum += lossCls[row] + lossLoc[row];
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

class Stopwatch {
  readonly elapsedMs: Record<Phase, number> = { body: 0, readOnly: 0, selection: 0, trainable: 0 };
  #last = performance.now();

  lap(phase: Phase): void {
    const now = performance.now();
    this.elapsedMs[phase] += now - this.#last;
    this.#last = now;
  }

  /** What went by since the last lap belongs to no phase. */
  skip(): void {
    this.#last = performance.now();
  }
}
