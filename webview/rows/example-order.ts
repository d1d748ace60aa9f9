/** The order in which a person meets examples. */
import { t } from '../words/t.js';

export const EXAMPLE_SORT_IDS = ['loss', 'entropy', 'margin', 'el2n'] as const;
export type ExampleSort = (typeof EXAMPLE_SORT_IDS)[number];
export type MeasureId = Exclude<ExampleSort, 'loss'>;

/** Name, and formula with source. */
export const SORT_WORDS: Readonly<Record<ExampleSort, { readonly name: string; readonly help: string }>> = {
  loss: { name: t('loss'), help: t('the loss that mining ranks by, hardest first') },
  entropy: { name: t('entropy'), help: t('entropy of the class scores, −Σ p ln p, nats; most undecided first') },
  margin: {
    name: t('margin'),
    help: t(
      'probability of the label minus the highest other score; most wrong first. Pleiss et al. 2020, ' +
        'arXiv 2001.10528, with probabilities in place of logits',
    ),
  },
  el2n: {
    name: 'EL2N',
    help: t(
      'L2 distance of the class scores from the one-hot label, largest first. Paul et al. 2021, arXiv 2107.07075',
    ),
  },
};

/** Whether small values come first. */
const ASCENDING: Readonly<Record<MeasureId, boolean>> = { entropy: false, margin: true, el2n: false };

/** A row's measures. */
export interface ExampleMeasures {
  readonly entropy: ArrayLike<number>;
  readonly margin: ArrayLike<number>;
  readonly el2n: ArrayLike<number>;
}

/**
 * All rows by a measure, hardest first; equal ones by row, rows without a number last.
 * Cost: n log n.
 */
export function orderByMeasure(measures: ExampleMeasures, by: MeasureId): Int32Array {
  const values = measures[by];
  const sign = ASCENDING[by] ? 1 : -1;
  const key = Float64Array.from(values, (value) => (Number.isNaN(value) ? Infinity : sign * value));
  return Int32Array.from(key.keys()).sort((a, b) => (key[a] === key[b] ? a - b : key[a] - key[b]));
}
