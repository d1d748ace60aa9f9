import { STATUS_NAMES } from '../../src/core/tables.js';
import { Mark, MARK_IDS, SELECTED_MARKS, type SelectedMark } from '../rows/comparison.js';
import { COLOUR_BY_IDS, COLOUR_BY_WORDS, noWeightsReason } from '../rows/colouring.js';
import { formatCount } from '../rows/format.js';
import { STATUS_WORDS } from '../rows/roi-text.js';
import { usePanel } from '../state/panel-context.js';
import { t } from '../words/t.js';

/** Steps of the colour bar. */
const NUM_STOPS = 12;

/** What colours and strokes mean. It says the same whatever layers are on: else the picture above would move. */
export function Legend() {
  const { model } = usePanel();
  return (
    <div class="legend" data-testid="legend">
      {model.overlay.value === null ? (
        <>
          <ColourBar />
          <Strokes />
        </>
      ) : (
        <MarkKeys />
      )}
      <Thinning />
    </div>
  );
}

/** How much is drawn; where that is not all, it offers to draw it. */
function Thinning() {
  const { model, actions } = usePanel();
  const { numDrawn, rest } = model.layerRows.value;
  const all = model.drawAll.value;
  const drawn = formatCount(all ? numDrawn + rest.length : numDrawn);
  return (
    <span class="thinning" data-testid="thinning">
      <span class="thinning-words">
        {rest.length === 0 || all
          ? t('{0} drawn', drawn)
          : t('{0} drawn, {1} as tint', drawn, formatCount(rest.length))}
      </span>
      <button
        type="button"
        class="text-button"
        aria-pressed={all}
        disabled={rest.length === 0 && !all}
        data-testid="draw-all"
        onClick={() => actions.setDrawAll(!all)}
      >
        {t('Draw all')}
      </button>
    </span>
  );
}

/** What the colours run from and to, and the choice of what they stand for. */
export function ColourBar() {
  const { model } = usePanel();
  const { css } = model.colours.value;
  const { by, bright, dark } = model.colouring.value;
  const stops = Array.from({ length: NUM_STOPS }, (_, i) => css[Math.round((i / (NUM_STOPS - 1)) * (css.length - 1))]);
  return (
    <div
      class="colour-key"
      title={t('Colour is the {0}', COLOUR_BY_WORDS[by].help)}
      data-testid="colour-key"
      data-by={by}
    >
      <div class="colour-bar" style={{ backgroundImage: `linear-gradient(to right, ${stops.join(', ')})` }} />
      <span>{bright}</span>
      <ColourBySelect />
      <span>{dark}</span>
    </div>
  );
}

/** Of a comparison: who selects what. */
export function MarkKeys() {
  const { model } = usePanel();
  const [a, b] = [model.mining.value.preset, model.compared.value?.preset ?? ''];
  const words: Readonly<Record<SelectedMark, string>> = {
    [Mark.both]: t('selected by both'),
    [Mark.onlyA]: t('only by A, {0}', a),
    [Mark.onlyB]: t('only by B, {0}', b),
  };
  return (
    <ul class="stroke-keys" aria-label={t('Who selects')}>
      {SELECTED_MARKS.map((mark) => (
        <li key={mark}>
          <span class={`mark mark-${MARK_IDS[mark]}`} aria-hidden="true" /> {words[mark]}
        </li>
      ))}
      {!model.classification.value && <GroundTruthKey />}
    </ul>
  );
}

function GroundTruthKey() {
  return (
    <li class="stroke-layer">
      <span class="mark mark-ground-truth" aria-hidden="true" /> {t('ground truth')}
    </li>
  );
}

function ColourBySelect() {
  const { model, actions } = usePanel();
  const reason = noWeightsReason(model.manifest.value);
  return (
    <select
      class="colour-by"
      aria-label={t('Colour by')}
      title={reason || undefined}
      data-testid="colour-by"
      value={model.colouring.value.by}
      onChange={(event) => actions.setColourBy(COLOUR_BY_IDS[event.currentTarget.selectedIndex] ?? 'rank')}
    >
      {COLOUR_BY_IDS.map((id) => (
        <option key={id} value={id} disabled={id !== 'rank' && reason !== ''}>
          {COLOUR_BY_WORDS[id].name}
        </option>
      ))}
    </select>
  );
}

/** The chips of the layers name theirs, too, where there is room for words. */
function Strokes() {
  return (
    <ul class="stroke-keys" aria-label={t('Strokes')}>
      {STATUS_NAMES.map((id, code) => (
        <li key={id} class="stroke-layer">
          <span class={`mark mark-${id}`} aria-hidden="true" /> {STATUS_WORDS[code]}
        </li>
      ))}
      <GroundTruthKey />
      <li>
        <span class="mark mark-related" aria-hidden="true" /> {t('suppressed by the focused')}
      </li>
    </ul>
  );
}
