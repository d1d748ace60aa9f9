import { CHANGE_IDS, type Change } from '../../src/core/reports/checkpoint-changes.js';
import { formatCount } from '../rows/format.js';
import { t } from '../words/t.js';
import { ChangeMark } from './change-mark.js';
import { CHANGE_LOOKS } from './change-looks.js';
import { useCheckpoints } from './checkpoint-room.js';

/** How many examples became what, over all and by class; each count filters. */
export function ChangeFilter() {
  const { model } = useCheckpoints();
  const [answer, { label, changes }] = [model.answer.value, model.query.value];
  if (answer === null) return null;
  const all = CHANGE_IDS.map((_, code) => answer.byClass.reduce((sum, { counts }) => sum + (counts[code] ?? 0), 0));
  return (
    <table class="change-table" data-testid="changes">
      <caption class="visually-hidden">{t('Examples by class and by what became of them from A to B')}</caption>
      <thead>
        <tr>
          <th scope="col">{t('Class')}</th>
          {CHANGE_IDS.map((change) => (
            <th key={change} scope="col">
              <HeadButton change={change} pressed={changes.includes(change)} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <ClassRow name={t('All')} counts={all} code={null} pressed={label === null} />
        {answer.byClass.map(({ label: code, counts }) => (
          <ClassRow key={code} name={answer.classes[code] ?? ''} counts={counts} code={code} pressed={label === code} />
        ))}
      </tbody>
    </table>
  );
}

function HeadButton({ change, pressed }: { readonly change: Change; readonly pressed: boolean }) {
  const { model, actions } = useCheckpoints();
  const { name, says } = CHANGE_LOOKS[change];
  const { changes } = model.query.value;
  const toggled = pressed ? changes.filter((other) => other !== change) : [...changes, change];
  return (
    <button
      type="button"
      class="cell-button change-head"
      aria-pressed={pressed}
      title={says}
      data-testid={`change-${change}`}
      onClick={() => actions.ask({ changes: toggled })}
    >
      <ChangeMark change={change} />
      <span>{name}</span>
    </button>
  );
}

interface ClassRowProps {
  readonly name: string;
  readonly counts: readonly number[];
  /** null: all classes. */
  readonly code: number | null;
  readonly pressed: boolean;
}

function ClassRow({ name, counts, code, pressed }: ClassRowProps) {
  const { model, actions } = useCheckpoints();
  const { changes } = model.query.value;
  return (
    <tr data-testid="class-row" data-label={code}>
      <th scope="row">
        <button
          type="button"
          class="cell-button class-name"
          title={name}
          aria-pressed={pressed}
          onClick={() => actions.ask({ label: code })}
        >
          {name}
        </button>
      </th>
      {CHANGE_IDS.map((change, k) => {
        const only = pressed && changes.length === 1 && changes[0] === change;
        return (
          <td key={change}>
            <button
              type="button"
              class="cell-button"
              aria-pressed={only}
              aria-label={`${name}, ${CHANGE_LOOKS[change].name}: ${formatCount(counts[k] ?? 0)}`}
              data-testid={`count-${change}`}
              onClick={() => actions.ask({ label: code, changes: only ? [] : [change] })}
            >
              {formatCount(counts[k] ?? 0)}
            </button>
          </td>
        );
      })}
    </tr>
  );
}
