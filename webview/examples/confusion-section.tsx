import { Section } from '../chrome/section.js';
import { confusedPairs, type ConfusedPair } from '../rows/confusion.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { className } from '../rows/roi-text.js';
import { ConfusionMatrix } from './confusion-matrix.js';

/** Pairs that are named beside the matrix. */
const MOST_PAIRS = 24;

/** Labels against predictions; every number filters the grid. */
export function ConfusionSection() {
  const { model } = usePanel();
  const { numJudged } = model.confusion.value;
  if (numJudged === 0) return null;
  return (
    <Section title="Confusion" class="section-confusion" aside={<Accuracy />} testId="confusion">
      <ConfusionMatrix />
      <PairList />
    </Section>
  );
}

function Accuracy() {
  const { model } = usePanel();
  const { numJudged, numRight } = model.confusion.value;
  return (
    <span data-testid="accuracy">
      {formatCount(numRight)} of {formatCount(numJudged)} right, {((100 * numRight) / numJudged).toFixed(2)} %
    </span>
  );
}

/** The most frequent mistakes, in words. */
function PairList() {
  const { model } = usePanel();
  const pairs = confusedPairs(model.confusion.value, MOST_PAIRS);
  if (pairs.length === 0) return <p class="quiet">No example is misclassified.</p>;
  return (
    <div class="pairs">
      <h3 class="pairs-title quiet">most confused</h3>
      <ul class="pair-list" aria-label="Most confused pairs">
        {pairs.map((pair) => (
          <Pair key={`${pair.label} ${pair.prediction}`} pair={pair} />
        ))}
      </ul>
    </div>
  );
}

function Pair({ pair: { label, prediction, count } }: { readonly pair: ConfusedPair }) {
  const { model, actions } = usePanel();
  const { filters, classes } = model;
  const on = filters.value.label === label && filters.value.prediction === prediction;
  const words = `${className(label, classes.value)} → ${className(prediction, classes.value, 'prediction')}`;
  return (
    <li>
      <button
        type="button"
        class="pair"
        aria-pressed={on}
        data-testid="confused-pair"
        onClick={() => actions.setFilters(on ? { label: null, prediction: null } : { label, prediction })}
      >
        <span class="pair-words">{words}</span> <span class="chip-count">{formatCount(count)}</span>
      </button>
    </li>
  );
}
