import { useComputed } from '@preact/signals';
import { DECIDED_IDS, type Decided } from '../../src/core/triage/decisions.js';
import { formatCount } from '../rows/format.js';
import { decisionOnRow } from '../state/decision-now.js';
import { usePanel } from '../state/panel-context.js';
import { t, tListed } from '../words/t.js';

/** Filters rows by what was decided on them, with counts; nothing while nobody has decided anything. */
export function VerdictSelect() {
  const { model, actions } = usePanel();
  const counts = useComputed(() => {
    const counts = new Map<Decided, number>();
    for (let row = 0; row < (model.rois.value?.numRois ?? 0); row++) {
      const decided = decisionOnRow(model, row)?.verdict ?? 'undecided';
      counts.set(decided, (counts.get(decided) ?? 0) + 1);
    }
    return counts;
  }).value;
  const { verdict } = model.filters.value;
  if (model.decide.all.value.decisions.length === 0 && verdict === null) return null;
  return (
    <select
      aria-label={t('Verdict')}
      data-testid="filter-verdict"
      value={verdict ?? ''}
      onChange={(event) => {
        const { value } = event.currentTarget;
        actions.setFilters({ verdict: DECIDED_IDS.find((id) => id === value) ?? null });
      }}
    >
      <option value="">{t('any verdict')}</option>
      {DECIDED_IDS.filter((id) => counts.has(id) || id === verdict).map((id) => (
        <option key={id} value={id}>
          {tListed(id)} ({formatCount(counts.get(id) ?? 0)})
        </option>
      ))}
    </select>
  );
}
