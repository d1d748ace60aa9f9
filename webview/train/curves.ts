/** The curves of a training as columns: what is measured, made smooth where it is noisy, and said in words. */
import type { EpochPoint, StepsPoint, TrainingPoint } from '../../src/protocol/train-messages.js';
import { formatLoss, formatShare } from '../rows/format.js';
import { t } from '../words/t.js';

export type CurveId = 'selectedLoss' | 'allRoiLoss' | 'coco50' | 'coco' | 'foreground';

export interface Curve {
  readonly id: CurveId;
  readonly name: string;
  /** P values; null where it was not measured. */
  readonly values: readonly (number | null)[];
  /** P values of its course without the noise; null: it is drawn as it is. */
  readonly smooth: readonly (number | null)[] | null;
}

/** Curves over the same steps. */
export interface CurveSet {
  /** P steps, ascending. */
  readonly steps: readonly number[];
  readonly curves: readonly Curve[];
}

/** From so many points on there is noise to be seen through. */
const FEWEST_NOISY = 12;
/** Points that a running mean looks over: a share of all of them. */
const WINDOW_SHARE = 1 / 15;

/** Loss of the selected RoIs, which train, and mean loss over all of them. */
export function lossCurves(points: readonly TrainingPoint[]): CurveSet {
  const lines = points.filter(isSteps);
  return {
    steps: lines.map(({ step }) => step),
    curves: [
      curve(
        'selectedLoss',
        t('selected RoIs'),
        lines.map((line) => line.selectedLoss),
      ),
      curve(
        'allRoiLoss',
        t('all RoIs'),
        lines.map((line) => line.allRoiLoss),
      ),
    ],
  };
}

/** Share of foreground among the selected. */
export function foregroundCurves(points: readonly TrainingPoint[]): CurveSet {
  const lines = points.filter(isSteps);
  return {
    steps: lines.map(({ step }) => step),
    curves: [
      curve(
        'foreground',
        t('foreground'),
        lines.map((line) => line.foregroundShare),
      ),
    ],
  };
}

/** Average precision before the first step and after each epoch that was evaluated. */
export function precisionCurves(points: readonly TrainingPoint[]): CurveSet {
  const lines = points.filter((point): point is EpochPoint => point.event === 'epoch' && point.validation !== null);
  const plain = (id: CurveId, name: string, values: readonly (number | null)[]): Curve => ({
    id,
    name,
    values,
    smooth: null,
  });
  return {
    steps: lines.map(({ step }) => step),
    curves: [
      plain(
        'coco50',
        t('IoU .5'),
        lines.map(({ validation }) => validation?.coco50 ?? null),
      ),
      plain(
        'coco',
        t('IoU .5 to .95'),
        lines.map(({ validation }) => validation?.coco ?? null),
      ),
    ],
  };
}

function isSteps(point: TrainingPoint): point is StepsPoint {
  return point.event === 'steps';
}

function curve(id: CurveId, name: string, values: readonly (number | null)[]): Curve {
  return { id, name, values, smooth: values.length < FEWEST_NOISY ? null : runningMean(values) };
}

/** Mean over a window that ends at each value: nothing of what comes is used. */
export function runningMean(
  values: readonly (number | null)[],
  window = Math.max(3, Math.round(values.length * WINDOW_SHARE)),
): (number | null)[] {
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - window + 1), i + 1).filter((one) => one !== null);
    return near.reduce((sum, one) => sum + one, 0) / near.length;
  });
}

const FORMATS: Readonly<Record<CurveId, (value: number) => string>> = {
  selectedLoss: formatLoss,
  allRoiLoss: formatLoss,
  coco50: (value) => formatShare(value, 3),
  coco: (value) => formatShare(value, 3),
  foreground: (value) => `${Math.round(100 * value)} %`,
};

/** A value as words; "–" where there is none. */
export function curveValue(id: CurveId, value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : FORMATS[id](value);
}

/** A number beside an axis: as short as its steps allow. */
export function axisValue(id: CurveId, value: number): string {
  return id === 'foreground' ? FORMATS.foreground(value) : String(Number(value.toPrecision(3)));
}

/** One place of the curves: "step 12: selected RoIs 1.99, all RoIs 0.63". */
export function placeText({ steps, curves }: CurveSet, index: number): string {
  const said = curves.map(({ id, name, values }) => `${name} ${curveValue(id, values[index])}`);
  return t('step {0}: {1}', steps[index] ?? 0, said.join(', '));
}

/** A whole curve in a sentence, for those who do not see it. */
export function curveText({ id, name, values }: Curve, steps: readonly number[]): string {
  const known = steps.flatMap((step, i) => {
    const value = values[i];
    return value === null || value === undefined ? [] : [{ value, step }];
  });
  const [first, last] = [known[0], known.at(-1)];
  if (first === undefined || last === undefined) return t('{0}: nothing yet', name);
  const least = known.reduce((a, b) => (b.value < a.value ? b : a));
  const most = known.reduce((a, b) => (b.value > a.value ? b : a));
  const words = ({ value, step }: { value: number; step: number }) => t('{0} at step {1}', curveValue(id, value), step);
  return known.length === 1
    ? t('{0}: {1}', name, words(first))
    : t('{0}: from {1} to {2}, least {3}, most {4}', name, words(first), words(last), words(least), words(most));
}
