import { Name } from '../chrome/name.js';
import { Section } from '../chrome/section.js';
import { confusedPairs, type ConfusedPair } from '../rows/confusion.js';
import { formatCount } from '../rows/format.js';
import { className } from '../rows/roi-text.js';
import { ConfusionMatrix, type PairFilter } from './confusion-matrix.js';
import { t } from '../words/t.js';

/** Pairs that are named beside the matrix. */
const MOST_PAIRS = 24;

/** Labels against predictions; every number filters the grid. */
export function ConfusionSection(pairs: PairFilter) {
  if (pairs.confusion.numJudged === 0) return null;
  return (
    <Section title={t('Confusion')} class="section-confusion" aside={<Accuracy {...pairs} />} testId="confusion">
      <ConfusionMatrix {...pairs} />
      <PairList {...pairs} />
    </Section>
  );
}

function Accuracy({ confusion: { numJudged, numRight } }: PairFilter) {
  return (
    <span data-testid="accuracy">
      {t(
        '{0} of {1} right, {2} %',
        formatCount(numRight),
        formatCount(numJudged),
        ((100 * numRight) / numJudged).toFixed(2),
      )}
    </span>
  );
}

/** The most frequent mistakes, in words. */
function PairList(pairs: PairFilter) {
  const most = confusedPairs(pairs.confusion, MOST_PAIRS);
  if (most.length === 0) return <p class="quiet">{t('Nothing is confused.')}</p>;
  return (
    <div class="pairs">
      <h3 class="pairs-title quiet">{t('most confused')}</h3>
      <ul class="pair-list" aria-label={t('Most confused pairs')}>
        {most.map((pair) => (
          <Pair key={`${pair.label} ${pair.prediction}`} pair={pair} pairs={pairs} />
        ))}
      </ul>
    </div>
  );
}

function Pair({ pair, pairs }: { readonly pair: ConfusedPair; readonly pairs: PairFilter }) {
  const { label, prediction, count } = pair;
  const { classes, onPick } = pairs;
  const on = pairs.label === label && pairs.prediction === prediction;
  const [given, predicted] = [className(label, classes), className(prediction, classes, 'prediction')];
  return (
    <li>
      <button
        type="button"
        class="pair"
        aria-pressed={on}
        title={`${given} → ${predicted}`}
        data-testid="confused-pair"
        onClick={() => onPick(on ? { label: null, prediction: null } : { label, prediction })}
      >
        <span class="pair-words">
          <Name>{given}</Name> → <Name>{predicted}</Name>
        </span>{' '}
        <span class="chip-count">{formatCount(count)}</span>
      </button>
    </li>
  );
}
