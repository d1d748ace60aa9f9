import { ColourBar, MarkKeys } from '../canvas/legend.js';
import { usePanel } from '../state/panel-context.js';
import { ConfusionSection } from './confusion-section.js';
import { ExampleGrid } from './example-grid.js';
import { ExampleToolbar } from './example-toolbar.js';
import { t } from '../words/t.js';

/** In place of the picture: all examples of a classification run, and where they are confused. */
export function ExampleRoom() {
  return (
    <main class="room">
      <ExampleToolbar />
      <ExampleGrid />
      <Confusion />
      <ExampleLegend />
    </main>
  );
}

function Confusion() {
  const { model, actions } = usePanel();
  const { label, prediction } = model.filters.value;
  return (
    <ConfusionSection
      confusion={model.confusion.value}
      classes={model.classes.value}
      label={label}
      prediction={prediction}
      onPick={actions.setFilters}
    />
  );
}

function ExampleLegend() {
  const { model } = usePanel();
  return (
    <div class="legend" data-testid="legend">
      {model.overlay.value === null ? <StatusKeys /> : <MarkKeys />}
      <span>{t('label → prediction, bold where they differ')}</span>
    </div>
  );
}

function StatusKeys() {
  return (
    <>
      <ColourBar />
      <span>
        <span class="mark mark-selected" aria-hidden="true" /> {t('selected')}
      </span>
      <span>
        <span class="mark mark-below-budget" aria-hidden="true" /> {t('below budget')}
      </span>
    </>
  );
}
