/** How a measure is named wherever it is shown: exactly what was computed, short. */
import { assignerOf } from '../assign/index.js';
import { asSaid, inWords, said, type Said } from '../said.js';
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
  return inWords(recipe(measure));
}

/** The same for a reader of another language. */
export function recipe(measure: MeasureConfig): Said {
  const { leftOut, locLoss, locLossWeight } = measure;
  const assigner = assignerOf(measure.assigner);
  const parameters = assigner.words?.(measure);
  const matched = parameters ? `${assigner.id}(${parameters})` : assigner.id;
  const box = weighted(locLossSpec(locLoss).words?.(measure) ?? locLoss, locLossWeight);
  const whole = said`${matched} · ${classes(measure)} + ${box}`;
  return LEFT_OUT[leftOut] === '' ? whole : said`${whole}, without ${asSaid(LEFT_OUT[leftOut])}`;
}

/** `bce 0.5 to soft targets + objectness 2 to ciou (levels yolov5) (background × 0.4)` */
function classes(measure: MeasureConfig): string | Said {
  const { clsLoss, clsLossWeight, clsTarget, objTarget, objLossWeight, objLevels, backgroundWeight } = measure;
  let text: string | Said = weighted(clsLoss, clsLossWeight);
  if (clsTarget === 'soft') text = said`${text} to soft targets`;
  if (!isUsualObjectness(measure)) {
    const weight = objLossWeight === 1 ? '' : ` ${objLossWeight}`;
    text = said`${text} + objectness${weight} to ${objTarget}`;
    if (objLevels !== 'rows') text = said`${text} (levels ${objLevels})`;
  }
  return backgroundWeight === 1 ? text : said`${text} (background × ${backgroundWeight})`;
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
      isUsualObjectness(measure))
  );
}

function isUsualObjectness({ objTarget, objLossWeight, objLevels }: MeasureConfig): boolean {
  return objTarget === 'one' && objLossWeight === 1 && objLevels === 'rows';
}

function weighted(term: string, weight: number): string {
  if (weight === 1) return term;
  return term.includes(' ') ? `(${term}) × ${weight}` : `${term} ${weight}`;
}
