/** What of a measure can be changed: which of its options say something, and what fits the head. */
import { assignerOf } from '../../src/core/assign/index.js';
import { locLossSpec } from '../../src/core/losses/box/index.js';
import { CLS_LOSSES, clsLossSpec } from '../../src/core/losses/class/index.js';
import type { ScoreForm } from '../../src/core/losses/detector-output.js';
import { configOf, MEASURE_KEYS, MEASURE_OPTIONS } from '../../src/core/measure/measure-config.js';
import type { DetectionMeasure, MeasureConfig, MeasureKey } from '../../src/core/measure/measure-config.js';
import { OBJECTNESS_OPTIONS } from '../../src/core/measure/objectness.js';
import type { OptionSpecs } from '../../src/core/option-specs.js';
import type { FamilyRecipe } from '../../src/protocol/panel-messages.js';
import { t } from '../words/t.js';

type Spec = OptionSpecs[string];
type Activation = ScoreForm['activation'];

/** The options that this measure reads, in the order of its recipe. */
export function measureKeys(measure: MeasureConfig, activation: Activation): MeasureKey[] {
  const { takesSoftTarget } = clsLossSpec(measure.clsLoss);
  return [
    'assigner',
    ...keysOf(assignerOf(measure.assigner).own),
    'clsLoss',
    'clsLossWeight',
    ...(takesSoftTarget ? (['clsTarget'] as const) : []),
    ...(activation === 'sigmoid' ? keysOf(OBJECTNESS_OPTIONS) : []),
    'backgroundWeight',
    'locLoss',
    ...keysOf(locLossSpec(measure.locLoss).own),
    'locLossWeight',
    'roiBox',
    'ignoreThreshold',
  ];
}

function keysOf(own: object = {}): MeasureKey[] {
  return MEASURE_KEYS.filter((key) => key in own);
}

/** An option as this head takes it: of the class losses those of its activation. */
export function measureSpec(key: MeasureKey, activation: Activation): Spec {
  const spec = MEASURE_OPTIONS[key];
  if (key !== 'clsLoss' || spec.kind !== 'choice') return spec;
  const fitting = CLS_LOSSES.filter((loss) => loss.activation === activation).map(({ id }) => id);
  return { ...spec, choices: fitting };
}

/** The run's own measure first, then the recipes of other families whose class loss fits its head. */
export function recipesFor(own: DetectionMeasure, recipes: readonly FamilyRecipe[]): readonly FamilyRecipe[] {
  const measure = configOf(own);
  const fitting = recipes.filter(
    (other) =>
      clsLossSpec(other.measure.clsLoss).activation === own.scoreForm.activation &&
      !sameMeasure(other.measure, measure),
  );
  return [{ family: '', title: t('as this run'), measure }, ...fitting];
}

/** With one option changed, and what no longer fits it. */
export function changeMeasure(measure: MeasureConfig, key: MeasureKey, value: unknown): MeasureConfig {
  const changed = { ...measure, [key]: value } as MeasureConfig;
  const { takesSoftTarget } = clsLossSpec(changed.clsLoss);
  const { fgThreshold, bgThreshold } = changed;
  return {
    ...changed,
    clsTarget: takesSoftTarget ? changed.clsTarget : 'one',
    // The gap between the two must not turn round.
    fgThreshold: key === 'bgThreshold' ? Math.max(fgThreshold, bgThreshold) : fgThreshold,
    bgThreshold: key === 'fgThreshold' ? Math.min(fgThreshold, bgThreshold) : bgThreshold,
  };
}

/** Are two measures the same in every option? */
export function sameMeasure(a: MeasureConfig, b: MeasureConfig): boolean {
  return MEASURE_KEYS.every((key) => a[key] === b[key]);
}

/** `about 40 seconds`, `about 3 minutes`. */
export function durationText(seconds: number): string {
  if (seconds < 1.5) return t('about a second');
  if (seconds < 90) return t('about {0} seconds', Math.round(seconds));
  if (seconds < 5400) return t('about {0} minutes', Math.round(seconds / 60));
  return t('about {0} hours', Math.round(seconds / 3600));
}
