/**
 * The configuration of a training as a person or the editor writes it, every key of docs/training.md; the engine
 * process makes paths absolute and the sampler a mining configuration (run/train).
 */
import * as v from 'valibot';
import { TRAINED_LOSSES } from '../core/losses/trained-losses.js';
import type { MiningConfig } from '../core/mining/mining-options.js';
import { PRESET_IDS, type PresetId } from '../core/mining/samplers/index.js';
import { finite, name, share, whole } from './check.js';

const positive = v.pipe(finite, v.gtValue(0));
const sides = v.pipe(v.array(positive), v.minLength(1), v.maxLength(32));
/** The network halves its input four times. */
const inputSide = v.pipe(whole(32, 4096), v.multipleOf(16));

const dataset = v.strictObject({
  path: name,
  images: v.optional(name),
  split: v.optional(name),
  boxOrigin: v.optional(v.picklist([0, 1])),
  columns: v.optional(v.record(name, name)),
  proposals: v.optional(name),
});
const stageKeys = {
  preNmsTop: whole(1, 100_000),
  nmsThreshold: share,
  numProposals: whole(1, 10_000),
  minSize: v.pipe(finite, v.minValue(0)),
};

const proposals = v.variant('from', [
  v.strictObject({
    from: v.literal('stage'),
    preNmsTop: v.optional(stageKeys.preNmsTop, 800),
    nmsThreshold: v.optional(stageKeys.nmsThreshold, 0.75),
    numProposals: v.optional(stageKeys.numProposals, 300),
    minSize: v.optional(stageKeys.minSize, 4),
  }),
  v.strictObject({
    from: v.literal('anchors'),
    stride: whole(1, 512),
    sizes: sides,
    ratios: v.optional(sides, [0.5, 1, 2]),
  }),
  v.strictObject({ from: v.literal('file') }),
]);

const network = v.strictObject({
  inputWidth: v.optional(inputSide, 320),
  inputHeight: v.optional(inputSide, 240),
  mean: v.optional(whole(0, 255), 128),
  std: v.optional(positive, 64),
  widths: v.optional(v.strictTuple([whole(1, 1024), whole(1, 1024), whole(1, 1024)]), [32, 48, 80]),
  features: v.optional(whole(1, 1024), 64),
  proposalWidth: v.optional(whole(1, 1024), 48),
  anchors: v.optional(v.strictObject({ sizes: sides, ratios: sides }), {
    sizes: [14, 26, 46, 80],
    ratios: [0.5, 1, 2],
  }),
  proposals: v.optional(v.strictObject(stageKeys), {
    preNmsTop: 1500,
    nmsThreshold: 0.75,
    numProposals: 400,
    minSize: 4,
  }),
  pooledSize: v.optional(whole(1, 32), 5),
  samplingRatio: v.optional(whole(1, 8), 1),
  hidden: v.optional(v.pipe(v.array(whole(1, 8192)), v.maxLength(8)), [128, 96]),
});

const schedule = v.strictObject({
  epochs: whole(1, 100_000),
  learningRate: v.optional(positive, 0.02),
  momentum: v.optional(v.pipe(finite, v.minValue(0), v.ltValue(1)), 0.9),
  weightDecay: v.optional(v.pipe(finite, v.minValue(0)), 1e-4),
  /** Steps. */
  warmup: v.optional(whole(0, 1_000_000), 100),
  /** Epochs, may be broken. */
  drops: v.optional(v.array(v.pipe(finite, v.minValue(0))), []),
});

const rule = v.strictObject({
  count: whole(1, 100_000),
  fgFraction: share,
  fgThreshold: share,
  bgThreshold: share,
  lowQualityMatches: v.boolean(),
});

/** Options of mining; the images a minibatch have a key of their own. The list of options itself checks them. */
export type SamplerOptions = Partial<Omit<MiningConfig, 'imagesPerBatch'>>;
const sampler: v.GenericSchema<SamplerOptions, { readonly preset: PresetId } & Record<string, unknown>> = v.looseObject(
  {
    preset: v.exactOptional(v.picklist(PRESET_IDS), 'paper'),
  },
);

export const trainConfig = v.strictObject({
  data: dataset,
  validation: v.optional(dataset),
  /** Folder with `ohem.json` to go on from. */
  init: v.optional(name),
  network: v.optional(network, {}),
  /** Draw the head anew, though `init` knows all classes. */
  newHead: v.optional(v.boolean(), false),
  frozenBody: v.optional(v.boolean(), false),
  /** Of a frozen body: keep the pooled features of every RoI, in half precision, in place of feature maps. */
  keepPooled: v.optional(v.boolean(), false),
  proposals: v.optional(proposals, { from: 'stage' }),
  sampler: v.optional(sampler, {}),
  /** `focal` goes with preset `all`: it weighs every RoI in place of choosing. */
  classLoss: v.optional(v.picklist(TRAINED_LOSSES), 'cross-entropy'),
  /** Most of the budget that may be foreground; absent: as the preset has it. */
  foregroundQuota: v.optional(share),
  /** Epochs at the start, may be broken, whose RoIs are drawn as by preset `random`. */
  randomEpochs: v.optional(v.pipe(finite, v.minValue(0)), 0),
  /** Share of the budget that the foreground of a mean step must stay below, counted before; needs fixed proposals. */
  foregroundBelow: v.optional(positive),
  bootstrap: v.optional(
    v.strictObject({ evictThreshold: v.optional(share, 0.3), epochsPerRound: v.optional(whole(1, 100_000), 1) }),
    {},
  ),
  anchorRule: v.optional(rule, {
    count: 192,
    fgFraction: 0.5,
    fgThreshold: 0.6,
    bgThreshold: 0.3,
    lowQualityMatches: true,
  }),
  imagesPerBatch: v.optional(whole(1, 256), 2),
  schedule,
  flip: v.optional(v.boolean(), true),
  seed: v.optional(whole(0, 2 ** 32 - 1), 0),
  out: name,
  /** Steps between two lines of the log. */
  logEvery: v.optional(whole(1, 1_000_000), 20),
  /** Epochs between two evaluations. */
  evaluateEvery: v.optional(whole(1, 100_000), 1),
  /** `cpu` is JavaScript: for networks of a few thousand weights. */
  backend: v.optional(v.picklist(['tensorflow', 'cpu']), 'tensorflow'),
  featureCacheMiB: v.optional(whole(0, 1 << 20), 1024),
});

/** As it is written: what is left out has its default. */
export type TrainConfigFile = v.InferInput<typeof trainConfig>;
