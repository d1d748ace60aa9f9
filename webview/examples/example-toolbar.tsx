import { FilterPill } from '../chrome/filter-pill.js';
import { WordSelect } from '../chrome/word-select.js';
import { EXAMPLE_SORT_IDS, SORT_WORDS } from '../rows/example-order.js';
import { isFiltered, NO_FILTERS } from '../rows/filters.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { className, countRows } from '../rows/roi-text.js';
import { VerdictSelect } from '../table/verdict-select.js';
import { t } from '../words/t.js';

/** Order and filters of the grid. */
export function ExampleToolbar() {
  return (
    <div class="example-toolbar" role="toolbar" aria-label={t('Order and filters')}>
      <SortSelect />
      <TextFilter />
      <WrongToggle />
      <VerdictSelect />
      <ActiveFilters />
      <Counts />
    </div>
  );
}

function SortSelect() {
  const { model, actions } = usePanel();
  const by = model.exampleSort.value;
  return (
    <label class="example-sort" title={SORT_WORDS[by].help}>
      {t('Sort by')}{' '}
      <WordSelect
        ids={EXAMPLE_SORT_IDS}
        wordOf={(id) => SORT_WORDS[id].name}
        value={by}
        onPick={actions.setExampleSort}
        testId="example-sort"
      />
    </label>
  );
}

function TextFilter() {
  const { model, actions } = usePanel();
  return (
    <input
      type="search"
      class="example-text"
      placeholder={t('Filter by class name')}
      aria-label={t('Filter by class name')}
      data-testid="filter-text"
      value={model.filters.value.text}
      onInput={(event) => actions.setFilters({ text: event.currentTarget.value })}
    />
  );
}

function WrongToggle() {
  const { model, actions } = usePanel();
  const { numJudged, numRight } = model.confusion.value;
  const { wrong } = model.filters.value;
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={wrong}
      data-testid="only-wrong"
      data-count={numJudged - numRight}
      title={wrong ? t('Show all (W)') : t('Show misclassified only (W)')}
      onClick={actions.toggleWrong}
    >
      {t('misclassified')} <span class="chip-count">{formatCount(numJudged - numRight)}</span>
    </button>
  );
}

/** What the confusion matrix filters by, each with its way out. */
function ActiveFilters() {
  const { model, actions } = usePanel();
  const { label, prediction } = model.filters.value;
  const name = (id: number) => className(id, model.classes.value);
  return (
    <>
      {label !== null && (
        <FilterPill
          words={t('label {0}', name(label))}
          testId="filter-label"
          onClear={() => actions.setFilters({ label: null })}
        />
      )}
      {prediction !== null && (
        <FilterPill
          words={t('predicted {0}', name(prediction))}
          testId="filter-prediction"
          onClear={() => actions.setFilters({ prediction: null })}
        />
      )}
    </>
  );
}

function Counts() {
  const { model, actions } = usePanel();
  const shown = model.gridRows.value.length;
  const all = model.rois.value?.numRois ?? 0;
  return (
    <span class="example-count quiet" data-testid="example-count" data-shown={shown}>
      {shown === all ? countRows(all, 'example') : t('{0} of {1} examples', formatCount(shown), formatCount(all))}
      {isFiltered(model.filters.value) && (
        <button
          type="button"
          class="text-button"
          data-testid="filter-clear"
          title={t('Clear the filters (X)')}
          onClick={() => actions.setFilters(NO_FILTERS)}
        >
          {t('Clear')}
        </button>
      )}
    </span>
  );
}
