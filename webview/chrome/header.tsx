import type { Term } from '../../src/core/facts/glossary.js';
import { Status } from '../../src/core/tables.js';
import { countOf, formatCount, formatLoss, formatPercent } from '../rows/format.js';
import { MarkChip } from './mark-chip.js';
import { SELECTED_MARKS } from '../rows/comparison.js';
import { LAYER_IDS, type LayerId } from '../rows/filters.js';
import { usePanel } from '../state/panel-context.js';
import { shownImageIndex, type ShownImage } from '../state/model.js';
import { countRows, rankName, STATUS_TERMS } from '../rows/roi-text.js';
import { IconButton } from './icon-button.js';
import { Name } from './name.js';
import { t, tListed } from '../words/t.js';
import { termOf } from '../words/term.js';

/** Image, its place, the layer chips, and the buttons of the view. */
export function Header() {
  const { model } = usePanel();
  const room = model.room.value;
  return (
    <header class="header">
      {room !== 'gallery' && <ImageSteps />}
      {room === 'picture' && <ImageTitle />}
      {room === 'examples' && <ExampleTitle />}
      {room === 'gallery' && <GalleryTitle />}
      {room !== 'gallery' && <LayerChips />}
      <ViewButtons />
    </header>
  );
}

function ImageSteps() {
  const { model, actions } = usePanel();
  const grid = model.classification.value;
  const position = grid ? model.gridRows.value.indexOf(model.focused.value) : (model.image.value?.position ?? 0);
  const numPlaces = grid ? model.gridRows.value.length : model.numImages.value;
  // While the run grows, harder and easier images may come at either end.
  const growing = model.progress.value?.state === 'running';
  const [first, last] = [position <= 0, position >= numPlaces - 1];
  return (
    <div class="button-row">
      <IconButton
        icon="chevron-left"
        label={grid ? t('Previous example, harder') : t('Previous image, harder')}
        keyHint={grid ? 'K' : 'P'}
        testId="previous-image"
        disabled={first && !growing}
        onClick={() => actions.stepImage(-1)}
      />
      <IconButton
        icon="chevron-right"
        label={grid ? t('Next example, easier') : t('Next image, easier')}
        keyHint={grid ? 'J' : 'N'}
        testId="next-image"
        disabled={last && !growing}
        onClick={() => actions.stepImage(1)}
      />
    </div>
  );
}

function ImageTitle() {
  const { model, actions } = usePanel();
  const [image, selection] = [model.image.value, model.selection.value];
  if (image === null)
    return (
      <div class="image-title">{model.manifest.value === null ? t('Opening…') : t('Waiting for the first image…')}</div>
    );
  const { id, width, height } = image.summary;
  return (
    <div class="image-title">
      <h1 class="image-name">
        <button
          type="button"
          class="link-button"
          title={t('Open {0}', id)}
          data-testid="image-name"
          onClick={actions.openImage}
        >
          <Name>{id}</Name>
        </button>
      </h1>
      <span
        class="quiet"
        {...termOf('hard example')}
        data-testid="image-position"
        data-image-index={image.imageIndex}
        data-position={image.position}
      >
        {t('hardest image {0} of {1}', formatCount(image.position + 1), formatCount(model.numImages.value))}
      </span>
      <span class="image-summary quiet" data-testid="image-summary">
        <span {...termOf('loss')}>{t('Σ selected loss {0}', formatLoss(selection?.lossSum ?? 0))}</span> ·{' '}
        <span {...termOf('RoI')}>{roisText(image)}</span>
        {width > 0 && ` · ${width} × ${height}`}
      </span>
    </div>
  );
}

/** How many RoIs there are, and of these are kept. */
function roisText({ rois, summary }: ShownImage): string {
  if (rois.rests === undefined) return countRows(rois.numRois, 'RoI');
  return t('{0} of {1} RoIs kept', formatCount(rois.numRois), formatCount(summary.numRois));
}

function GalleryTitle() {
  const { model } = usePanel();
  return (
    <div class="image-title">
      <h1 class="image-name">
        {model.gallery.query.value.kind === 'suspects' ? t('Labels to check') : t('All examples')}
      </h1>
      <span class="quiet">
        {countOf(model.gallery.answer.value?.numImages ?? model.numImages.value, '{0} image', '{0} images')}
      </span>
    </div>
  );
}

