import { IconButton } from '../chrome/icon-button.js';
import { Section } from '../chrome/section.js';
import { shownOptions } from '../controls/option-use.js';
import { OptionRow } from '../controls/option-row.js';
import { otherSide } from '../controls/mining-side.js';
import { PresetRow } from '../controls/preset-row.js';
import { COMPARE_VIEWS, type CompareView } from '../rows/comparison.js';
import { usePanel } from '../state/panel-context.js';
import { FactsTable } from './facts-table.js';
import { RunComparisonView } from './run-comparison-view.js';
import { t } from '../words/t.js';

const VIEW_WORDS: Readonly<Record<CompareView, string>> = {
  overlay: t('One picture'),
  side: t('Side by side'),
};

/** B: the definition of "hard" beside A, and how the two differ. */
export function CompareSection() {
  const panel = usePanel();
  const { model, actions } = panel;
  const side = otherSide(panel);
  const comparison = model.comparison.value;
  if (model.compared.value === null) return null;
  return (
    <Section
      title={t('Compared with')}
      aside={
        <IconButton
          icon="close"
          label={t('Close the comparison')}
          testId="compare-close"
          onClick={actions.toggleCompare}
        />
      }
      testId="compare-section"
    >
      <PresetRow side={side} label="B" />
      {shownOptions(side.sampler, true, model.classification.value).map((key) => (
        <OptionRow key={key} option={key} side={side} />
      ))}
      {!model.classification.value && <ViewChoice />}
      <BatchNote />
      {comparison !== null && (
        <div data-testid="comparison">
          <FactsTable facts={comparison.facts} />
        </div>
      )}
      {!model.classification.value && <RunComparisonView />}
    </Section>
  );
}

function ViewChoice() {
  const { model, actions } = usePanel();
  return (
    <div class="button-row compare-view" role="group" aria-label={t('View')}>
      {COMPARE_VIEWS.map((view) => (
        <button
          key={view}
          type="button"
          class="text-button"
          aria-pressed={model.compareView.value === view}
          data-testid={`compare-${view}`}
          onClick={() => actions.setCompareView(view)}
        >
          {VIEW_WORDS[view]}
        </button>
      ))}
    </div>
  );
}

/** B may decide over other images than A. */
function BatchNote() {
  const { model } = usePanel();
  const batch = model.other.minibatch.value;
  const error = model.other.decision.value.error;
  if (error !== '') return <p class="option-error">{error}</p>;
  if (batch === null || batch.numWanted === 1 || model.classification.value) return null;
  const { numRead, numWanted } = batch;
  return (
    <p class="option-note">
      {t(
        'B ranks over a minibatch of {0} images, {1}–{2} of the file',
        numWanted,
        batch.range.start + 1,
        batch.range.end,
      )}
      {numRead < numWanted && `; ${t('{0} of its {1} images are read', numRead, numWanted)}`}
    </p>
  );
}
