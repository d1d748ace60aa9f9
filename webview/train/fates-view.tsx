import { useSignal, type Signal } from '@preact/signals';
import { type FatePicture, type FateRows } from '../../src/protocol/train-messages.js';
import { FATES, type Fate } from '../../src/core/reports/example-fates.js';
import { formatLoss } from '../rows/format.js';
import { BoxPicture } from './box-picture.js';
import { className } from './chosen-view.js';
import { FATE_HELP, FATE_WORDS } from './fate-words.js';
import { useTraining } from './train-context.js';
import { t } from '../words/t.js';

/** The hard examples of one image, drawn and listed. */
export function FatesView({ fates: { rows, width, height, uri } }: { readonly fates: FatePicture }) {
  const { model, host } = useTraining();
  const hidden = useSignal<ReadonlySet<Fate>>(new Set());
  const marked = useSignal<number | null>(null);
  const classes = model.facts.value?.classes ?? [];
  const shown = [...rows.fate.keys()].filter((row) => !hidden.value.has(fateOf(rows, row)));
  const open = (to: 'before' | 'after') => host.tell('openImage', { side: to, imageIndex: rows.imageIndex });
  const toggle = (fate: Fate) => {
    const next = new Set(hidden.value);
    if (!next.delete(fate)) next.add(fate);
    [hidden.value, marked.value] = [next, null];
  };
  return (
    <div class="fate-picture">
      <div class="fate-tools">
        <FateChips hidden={hidden.value} onToggle={toggle} />
        <button type="button" class="text-button" onClick={() => open('before')}>
          {t('Show in the Run Before')}
        </button>
        <button type="button" class="text-button" data-testid="image-after" onClick={() => open('after')}>
          {t('Show in the Run After')}
        </button>
      </div>
      <BoxPicture
        uri={uri}
        width={width}
        height={height}
        boxes={rows}
        rows={shown}
        kindOf={(row) => fateOf(rows, row)}
        nameOf={(row) => nameOf(rows, row, classes)}
        marked={marked.value}
        label={t('The image with its hard examples; the list below says the same')}
        testId="fate-picture"
      />
      <FateTable rows={rows} shown={shown} marked={marked} classes={classes} />
    </div>
  );
}

interface ChipsProps {
  readonly hidden: ReadonlySet<Fate>;
  onToggle(fate: Fate): void;
}

function FateChips({ hidden, onToggle }: ChipsProps) {
  return (
    <div class="chips" role="group" aria-label={t('Hard examples that are shown')}>
      {FATES.map((fate) => (
        <button
          key={fate}
          type="button"
          class="chip"
          aria-pressed={!hidden.has(fate)}
          title={FATE_HELP[fate]}
          data-testid={`show-${fate}`}
          onClick={() => onToggle(fate)}
        >
          <span class={`box-key box-key-${fate}`} aria-hidden="true" /> {FATE_WORDS[fate]}
        </button>
      ))}
    </div>
  );
}

interface TableProps {
  readonly rows: FateRows;
  /** Rows that are listed. */
  readonly shown: readonly number[];
  /** The row under the pointer or the focus; null none. */
  readonly marked: Signal<number | null>;
  readonly classes: readonly string[];
}

function FateTable({ rows, shown, marked, classes }: TableProps) {
  return (
    <div class="fate-rows">
      <table class="fates">
        <thead>
          <tr>
            <th scope="col">{t('example')}</th>
            <th scope="col" class="fate-label">
              {t('label')}
            </th>
            <th scope="col">{t('loss before')}</th>
            <th scope="col">{t('after')}</th>
          </tr>
        </thead>
        <tbody onMouseLeave={() => (marked.value = null)}>
          {shown.map((row) => (
            <tr key={row} data-marked={marked.value === row} onMouseEnter={() => (marked.value = row)}>
              <th scope="row">
                <button
                  type="button"
                  class="link-button"
                  aria-pressed={marked.value === row}
                  onFocus={() => (marked.value = row)}
                  onBlur={() => (marked.value = null)}
                >
                  <span class={`box-key box-key-${fateOf(rows, row)}`} aria-hidden="true" />{' '}
                  {FATE_WORDS[fateOf(rows, row)]}
                </button>
              </th>
              <td class="fate-label">{className(rows.gtClass[row], classes)}</td>
              <td>{lossText(rows.lossBefore[row])}</td>
              <td>{lossText(rows.lossAfter[row])}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function fateOf(rows: FateRows, row: number): Fate {
  return FATES[rows.fate[row]];
}

/** What the drawn box says. */
function nameOf(rows: FateRows, row: number, classes: readonly string[]): string {
  const [before, after] = [lossText(rows.lossBefore[row]), lossText(rows.lossAfter[row])];
  const name = className(rows.gtClass[row], classes);
  return t('{0}, {1}: loss {2} before, {3} after', name, FATE_WORDS[fateOf(rows, row)], before, after);
}

function lossText(loss: number | null): string {
  return loss === null ? t('no such RoI') : formatLoss(loss);
}
