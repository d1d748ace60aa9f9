import type { InspectionState, RepairFacts } from '../../src/protocol/inspect-messages.js';
import { useWizard } from './wizard-context.js';
import { t, tListed } from '../words/t.js';

/** What the contract of the family can say otherwise: a choice measures and draws again. */
export function RepairsForm({ inspection: { repairs } }: { readonly inspection: InspectionState }) {
  if (repairs.length === 0)
    return <p class="quiet">{t('A checkpoint of several graphs is described by its contract alone.')}</p>;
  return (
    <div class="repairs" role="group" aria-labelledby="repairs">
      <h2 id="repairs">{t('Not right? Say how it is')}</h2>
      {repairs.map((repair) => (
        <RepairRow key={repair.id} repair={repair} />
      ))}
    </div>
  );
}

function RepairRow({ repair: { id, title, choices, chosen } }: { readonly repair: RepairFacts }) {
  const { model, ask } = useWizard();
  return (
    <label class="repair">
      <span>{tListed(title)}</span>
      <select
        data-testid={`repair-${id}`}
        value={chosen === null ? '' : String(chosen)}
        disabled={model.busy.value}
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value !== '') ask('repair', { id, choice: Number(value) });
        }}
      >
        {chosen === null && <option value="">{t('as the model has it')}</option>}
        {choices.map((choice, at) => (
          <option key={choice} value={String(at)}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}
