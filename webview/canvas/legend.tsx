import { STATUS_NAMES, Status } from '../../src/core/tables.js';
import { formatCount } from '../state/format.js';
import { COLOUR_SPAN } from '../state/image-selection.js';
import { usePanel } from '../state/panel-context.js';

/** Steps of the colour bar. */
const NUM_STOPS = 12;

/** What colours and strokes mean. */
export function Legend() {
  return (
    <div class="legend" data-testid="legend">
      <ColourBar />
      <Strokes />
    </div>
  );
}

function ColourBar() {
  const { model } = usePanel();
  const { css } = model.colours.value;
  const numSelected = model.selection.value?.counts[Status.selected] ?? 0;
  const stops = Array.from({ length: NUM_STOPS }, (_, i) => css[Math.round((i / (NUM_STOPS - 1)) * (css.length - 1))]);
  return (
    <div class="colour-key" title="Colour is the place of the loss among the selected RoIs of this image">
      <div class="colour-bar" style={{ backgroundImage: `linear-gradient(to right, ${stops.join(', ')})` }} />
      <span>hardest</span>
      <span>loss rank</span>
      <span>{numSelected > COLOUR_SPAN ? `${ordinal(COLOUR_SPAN)} +` : numSelected > 1 ? ordinal(numSelected) : ''}</span>
    </div>
  );
}

/** 64 -> "64th". */
function ordinal(value: number): string {
  const tens = value % 100;
  const ending = tens >= 11 && tens <= 13 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[value % 10] ?? 'th');
  return `${formatCount(value)}${ending}`;
}

function Strokes() {
  const { model } = usePanel();
  const layers = model.layers.value;
  return (
    <ul class="stroke-keys" aria-label="Strokes">
      {STATUS_NAMES.filter((id) => layers[id]).map((id) => (
        <li key={id}>
          <span class={`mark mark-${id}`} aria-hidden="true" /> {STROKE_WORDS[id]}
        </li>
      ))}
      {layers['ground-truth'] && (
        <li>
          <span class="mark mark-ground-truth" aria-hidden="true" /> ground truth
        </li>
      )}
      <li>
        <span class="mark mark-related" aria-hidden="true" /> suppressed by the focused
      </li>
    </ul>
  );
}

const STROKE_WORDS: Readonly<Record<(typeof STATUS_NAMES)[number], string>> = {
  selected: 'selected',
  'nms-suppressed': 'mining-suppressed',
  'below-budget': 'below budget',
  ignored: 'ignored',
  invalid: 'invalid',
};