/** The run as a whole, and the example in focus. */
function ExampleTitle() {
  const { model, actions } = usePanel();
  const [examples, selection] = [model.examples.value, model.selection.value];
  if (examples === null || selection === null)
    return <div class="image-title">{t('Waiting for the first examples…')}</div>;
  const summary = examples.images[shownImageIndex(model)];
  const { numJudged, numRight } = model.confusion.value;
  const numFailed = examples.images.filter(({ error }) => error !== '').length;
  return (
    <div class="image-title">
      <h1 class="image-name">
        <button
          type="button"
          class="link-button"
          title={t('Open {0}', summary?.id ?? '')}
          data-testid="image-name"
          onClick={actions.openImage}
        >
          <Name>{summary?.id ?? ''}</Name>
        </button>
      </h1>
      <span class="quiet" data-testid="image-position" data-image-index={shownImageIndex(model)}>
        {t('example {0} of {1}', rankName(selection, model.focused.value), formatCount(selection.numRanked))}
      </span>
      <span class="image-summary quiet" data-testid="image-summary">
        {t('{0} misclassified', formatCount(numJudged - numRight))} ·{' '}
        {t('Σ selected loss {0}', formatLoss(selection.lossSum))}
        {numFailed > 0 && ` · ${t('{0} with an error', formatCount(numFailed))}`}
        {examples.images.length < model.numImages.value &&
          ` · ${t('{0} of {1} read', formatCount(examples.images.length), formatCount(model.numImages.value))}`}
      </span>
    </div>
  );
}

/** The switches of the layers, with counts; their names where there is room. */
function LayerChips() {
  const { model } = usePanel();
  const counts = model.selection.value?.counts;
  if (model.overlay.value !== null) return <OverlayChips />;
  // Examples have no boxes: no ground truth to draw, and nothing that overlaps.
  const hidden = (id: LayerId) =>
    model.classification.value &&
    (id === 'ground-truth' || (id === 'nms-suppressed' && counts?.[Status.nmsSuppressed] === 0));
  return (
    <div class="chips" role="group" aria-label={t('Layers')}>
      {LAYER_IDS.map((id, place) => !hidden(id) && <LayerChip key={id} id={id} place={place} />)}
    </div>
  );
}

/** Of a comparison on one picture, marks take the place of statuses. */
function OverlayChips() {
  const { model } = usePanel();
  return (
    <div class="chips" role="group" aria-label={t('Who selects')}>
      {SELECTED_MARKS.map((mark) => (
        <MarkChip key={mark} mark={mark} />
      ))}
      {!model.classification.value && <LayerChip id="ground-truth" place={LAYER_IDS.indexOf('ground-truth')} />}
    </div>
  );
}

/** Of the layers, in their order. */
const LAYER_TERMS: readonly Term[] = [...STATUS_TERMS, 'ground truth'];

function LayerChip({ id, place }: { readonly id: LayerId; readonly place: number }) {
  const { model, actions } = usePanel();
  const count =
    place < STATUS_TERMS.length ? (model.selection.value?.counts[place] ?? 0) : (model.image.value?.gts.numGts ?? 0);
  const term = LAYER_TERMS[place] ?? 'RoI';
  const words = tListed(term);
  const on = model.layers.value[id];
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={on}
      data-testid={`layer-${id}`}
      data-count={count}
      data-empty={count === 0}
      {...termOf(term, on ? t('Hide {0} ({1})', words, place + 1) : t('Show {0} ({1})', words, place + 1))}
      onClick={() => actions.toggleLayer(id)}
    >
      <span class={`mark mark-${id}`} aria-hidden="true" />
      <span class="chip-words">{words}</span> <span class="chip-count">{formatCount(count)}</span>
    </button>
  );
}

function ZoomButtons() {
  const { model, actions } = usePanel();
  const percent = formatPercent(model.viewport.value.scale);
  return (
    <>
      <span class="zoom" title={t('One image pixel is {0} of a screen pixel wide', percent)} data-testid="zoom">
        {percent}
      </span>
      <IconButton icon="fit" label={t('Fit the image')} keyHint="F" testId="fit" onClick={actions.fit} />
      <button
        type="button"
        class="icon-button actual-size"
        title={t('One image pixel to one screen pixel (0)')}
        data-testid="actual-size"
        onClick={actions.actualSize}
      >
        1:1
      </button>
    </>
  );
}

function ViewButtons() {
  const { model, actions } = usePanel();
  return (
    <div class="button-row">
      {model.room.value === 'picture' && <ZoomButtons />}
      {!model.classification.value && (
        <IconButton
          icon="grid"
          label={t('All examples of the run')}
          keyHint="A"
          testId="show-gallery"
          pressed={model.gallery.open.value}
          onClick={() => actions.showGallery(!model.gallery.open.value)}
        />
      )}
      <IconButton icon="help" label={t('Keys')} keyHint="?" testId="show-keys" onClick={() => actions.showKeys(true)} />
      <IconButton
        icon="side"
        label={t('Side bar')}
        testId="toggle-side"
        pressed={model.sideOpen.value}
        onClick={actions.toggleSide}
      />
    </div>
  );
}
