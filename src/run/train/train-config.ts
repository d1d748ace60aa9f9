/** The configuration of `ohem train`: YAML, every key checked, docs/training.md. */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { parse } from 'yaml';
import { MiningError, show } from '../../core/mining-error.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { resolveConfig } from '../../core/mining/select.js';
import { OPTION_KEYS } from '../../core/mining/mining-options.js';
import { PRESET_IDS } from '../../core/mining/samplers/index.js';

const whole = (least: number, most: number) => v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
const finite = v.pipe(v.number(), v.finite());
const positive = v.pipe(finite, v.gtValue(0));
const share = v.pipe(finite, v.minValue(0), v.maxValue(1));
const name = v.pipe(v.string(), v.nonEmpty());
const sides = v.pipe(v.array(positive), v.minLength(1), v.maxLength(32));
/** The network halves its input four times. */
const inputSide = v.pipe(whole(32, 4096), v.multipleOf(16));

const dataset = v.strictObject({
  path: name,
  images: v.optional(name),
  split: v.optional(name),
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

const schema = v.strictObject({
  data: dataset,
  validation: v.optional(dataset),
  /** Folder with `ohem.json` to go on from. */
  init: v.optional(name),
  network: v.optional(network, {}),
  frozenBody: v.optional(v.boolean(), false),
  proposals: v.optional(proposals, { from: 'stage' }),
  sampler: v.optional(v.looseObject({ preset: v.optional(v.picklist(PRESET_IDS), 'paper') }), {}),
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

export type DatasetConfig = v.InferOutput<typeof dataset>;
/** A checked configuration; paths are absolute. */
export type TrainConfig = Omit<v.InferOutput<typeof schema>, 'sampler'> & { readonly mining: MiningConfig };

/**
 * Reads a configuration; relative paths in it start at its folder.
 * @throws MiningError 'options' that names the first key that does not fit.
 */
export async function readTrainConfig(file: string): Promise<TrainConfig> {
  const path = resolve(file);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new MiningError(
      'options',
      '--config',
      'a YAML file',
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : String(error),
      { file: path },
    );
  });
  return checkTrainConfig(parseYaml(text, path), path);
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new MiningError(
      'options',
      '--config',
      'YAML',
      error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error),
      { file },
    );
  }
}

/**
 * Checks a parsed configuration.
 * @param file where it stood, absolute.
 * @throws MiningError 'options' that names the first key that does not fit.
 */
export function checkTrainConfig(value: unknown, file: string): TrainConfig {
  const result = v.safeParse(schema, value);
  if (!result.success) throw firstFault(result.issues[0], file);
  const { sampler, ...config } = result.output;
  const at = (path: string) => resolve(dirname(file), path);
  const placed = (set: DatasetConfig): DatasetConfig => ({
    ...set,
    path: at(set.path),
    ...(set.images === undefined ? {} : { images: at(set.images) }),
    ...(set.proposals === undefined ? {} : { proposals: at(set.proposals) }),
  });
  return {
    ...config,
    data: placed(config.data),
    ...(config.validation === undefined ? {} : { validation: placed(config.validation) }),
    ...(config.init === undefined ? {} : { init: at(config.init) }),
    out: at(config.out),
    mining: miningOf(sampler, config.imagesPerBatch, file),
  };
}

/** Options of the sampler are those of mining, by the names of the list; images a batch have one place of their own. */
function miningOf(
  { preset, ...options }: { readonly preset: MiningConfig['preset'] } & Record<string, unknown>,
  imagesPerBatch: number,
  file: string,
): MiningConfig {
  const unknown = Object.keys(options).find(
    (key) => key === 'imagesPerBatch' || !OPTION_KEYS.some((known) => known === key),
  );
  if (unknown !== undefined) {
    const known = OPTION_KEYS.filter((key) => key !== 'imagesPerBatch').join(', ');
    throw new MiningError('options', `sampler.${unknown}`, `one of preset, ${known}`, 'an unknown key', { file });
  }
  return resolveConfig(preset, { ...options, imagesPerBatch });
}

function firstFault(issue: v.BaseIssue<unknown>, file: string): MiningError {
  const key = v.getDotPath(issue);
  const expected = issue.expected === 'never' ? 'no such key' : (issue.expected ?? issue.message);
  const received = issue.input === undefined ? 'nothing' : show(issue.input);
  return new MiningError('options', key ?? 'configuration', expected, received, { file });
}
