/**
 * How outputs and ground truth become losses. Part of the run's manifest: changing it needs the outputs again.
 * The CLI's `--measure`, the manifest's check and the docs follow from MEASURE_OPTIONS.
 */
import { ASSIGNER_IDS, ASSIGNERS } from '../assign/index.js';
import type { AssignerOptions } from '../assign/index.js';
import { LOC_LOSS_IDS, LOC_LOSSES } from '../losses/box/index.js';
import type { BoxLossOptions } from '../losses/box/index.js';
import { CLS_LOSS_IDS } from '../losses/class/index.js';
import type { ScoreForm } from '../losses/detector-output.js';
import { OBJECTNESS_OPTIONS } from './objectness.js';
import { MiningError, show } from '../mining-error.js';
import { said, type Phrase } from '../said.js';
import { checkValue, choice, real } from '../option-specs.js';
import type { OptionSpecs, ValuesOf } from '../option-specs.js';
import { ROI_BOX_IDS } from '../tables.js';

/** What trainings add to their loss that no export tells, and how a recipe says so. */
export const LEFT_OUT = {
  nothing: '',
  dfl: 'dfl',
  'level-weights': 'level weights',
  auxiliary: 'auxiliary layers',
  denoising: 'auxiliary layers and denoising queries',
  detections: 'suppressed candidates and the scores of other classes',
  'fgl-ddf': 'fgl, ddf, auxiliary layers and denoising queries',
} as const satisfies Readonly<Record<string, Phrase>>;

const GENERAL = {
  assigner: choice('Assigner', 'which ground truth a RoI was asked to become', ASSIGNER_IDS, 'max-iou'),
  clsLoss: choice('Class loss', 'loss of the class scores', CLS_LOSS_IDS, 'cross-entropy'),
  clsTarget: choice(
    'Class target',
    'what the class score of foreground should be: 1, or the assigner’s soft target, else the IoU of the regressed box',
    ['one', 'soft'],
    'one',
  ),
  clsLossWeight: real('Class weight', 'factor of the class loss', 1, 0, 1000),
  ...OBJECTNESS_OPTIONS,
  backgroundWeight: real(
    'Background weight',
    'further factor of the class and objectness loss of background',
    1,
    0,
    1000,
  ),
  locLoss: choice('Box loss', 'loss of the box of foreground', LOC_LOSS_IDS, 'smooth-l1'),
  locLossWeight: real('Box weight', 'factor of the box loss', 1, 0, 1000),
  leftOut: choice(
    'Left out',
    'what the training’s loss had beside it and no export tells: named in the recipe, not computed',
    Object.keys(LEFT_OUT) as (keyof typeof LEFT_OUT)[],
    'nothing',
  ),
  roiBox: choice('RoI box', 'box that is compared with ground truth and by mining NMS', ROI_BOX_IDS, 'region'),
  ignoreThreshold: real(
    'Ignore overlap',
    'a background RoI is ignored from this overlap with a crowd or difficult object (intersection over RoI area)',
    0.5,
    0,
    1,
  ),
};

/** What a detection run's losses depend on: what is common, then what assigners and losses declare themselves. */
export type MeasureConfig = ValuesOf<typeof GENERAL & AssignerOptions & BoxLossOptions>;
export type MeasureKey = keyof MeasureConfig;

export const MEASURE_OPTIONS = {
  ...GENERAL,
  ...Object.fromEntries([...ASSIGNERS, ...LOC_LOSSES].flatMap(({ own = {} }) => Object.entries(own))),
} as OptionSpecs & Readonly<Record<MeasureKey, OptionSpecs[string]>>;

export const MEASURE_KEYS = Object.keys(MEASURE_OPTIONS) as readonly MeasureKey[];

/**
 * The options' defaults are Fast R-CNN's: maximum IoU at .5 with bg_lo = 0 on the proposals, cross-entropy and smooth
 * L1 with beta 1.
 */
export const FAST_RCNN_MEASURE = Object.freeze(
  Object.fromEntries(MEASURE_KEYS.map((key) => [key, MEASURE_OPTIONS[key].default])),
) as unknown as MeasureConfig;

/** What the losses of a run depend on, by its task: a classifier's images are their own labels, nothing is assigned. */
export type DetectionMeasure = MeasureConfig & { readonly scoreForm: ScoreForm };
export interface ClassificationMeasure {
  readonly clsLoss: 'cross-entropy';
  readonly scoreForm: ScoreForm;
}

/** A run's measure as a configuration, which others could be measured by. */
export function configOf({ scoreForm: _scoreForm, ...config }: DetectionMeasure): MeasureConfig {
  return config;
}

/**
 * A whole configuration: a family's own, with a person's changes. Undefined stands for "not changed".
 * @throws MiningError 'options' for an unknown key or a value out of its range.
 */
export function resolveMeasure(
  defaults: MeasureConfig,
  changes: Readonly<Partial<Record<MeasureKey, unknown>>> = {},
): MeasureConfig {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  const checked = given.map(([key, value]) => [key, checkMeasureOption(key, value)]);
  return { ...defaults, ...Object.fromEntries(checked) };
}

/**
 * Checks one value.
 * @returns the value.
 * @throws MiningError 'options' that names the key and its range.
 */
export function checkMeasureOption(key: string, value: unknown): number | string | boolean | null {
  const known = MEASURE_KEYS.find((name) => name === key);
  if (known === undefined)
    throw new MiningError(
      'options',
      said`measure ${show(key)}`,
      said`one of ${MEASURE_KEYS.join(', ')}`,
      'an unknown key',
    );
  return checkValue(known, MEASURE_OPTIONS[known], value);
}
