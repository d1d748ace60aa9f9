import { useSignal, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { cellCount, cellStrength, largestCounts, matrixClasses } from '../rows/confusion.js';
import { formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { className } from '../rows/roi-text.js';
import { stepCell, type Cell } from './step-cell.js';

/** Classes that are shown at most: those with the most mistakes. */
const MOST_CLASSES = 40;
/** Names longer than this stand upright above their columns. */
const SHORT_NAME = 3;

/**
 * Labels down, predictions across. One stop of the Tab key; arrows move inside, Enter filters. Hits and mistakes differ
 * by place and by hue (blue, orange: told apart by all), counts by number and tint.
 */
export function ConfusionMatrix() {
  const { model } = usePanel();
  const confusion = model.confusion.value;
  const shown = matrixClasses(confusion, MOST_CLASSES);
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
        aria-label="Confusion matrix: labels down, predictions across"
        data-testid="confusion-matrix"
        onKeyDown={move}
      >
        <thead>
          <tr>
            <th class="matrix-corner quiet">
              prediction →<br />
              label ↓
            </th>
            {shown.map((prediction, i) => (
              <ClassHeader key={prediction} id={prediction} kind="prediction" place={{ row: -1, column: i }} at={at} />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((label, i) => (
            <MatrixRow key={label} label={label} row={i} shown={shown} at={at} />
          ))}
        </tbody>
      </table>
      {shown.length < confusion.numClasses && (
        <p class="quiet">
          The {shown.length} of {formatCount(confusion.numClasses)} classes with the most mistakes.
        </p>
      )}
    </div>
  );
}

interface MatrixRowProps {
  readonly label: number;
  readonly row: number;
  readonly shown: readonly number[];
  readonly at: Signal<Cell>;
}

function MatrixRow({ label, row, shown, at }: MatrixRowProps) {
  return (
    <tr>
      <ClassHeader id={label} kind="label" place={{ row, column: -1 }} at={at} />
      {shown.map((prediction, column) => (
        <MatrixCell key={prediction} label={label} prediction={prediction} place={{ row, column }} at={at} />
      ))}
    </tr>
  );
}

interface PlaceProps {
  readonly place: Cell;
  /** The cell that Tab reaches. */
  readonly at: Signal<Cell>;
}

function tabIndexOf({ place, at }: PlaceProps): 0 | -1 {
  return place.row === at.value.row && place.column === at.value.column ? 0 : -1;
}

/** Filters the grid by a label or a prediction. */
function ClassHeader({
  id,
  kind,
  ...place
}: PlaceProps & { readonly id: number; readonly kind: 'label' | 'prediction' }) {
  const { model, actions } = usePanel();
  const { filters, classes, confusion } = model;
  const name = className(id, classes.value);
  const on = filters.value[kind] === id;
  const count = confusion.value[kind === 'label' ? 'labelCount' : 'predictionCount'][id] ?? 0;
  return (
    <th scope={kind === 'label' ? 'row' : 'col'} class={`matrix-${kind}`} data-long={name.length > SHORT_NAME}>
      <button
        type="button"
        class="matrix-name"
        aria-pressed={on}
        tabIndex={tabIndexOf(place)}
        title={`${kind} ${name}: ${formatCount(count)}`}
        data-testid={`confusion-${kind}`}
        data-class={id}
        data-cell={`${place.place.row} ${place.place.column}`}
        onFocus={() => (place.at.value = place.place)}
        onClick={() => actions.setFilters({ [kind]: on ? null : id })}
      >
        {name}
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
  const { model, actions } = usePanel();
  const { filters, classes, confusion } = model;
  const count = cellCount(confusion.value, label, prediction);
  const right = label === prediction;
  const on = filters.value.label === label && filters.value.prediction === prediction;
  const strength = cellStrength(count, largestCounts(confusion.value)[right ? 'right' : 'wrong']);
  const [given, predicted] = [className(label, classes.value), className(prediction, classes.value)];
  const words = `label ${given}, predicted ${predicted}: ${formatCount(count)}`;
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
        onClick={() => actions.setFilters(on ? { label: null, prediction: null } : { label, prediction })}
      >
        {count === 0 ? '·' : formatCount(count)}
      </button>
    </td>
  );
}
