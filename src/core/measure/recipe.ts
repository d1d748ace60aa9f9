/** How a measure is named wherever it is shown: exactly what was computed, short. */
import { assignerOf } from '../assign/index.js';
import { locLossSpec } from '../losses/box/index.js';
import type { ClsLossId } from '../losses/class/index.js';
import { LEFT_OUT } from './measure-config.js';
import type { ClassificationMeasure, MeasureConfig } from './measure-config.js';

/** Class losses that are negative log-likelihoods. */
const LIKELIHOODS: readonly ClsLossId[] = ['cross-entropy', 'bce'];

/**
 * `tal(α 0.5, β 6, k 10) · bce 0.5 to soft targets + ciou 7.5, without dfl`. Neither a weight of 1 nor an objectness
 * that should be 1 is said.
 */
export function recipeText(measure: MeasureConfig): string {
  const { clsLoss, clsLossWeight, clsTarget, backgroundWeight, locLoss, locLossWeight } = measure;
  const assigner = assignerOf(measure.assigner);
  const parameters = assigner.words?.(measure);
  const matched = parameters ? `${assigner.id}(${parameters})` : assigner.id;
  const classes = weighted(clsLoss, clsLossWeight) + (clsTarget === 'soft' ? ' to soft targets' : '');
  const background = backgroundWeight === 1 ? '' : ` (background × ${backgroundWeight})`;
  const box = weighted(locLossSpec(locLoss).words?.(measure) ?? locLoss, locLossWeight);
  const without = LEFT_OUT[measure.leftOut] === '' ? '' : `, without ${LEFT_OUT[measure.leftOut]}`;
  return `${matched} · ${classes}${objectnessText(measure)}${background} + ${box}${without}`;
}

/**
 * Is exp(-lossCls) the probability that the label's answers are right (docs/measures.md)? Not of a focal or soft-target
 * loss, nor of a weighted one.
 */
export function tellsLikelihood(measure: MeasureConfig | ClassificationMeasure): boolean {
  if (!LIKELIHOODS.includes(measure.clsLoss)) return false;
  return (
    !('assigner' in measure) ||
    (measure.clsTarget === 'one' &&
      measure.clsLossWeight === 1 &&
      measure.backgroundWeight === 1 &&
      objectnessText(measure) === '')
  );
}

/** ` + objectness 2 to ciou (levels yolov5)`; '' for the usual one. */
function objectnessText({ objTarget, objLossWeight, objLevels }: MeasureConfig): string {
  const levels = objLevels === 'rows' ? '' : ` (levels ${objLevels})`;
  if (objTarget === 'one' && objLossWeight === 1 && levels === '') return '';
  return ` + ${weighted('objectness', objLossWeight)} to ${objTarget}${levels}`;
}

function weighted(term: string, weight: number): string {
  if (weight === 1) return term;
  return term.includes(' ') ? `(${term}) × ${weight}` : `${term} ${weight}`;
}
