import { ConfusionSection } from '../examples/confusion-section.js';
import { VirtualGrid } from '../examples/virtual-grid.js';
import { formatCount } from '../rows/format.js';
import { onlyCode, PAGE } from '../state/gallery-model.js';
import { usePanel } from '../state/panel-context.js';
import { GalleryToolbar, KIND_WORDS } from './gallery-toolbar.js';
import { ItemCell, itemId } from './item-cell.js';
import { t } from '../words/t.js';

/** In place of the picture: items of the whole run, and where they are confused. */
export function GalleryRoom() {
  return (
    <main class="room" data-testid="gallery">
      <GalleryToolbar />
      <Reading />
      <ItemGrid />
      <Confusion />
    </main>
  );
}

/** How far the run is read, where it takes a while. */
function Reading() {
  const { model } = usePanel();
  const waiting = model.gallery.waiting.value;
  if (waiting === null || waiting.progress === null) return null;
  const { numDone, numTotal } = waiting.progress;
  return (
    <div class="progress" role="status" data-testid="gallery-progress">
      <progress class="progress-bar" value={numDone} max={numTotal} aria-label={t('Images read')} />
      <span class="progress-text">{t('{0} of {1} images read', formatCount(numDone), formatCount(numTotal))}</span>
      <button type="button" class="text-button" data-testid="gallery-stop" onClick={waiting.stop}>
        {t('Stop')}
      </button>
    </div>
  );
}

function ItemGrid() {
  const { model } = usePanel();
  const { gallery } = model;
  const { layout, at, answer, query } = gallery;
  return (
    <VirtualGrid
      layout={layout.value}
      shape={gallery.shape}
      at={layout.value.length === 0 ? -1 : at.value}
      activeId={layout.value.length === 0 ? undefined : itemId(at.value)}
      order={answer.value}
      classes={model.classes.value}
      label={KIND_WORDS[query.value.kind].count(layout.value.length)}
      testId="gallery-grid"
      Cell={(place) => <ItemCell key={place} place={place} />}
      onBuilt={(first, last) =>
        (gallery.wanted.value = { first: Math.floor(first / PAGE), last: Math.floor(last / PAGE) })
      }
    >
      <EmptyGrid />
    </VirtualGrid>
  );
}

function EmptyGrid() {
  const { model, actions } = usePanel();
  const { answer, waiting, error } = model.gallery;
  return (
    <p class="example-none quiet" data-testid="gallery-empty">
      {waiting.value !== null && t('Reading the run…')}
      {waiting.value === null && answer.value?.numItems === 0 && t('There is nothing of the kind in this run.')}
      {waiting.value === null && (answer.value?.numItems ?? 0) > 0 && t('Nothing passes the filters.')}
      {error.value}
      {error.value !== '' && (
        <button type="button" class="text-button" data-testid="gallery-again" onClick={actions.refreshGallery}>
          {t('Try again')}
        </button>
      )}
    </p>
  );
}

function Confusion() {
  const { model, actions } = usePanel();
  const { confusion, query } = model.gallery;
  return (
    <ConfusionSection
      confusion={confusion.value}
      classes={model.classes.value}
      label={onlyCode(query.value, 'label')}
      prediction={onlyCode(query.value, 'prediction')}
      onPick={actions.pickPair}
    />
  );
}
