/**
 * The one list of mining options. The CLI's `--help`, the settings in package.json, the panel's controls and
 * `ohem sample`'s flags are made from it; nothing else names a default or a range.
 *
 * Sources of the defaults: docs/semantics.md, each preset's own file in `samplers/`.
 */
import { MiningError, show } from '../mining-error.js';

export const PRESET_IDS = [
  'paper',
  'released-code',
  'top-b',
  'top-rate',
  'mmdet',
  'tf-od',
  'ssd',
  'random',
  'bg-lo',
  'bootstrap',
  'all',
] as const;
export type PresetId = (typeof PRESET_IDS)[number];

export const RANK_BY = ['total', 'class', 'box'] as const;
export type RankBy = (typeof RANK_BY)[number];

/** Every option of every preset, flat. A preset reads only the keys that its sampler lists. */
export interface MiningConfig {
  readonly preset: PresetId;
  readonly rankBy: RankBy;
  readonly batchSize: number;
  readonly imagesPerBatch: number;
  /** null: the batch size decides. */
  readonly keepRate: number | null;
  readonly nmsThreshold: number;
  readonly sigma: number;
  readonly seed: number;
  readonly num: number;
  readonly posFraction: number;
  readonly negPosUb: number;
  readonly numHardExamples: number;
  readonly maxNegativesPerPositive: number;
  readonly minNegativesPerImage: number;
  readonly clsWeight: number;
  readonly locWeight: number;
  readonly negPosRatio: number;
  readonly negOverlap: number;
  readonly bgLo: number;
  readonly bgHi: number;
  readonly scoreThreshold: number;
}
export type OptionKey = Exclude<keyof MiningConfig, 'preset'>;

export interface NumberOption {
  readonly kind: 'integer' | 'real';
  readonly min: number;
  readonly max: number;
  /** The least value is itself out of range: (min, max]. */
  readonly minExclusive?: boolean;
  readonly step: number;
  /** null stands for "not set" and needs `nullable`. */
  readonly default: number | null;
  readonly nullable?: boolean;
  readonly label: string;
  readonly help: string;
}
export interface ChoiceOption {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default: string;
  readonly label: string;
  readonly help: string;
}
export type OptionSpec = NumberOption | ChoiceOption;

const integer = (label: string, help: string, value: number, min: number, max: number): NumberOption => ({
  kind: 'integer',
  label,
  help,
  default: value,
  min,
  max,
  step: 1,
});
const real = (label: string, help: string, value: number, min: number, max: number, step = 0.01): NumberOption => ({
  kind: 'real',
  label,
  help,
  default: value,
  min,
  max,
  step,
});

/** In the order in which a person meets them. */
export const OPTIONS: Readonly<Record<OptionKey, OptionSpec>> = {
  batchSize: integer('Batch size B', 'RoIs that train in one minibatch', 128, 0, 1_000_000),
  imagesPerBatch: integer('Images per batch N', 'images that share one minibatch', 2, 1, 4096),
  keepRate: {
    kind: 'real',
    label: 'Keep rate',
    help: 'share of the valid RoIs that is kept; replaces the batch size where it is set',
    default: null,
    nullable: true,
    min: 0,
    minExclusive: true,
    max: 1,
    step: 0.01,
  },
  nmsThreshold: real(
    'Mining NMS IoU',
    'a RoI is suppressed when a harder one overlaps it by more than this IoU',
    0.7,
    0,
    1,
  ),
  rankBy: {
    kind: 'choice',
    choices: RANK_BY,
    default: 'total',
    label: 'Rank by',
    help: 'loss that orders the RoIs: total (class + box of foreground), class, or box',
  },
  sigma: real(
    'Smooth L1 sigma',
    'beta = 1 / sigma² of smooth L1; used where deltas are given instead of losses',
    1,
    1e-3,
    1000,
  ),
  seed: integer('Seed', 'seed of random samplers', 0, 0, 0xffff_ffff),
  num: integer('RoIs per image', 'RoIs sampled per image (mmdet: num)', 512, 0, 1_000_000),
  posFraction: real('Positive fraction', 'largest share of foreground among the sampled', 0.25, 0, 1),
  negPosUb: real(
    'Negatives per positive (bound)',
    'most negatives per positive; -1 is no bound (mmdet: neg_pos_ub)',
    -1,
    -1,
    1000,
    1,
  ),
  numHardExamples: integer(
    'Hard examples per image',
    'RoIs kept per image by the loss NMS; 0 is no limit',
    64,
    0,
    1_000_000,
  ),
  maxNegativesPerPositive: real(
    'Negatives per positive',
    'most negatives kept per positive; 0 is no limit',
    0,
    0,
    1000,
    1,
  ),
  minNegativesPerImage: integer('Least negatives', 'negatives kept in an image without positives', 0, 0, 1_000_000),
  clsWeight: real('Class loss weight', 'weight of the class loss in the ranking', 0.05, 0, 1000),
  locWeight: real('Box loss weight', 'weight of the box loss in the ranking', 0.06, 0, 1000),
  negPosRatio: real('Negatives per positive', 'hardest negatives kept per positive', 3, 0, 1000, 0.5),
  negOverlap: real('Negative overlap', 'a negative must overlap every ground truth by less than this IoU', 0.5, 0, 1),
  bgLo: real('Background IoU from', 'least IoU of a background RoI that may be drawn (bg_lo)', 0.1, 0, 1),
  bgHi: real(
    'Background IoU below',
    'a background RoI that may be drawn overlaps every ground truth by less than this IoU',
    0.5,
    0,
    1,
  ),
  scoreThreshold: real('Score threshold', 'a negative is hard above this class score', 0.5, 0, 1),
};

export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[];

/** The defaults, before a preset's own. */
export const DEFAULT_CONFIG: MiningConfig = Object.freeze({
  preset: 'paper',
  ...Object.fromEntries(OPTION_KEYS.map((key) => [key, OPTIONS[key].default])),
}) as unknown as MiningConfig;

/** `batchSize` -> `batch-size`: the flag of the CLI. */
export function flagOf(key: OptionKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Checks one value of an option.
 * @returns the value.
 * @throws MiningError 'options' that names the option and its range.
 */
export function checkOption(key: OptionKey, value: unknown): number | string | null {
  const spec = OPTIONS[key];
  if (spec.kind === 'choice') {
    if (typeof value === 'string' && spec.choices.includes(value)) return value;
    throw new MiningError('options', flagOf(key), `one of ${spec.choices.join(', ')}`, show(value));
  }
  if (value === null && spec.nullable) return null;
  const valid =
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (spec.kind === 'real' || Number.isInteger(value)) &&
    (spec.minExclusive ? value > spec.min : value >= spec.min) &&
    value <= spec.max;
  if (!valid) throw new MiningError('options', flagOf(key), rangeOf(spec), show(value));
  return value;
}

/** `an integer in [0, 1000000]`, `a number in (0, 1]`. */
export function rangeOf(spec: NumberOption): string {
  const noun = spec.kind === 'integer' ? 'an integer' : 'a number';
  return `${noun} in ${spec.minExclusive ? '(' : '['}${spec.min}, ${spec.max}]`;
}

/** @throws MiningError 'options' for an unknown preset. */
export function checkPreset(value: unknown): PresetId {
  const preset = PRESET_IDS.find((id) => id === value);
  if (preset === undefined) throw new MiningError('options', 'preset', `one of ${PRESET_IDS.join(', ')}`, show(value));
  return preset;
}
