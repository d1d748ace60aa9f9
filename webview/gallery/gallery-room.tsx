import { FIRST_LOOK } from '../../src/protocol/gallery-messages.js';
import { ConfusionSection } from '../examples/confusion-section.js';
import { VirtualGrid } from '../examples/virtual-grid.js';
import { countOf, formatCount, formatScore } from '../rows/format.js';
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
      <SuspectNotes />
      <SimilarNotes />
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

/** What a person should know of the scores of labels to check. */
function SuspectNotes() {
  const { model } = usePanel();
  const facts = model.gallery.answer.value?.suspects ?? null;
  if (facts === null) return null;
  const { sure, complete, numImages, numInDataset, numFailed, ofTraining } = facts;
  const low = sure === null ? '' : formatScore(sure.low);
  const high = sure === null ? '' : formatScore(sure.high);
  return (
    <p class="suspect-notes quiet" data-testid="suspect-notes">
      {t('Low scores are doubtful; each kind has its own formula, which its name tells.')}{' '}
      {sure !== null && t('A prediction is sure from {0} on, and tells of a place above {1}.', high, low)}{' '}
      {!complete && (
        <strong data-testid="provisional">
          {t('Provisional: {0} of {1} images are read.', formatCount(numImages), formatCount(numInDataset))}{' '}
        </strong>
      )}
      {numFailed > 0 &&
        t('{0} images could not be measured: ' + 'their labels are not checked.', formatCount(numFailed))}{' '}
      {ofTraining &&
        t('These look like images of the training: wrong labels that were learnt ' + 'are not contradicted.')}
    </p>
  );
}

/** How much is known of what the items are alike to. */
function SimilarNotes() {
  const { model, actions } = usePanel();
  const { answer, waiting } = model.gallery;
  const facts = answer.value?.similar ?? null;
  if (facts === null) return null;
  const { features, numLooked, numImages, numFailed, isOther } = facts;
  const numMore = Math.min(numImages - numLooked, FIRST_LOOK);
  return (
    <p class="suspect-notes quiet" data-testid="similar-notes" data-looked={numLooked}>
      {t('By the cosine of {0}, 1 the most alike.', features)}{' '}
      {t('The checkpoint has looked at {0} of {1} images.', formatCount(numLooked), formatCount(numImages))}{' '}
      {numFailed > 0 && countOf(numFailed, '{0} image could not be read.', '{0} images could not be read.')}{' '}
      {isOther && (
        <strong data-testid="other-checkpoint">
          {t('Its files, the contract among them, are others than when this run was mined.')}{' '}
        </strong>
      )}
      {numMore > 0 && waiting.value === null && (
        <button type="button" class="text-button" data-testid="look-further" onClick={actions.lookFurther}>
          {countOf(numMore, 'Look at {0} more image', 'Look at {0} more images')}
        </button>
      )}
    </p>
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
