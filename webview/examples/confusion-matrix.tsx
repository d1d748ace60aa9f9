import { useSignal, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Name } from '../chrome/name.js';
import { cellCount, cellStrength, largestCounts, matrixClasses, type Confusion } from '../rows/confusion.js';
import { formatCount } from '../rows/format.js';
import { className } from '../rows/roi-text.js';
import { stepCell, type Cell } from './step-cell.js';
import { t } from '../words/t.js';

/** Counts of labels against predictions, and the pair that is filtered by. */
export interface PairFilter {
  readonly confusion: Confusion;
  /** K names. */
  readonly classes: readonly string[];
  /** null: any. */
  readonly label: number | null;
  readonly prediction: number | null;
  readonly onPick: (pair: { readonly label?: number | null; readonly prediction?: number | null }) => void;
}

/** Classes that are shown at most: those with the most mistakes. */
const MOST_CLASSES = 40;
/** Names longer than this stand upright above their columns. */
const SHORT_NAME = 3;

/**
 * Labels down, predictions across. One stop of the Tab key; arrows move inside, Enter filters. Hits and mistakes differ
 * by place and by hue (blue, orange: told apart by all), counts by number and tint.
 */
export function ConfusionMatrix(pairs: PairFilter) {
  const { confusion } = pairs;
  const shown = backgroundFirst(matrixClasses(confusion, MOST_CLASSES), pairs.classes.length);
  const at = useSignal<Cell>({ row: 0, column: 0 });
  const table = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const next = stepCell(at.value, event.key, shown.length);
    if (next === null) return;
    event.preventDefault();
    at.value = next;
    table.current?.querySelector<HTMLElement>(`[data-cell="${next.row} ${next.column}"]`)?.focus();
  };
  return (
    <div class="matrix-scroll">
      <table
        ref={table}
        class="matrix"
        role="grid"
        aria-label={t('Confusion matrix: labels down, predictions across')}
        data-testid="confusion-matrix"
        onKeyDown={move}
      >
        <thead>
          <tr>
            <th class="matrix-corner quiet">
              {t('prediction →')}
              <br />
              {t('label ↓')}
            </th>
            {shown.map((prediction, i) => (
              <ClassHeader
                key={prediction}
                id={prediction}
                kind="prediction"
                place={{ row: -1, column: i }}
                at={at}
                pairs={pairs}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((label, i) => (
            <MatrixRow key={label} label={label} row={i} shown={shown} at={at} pairs={pairs} />
          ))}
        </tbody>
      </table>
      {shown.length < confusion.numClasses && (
        <p class="quiet">
          {t('The {0} of {1} classes with the most mistakes.', shown.length, formatCount(confusion.numClasses))}
        </p>
      )}
    </div>
  );
}

/** Of a detector the background is in most mistakes. */
function backgroundFirst(shown: readonly number[], background: number): readonly number[] {
  return shown.includes(background) ? [background, ...shown.filter((id) => id !== background)] : shown;
}

interface MatrixRowProps {
  readonly label: number;
  readonly row: number;
  readonly shown: readonly number[];
  readonly at: Signal<Cell>;
  readonly pairs: PairFilter;
}

function MatrixRow({ label, row, shown, at, pairs }: MatrixRowProps) {
  return (
    <tr>
      <ClassHeader id={label} kind="label" place={{ row, column: -1 }} at={at} pairs={pairs} />
      {shown.map((prediction, column) => (
        <MatrixCell
          key={prediction}
          label={label}
          prediction={prediction}
          place={{ row, column }}
          at={at}
          pairs={pairs}
        />
      ))}
    </tr>
  );
}

interface PlaceProps {
  readonly place: Cell;
  /** The cell that Tab reaches. */
  readonly at: Signal<Cell>;
  readonly pairs: PairFilter;
}

function tabIndexOf({ place, at }: Pick<PlaceProps, 'place' | 'at'>): 0 | -1 {
  return place.row === at.value.row && place.column === at.value.column ? 0 : -1;
}

/** Filters the grid by a label or a prediction. */
function ClassHeader({
  id,
  kind,
  ...place
}: PlaceProps & { readonly id: number; readonly kind: 'label' | 'prediction' }) {
  const { classes, confusion, onPick, [kind]: picked } = place.pairs;
  const name = className(id, classes);
  const on = picked === id;
  const count = confusion[kind === 'label' ? 'labelCount' : 'predictionCount'][id] ?? 0;
  const words =
    kind === 'label'
      ? t('label {0}: {1}', name, formatCount(count))
      : t('prediction {0}: {1}', name, formatCount(count));
  return (
    <th scope={kind === 'label' ? 'row' : 'col'} class={`matrix-${kind}`} data-long={name.length > SHORT_NAME}>
      <button
        type="button"
        class="matrix-name"
        aria-pressed={on}
        tabIndex={tabIndexOf(place)}
        aria-label={words}
        title={words}
        data-testid={`confusion-${kind}`}
        data-class={id}
        data-cell={`${place.place.row} ${place.place.column}`}
        onFocus={() => (place.at.value = place.place)}
        onClick={() => onPick({ [kind]: on ? null : id })}
      >
        <Name>{name}</Name>
      </button>
    </th>
  );
}

/** Filters the grid by label and prediction. */
function MatrixCell({
  label,
  prediction,
  ...place
}: PlaceProps & { readonly label: number; readonly prediction: number }) {
  const { classes, confusion, onPick, ...picked } = place.pairs;
  const count = cellCount(confusion, label, prediction);
  const right = label === prediction;
  const on = picked.label === label && picked.prediction === prediction;
  const strength = cellStrength(count, largestCounts(confusion)[right ? 'right' : 'wrong']);
  const [given, predicted] = [className(label, classes), className(prediction, classes)];
  const words = t('label {0}, predicted {1}: {2}', given, predicted, formatCount(count));
  return (
    <td>
      <button
        type="button"
        class={right ? 'matrix-cell matrix-hit' : 'matrix-cell matrix-miss'}
        style={{ '--strength': strength.toFixed(3) }}
        aria-pressed={on}
        aria-label={words}
        title={words}
        tabIndex={tabIndexOf(place)}
        data-testid="confusion-cell"
        data-label={label}
        data-prediction={prediction}
        data-count={count}
        data-cell={`${place.place.row} ${place.place.column}`}
        onFocus={() => (place.at.value = place.place)}
        onClick={() => onPick(on ? { label: null, prediction: null } : { label, prediction })}
      >
        {count === 0 ? '·' : formatCount(count)}
      </button>
    </td>
  );
}
