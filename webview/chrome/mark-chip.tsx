import { Mark, MARK_IDS, MARK_WORDS, type ComparisonFacts, type SelectedMark } from '../rows/comparison.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { t } from '../words/t.js';

const SELECTS: Readonly<Record<SelectedMark, string>> = {
  [Mark.both]: t('what both select'),
  [Mark.onlyA]: t('what only A selects'),
  [Mark.onlyB]: t('what only B selects'),
};

/** The switch of a mark, with its count. */
export function MarkChip({ mark }: { readonly mark: SelectedMark }) {
  const { model, actions } = usePanel();
  const facts = model.comparison.value?.facts;
  if (facts === undefined) return null;
  const on = model.markLayers.value[mark];
  const count = countOfMark(facts, mark);
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={on}
      data-testid={`mark-${MARK_IDS[mark]}`}
      data-count={count}
      data-empty={count === 0}
      title={on ? t('Hide {0} ({1})', SELECTS[mark], mark + 1) : t('Show {0} ({1})', SELECTS[mark], mark + 1)}
      onClick={() => actions.toggleMark(mark)}
    >
      <MarkIcon mark={mark} /> <span class="chip-words">{MARK_WORDS[mark]}</span>{' '}
      <span class="chip-count">{formatCount(count)}</span>
    </button>
  );
}

function countOfMark({ both, onlyA, onlyB }: ComparisonFacts, mark: SelectedMark): number {
  const counts: Readonly<Record<SelectedMark, number>> = [both, onlyA, onlyB];
  return counts[mark];
}

/** As on the picture: A a blue corner at the left, B an orange one at the right with dashes, both a plain frame. */
export function MarkIcon({ mark }: { readonly mark: SelectedMark }) {
  return <span class={`mark mark-${MARK_IDS[mark]}`} aria-hidden="true" />;
}
