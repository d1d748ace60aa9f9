import { GALLERY_SORTS, ITEM_KINDS, type GallerySort, type ItemKind } from '../../src/protocol/gallery-messages.js';
import { FilterPill } from '../chrome/filter-pill.js';
import { Icon } from '../chrome/icon-button.js';
import { WordSelect } from '../chrome/word-select.js';
import { countOf, formatCount } from '../rows/format.js';
import { usePanel } from '../state/panel-context.js';
import { rangeWords } from './bin-chart.js';

/** One of each, and what it is in a sentence. */
export const KIND_WORDS: Readonly<
  Record<ItemKind, { readonly one: string; readonly name: string; readonly help: string }>
> = {
  rois: { one: 'RoI', name: 'selected RoIs', help: 'the RoIs that mining selects' },
  detections: {
    one: 'detection',
    name: 'detections',
    help: 'what inference NMS leaves: score ≥ .05, IoU ≤ .5 with better ones of the class, 100 an image at most',
  },
  objects: {
    one: 'object',
    name: 'objects',
    help:
      'annotated objects that count in training: the loss of the hardest selected RoI matched with each; prediction, ' +
      'score and IoU of the best box on it',
  },
  images: {
    one: 'image',
    name: 'images',
    help: 'the sum of selected losses of each image; label, prediction, score and IoU of its hardest selected RoI',
  },
};

const SORT_WORDS: Readonly<Record<GallerySort, string>> = {
  loss: 'loss, hardest first',
  score: 'score, surest first',
  iou: 'IoU, smallest first',
  size: 'size, smallest first',
};

/** What is shown, in which order and groups, and by what it is filtered. */
export function GalleryToolbar() {
  const { actions } = usePanel();
  return (
    <div class="example-toolbar" role="toolbar" aria-label="Items, order and filters">
      <button
        type="button"
        class="text-button"
        title="Back to the picture (Esc)"
        data-testid="gallery-close"
        onClick={() => actions.showGallery(false)}
      >
        <Icon icon="chevron-left" /> Picture
      </button>
      <KindSelect />
      <SortSelect />
      <GroupSelect />
      <ActiveFilters />
      <Counts />
    </div>
  );
}

function KindSelect() {
  const { model, actions } = usePanel();
  const { kind } = model.gallery.query.value;
  return (
    <label title={KIND_WORDS[kind].help}>
      Show{' '}
      <WordSelect
        ids={ITEM_KINDS}
        wordOf={(id) => KIND_WORDS[id].name}
        value={kind}
        onPick={(id) => actions.askGallery({ kind: id })}
        testId="gallery-kind"
      />
    </label>
  );
}

function SortSelect() {
  const { model, actions } = usePanel();
  return (
    <label>
      by{' '}
      <WordSelect
        ids={GALLERY_SORTS}
        wordOf={(id) => SORT_WORDS[id]}
        value={model.gallery.query.value.sort}
        onPick={(sort) => actions.askGallery({ sort })}
        testId="gallery-sort"
      />
    </label>
  );
}

function GroupSelect() {
  const { model, actions } = usePanel();
  const { query, answer } = model.gallery;
  return (
    <label>
      grouped by{' '}
      <select
        data-testid="gallery-group"
        value={query.value.group ?? ''}
        onChange={(event) => actions.askGallery({ group: event.currentTarget.value || null })}
      >
        <option value="">nothing</option>
        {answer.value?.facets.map(({ id, title }) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What it is filtered by, each with its way out. */
function ActiveFilters() {
  const { model, actions } = usePanel();
  const { answer, query } = model.gallery;
  const filtered = answer.value?.facets.filter(({ id }) => query.value.where[id] !== undefined) ?? [];
  return (
    <>
      {filtered.map(({ id, title, shape, values }) => {
        const picked = values.filter(({ code }) => query.value.where[id]?.includes(code));
        const names = shape === 'histogram' ? rangeWords(picked) : picked.map(({ name }) => name).join(', ');
        const clear = () => actions.filterGallery({ [id]: [] });
        return <FilterPill key={id} words={`${title}: ${names}`} testId={`pill-${id}`} onClear={clear} />;
      })}
    </>
  );
}

function Counts() {
  const { model, actions } = usePanel();
  const { answer, query, layout } = model.gallery;
  if (answer.value === null) return null;
  const { numItems, numShown, numLeftOut, numImages } = answer.value;
  const noun = KIND_WORDS[query.value.kind].one;
  const numNew = model.numImages.value - numImages;
  return (
    <span class="example-count quiet" data-testid="gallery-count" data-shown={numShown}>
      {numShown === numItems ? countOf(numItems, noun) : `${formatCount(numShown)} of ${countOf(numItems, noun)}`}
      {layout.value.length < numShown && ` · the first ${formatCount(layout.value.length)} are listed`}
      {numLeftOut > 0 && ` · ${formatCount(numLeftOut)} easier ones of single images are left out`}
      {numNew > 0 && (
        <button type="button" class="text-button" data-testid="gallery-refresh" onClick={actions.refreshGallery}>
          {countOf(numNew, 'new image')}: refresh
        </button>
      )}
      {Object.keys(query.value.where).length > 0 && (
        <button
          type="button"
          class="text-button"
          data-testid="gallery-clear"
          title="Clear the filters (X)"
          onClick={actions.clearGallery}
        >
          Clear
        </button>
      )}
    </span>
  );
}
