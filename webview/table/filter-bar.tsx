import { useSignal } from '@preact/signals';
import { STATUS_NAMES } from '../../src/core/tables.js';
import { GROUNDS, isFiltered, NO_FILTERS, type Ground } from '../rows/filters.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { className, STATUS_WORDS } from '../rows/roi-text.js';
import { IconButton } from '../chrome/icon-button.js';
import { WordSelect } from '../chrome/word-select.js';
import { VerdictSelect } from './verdict-select.js';
import { t } from '../words/t.js';

const GROUND_WORDS: Readonly<Record<Ground, string>> = {
  all: t('fg + bg'),
  foreground: t('foreground'),
  background: t('background'),
};

/** Narrows list and canvas by class name; on demand by label, ground and status. */
export function FilterBar() {
  const { model, actions } = usePanel();
  const filters = model.filters.value;
  const open = useSignal(isFiltered({ ...filters, text: '' }));
  return (
    <div class="filters" role="search" aria-label={t('Filter RoIs')}>
      <input
        type="search"
        class="filter-text"
        placeholder={t('Filter by class name')}
        aria-label={t('Filter by class name')}
        data-testid="filter-text"
        value={filters.text}
        onInput={(event) => actions.setFilters({ text: event.currentTarget.value })}
      />
      <IconButton
        icon="filter"
        label={t('Filter by label, ground, status and verdict')}
        testId="filter-more"
        pressed={open.value}
        onClick={() => (open.value = !open.value)}
      />
      {open.value && (
        <div class="filter-more">
          <LabelSelect />
          <GroundSelect />
          <StatusSelect />
          <VerdictSelect />
        </div>
      )}
      {isFiltered(filters) && <FilterState />}
    </div>
  );
}

function FilterState() {
  const { model, actions } = usePanel();
  const numPassed = model.passes.value.reduce((sum, pass) => sum + pass, 0);
  return (
    <span class="filter-state">
      {t('{0} of {1} RoIs', formatCount(numPassed), formatCount(model.passes.value.length))}
      <IconButton
        icon="close"
        label={t('Clear the filters')}
        testId="filter-clear"
        onClick={() => actions.setFilters(NO_FILTERS)}
      />
    </span>
  );
}

function GroundSelect() {
  const { model, actions } = usePanel();
  return (
    <WordSelect
      ids={GROUNDS}
      wordOf={(ground) => GROUND_WORDS[ground]}
      value={model.filters.value.ground}
      onPick={(ground) => actions.setFilters({ ground })}
      testId="filter-ground"
      label={t('Foreground or background')}
    />
  );
}

/** The labels that occur in the image, with the background. */
function LabelSelect() {
  const { model, actions } = usePanel();
  const [image, classes, chosen] = [model.image.value, model.classes.value, model.filters.value.label];
  const present = new Set(image?.rois.gtClass.filter((label) => label >= 0));
  if (chosen !== null) present.add(chosen);
  return (
    <select
      aria-label={t('Label')}
      data-testid="filter-label"
      value={chosen ?? ''}
      onChange={(event) =>
        actions.setFilters({ label: event.currentTarget.value === '' ? null : Number(event.currentTarget.value) })
      }
    >
      <option value="">{t('any label')}</option>
      {[...present]
        .sort((a, b) => a - b)
        .map((label) => (
          <option key={label} value={label}>
            {className(label, classes)}
          </option>
        ))}
    </select>
  );
}

function StatusSelect() {
  const { model, actions } = usePanel();
  const pick = (value: string) => actions.setFilters({ status: STATUS_NAMES.find((id) => id === value) ?? null });
  return (
    <select
      aria-label={t('Status')}
      data-testid="filter-status"
      value={model.filters.value.status ?? ''}
      onChange={(event) => pick(event.currentTarget.value)}
    >
      <option value="">{t('any status')}</option>
      {STATUS_NAMES.map((id, code) => (
        <option key={id} value={id}>
          {STATUS_WORDS[code]}
        </option>
      ))}
    </select>
  );
}
