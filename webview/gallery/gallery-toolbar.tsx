import {
  GALLERY_SORTS,
  ITEM_KINDS,
  type GallerySort,
  type ItemKind,
  type SimilarTo,
} from '../../src/protocol/gallery-messages.js';
import { FilterPill } from '../chrome/filter-pill.js';
import { Icon } from '../chrome/icon-button.js';
import { WordSelect } from '../chrome/word-select.js';
import { valueName } from '../rows/facet-words.js';
import { countOf, formatCount } from '../rows/format.js';
import { countRows } from '../rows/roi-text.js';
import { imageIdAt } from '../state/decision-now.js';
import { usePanel } from '../state/panel-context.js';
import { rangeWords } from './bin-chart.js';
import { t, tListed } from '../words/t.js';
import { termOf } from '../words/term.js';

/** How many of each, its name, and what it is in a sentence. */
export const KIND_WORDS: Readonly<
  Record<ItemKind, { readonly count: (value: number) => string; readonly name: string; readonly help: string }>
> = {
  rois: {
    count: (value) => countRows(value, 'RoI'),
    name: t('selected RoIs'),
    help: t('the RoIs that mining selects'),
  },
  detections: {
    count: (value) => countOf(value, '{0} detection', '{0} detections'),
    name: t('detections'),
    help: t('what inference NMS leaves: score ≥ .05, IoU ≤ .5 with better ones of the class, 100 an image at most'),
  },
  objects: {
    count: (value) => countOf(value, '{0} object', '{0} objects'),
    name: t('objects'),
    help: t(
      'annotated objects that count in training: the loss of the hardest selected RoI matched with each; prediction, ' +
        'score and IoU of the best box on it',
    ),
  },
  images: {
    count: (value) => countOf(value, '{0} image', '{0} images'),
    name: t('images'),
    help: t('the sum of selected losses of each image; label, prediction, score and IoU of its hardest selected RoI'),
  },
  suspects: {
    count: (value) => countOf(value, '{0} label to check', '{0} labels to check'),
    name: t('labels to check'),
    help: t(
      'labels that the detections contradict, the worst of each kind in turn: ' +
        'scores of different kinds cannot be compared',
    ),
  },
};

const SORT_WORDS: Readonly<Record<GallerySort, string>> = {
  loss: t('loss, hardest first'),
  score: t('score, surest first'),
  iou: t('IoU, smallest first'),
  size: t('size, smallest first'),
  doubt: t('doubt, worst first'),
};

/** What is shown, in which order and groups, and by what it is filtered. */
export function GalleryToolbar() {
  const { actions } = usePanel();
  return (
    <div class="example-toolbar" role="toolbar" aria-label={t('Items, order and filters')}>
      <button
        type="button"
        class="text-button"
        title={t('Back to the picture (Esc)')}
        data-testid="gallery-close"
        onClick={() => actions.showGallery(false)}
      >
        <Icon icon="chevron-left" /> {t('Picture')}
      </button>
      <KindSelect />
      <Order />
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
      {t('Show')}{' '}
      <WordSelect
        ids={model.classification.value ? ['images', 'suspects'] : ITEM_KINDS}
        wordOf={(id) => KIND_WORDS[id].name}
        value={kind}
        onPick={actions.showKind}
        testId="gallery-kind"
      />
    </label>
  );
}

/** What they are alike to, with its way out; else what they are sorted by. */
function Order() {
  const { model, actions } = usePanel();
  const { similarTo } = model.gallery.query.value;
  if (similarTo === undefined) return <SortSelect />;
  const id = imageIdAt(model, similarTo.imageIndex) || t('image {0}', similarTo.imageIndex + 1);
  return (
    <span {...termOf('similarity')}>
      <FilterPill words={similarWords(similarTo, id)} testId="pill-similar" onClear={actions.leaveSimilar} />
    </span>
  );
}

function similarWords({ what, row }: SimilarTo, id: string): string {
  if (what === 'image') return t('most similar to {0}', id);
  return what === 'object'
    ? t('most similar to object {0} of {1}', row, id)
    : t('most similar to RoI {0} of {1}', row, id);
}

function SortSelect() {
  const { model, actions } = usePanel();
  const { kind, sort } = model.gallery.query.value;
  return (
    <label>
      {t('by')}{' '}
      <WordSelect
        ids={GALLERY_SORTS.filter((id) => id !== 'doubt' || kind === 'suspects')}
        wordOf={(id) => SORT_WORDS[id]}
        value={sort}
        onPick={(id) => actions.askGallery({ sort: id })}
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
      {t('grouped by')}{' '}
      <select
        data-testid="gallery-group"
        value={query.value.group ?? ''}
        onChange={(event) => actions.askGallery({ group: event.currentTarget.value || null })}
      >
        <option value="">{t('nothing')}</option>
        {answer.value?.facets.map(({ id, title }) => (
          <option key={id} value={id}>
            {tListed(title)}
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
        const names =
          shape === 'histogram' ? rangeWords(picked) : picked.map(({ name }) => valueName(id, name)).join(', ');
        const clear = () => actions.filterGallery({ [id]: [] });
        return (
          <FilterPill
            key={id}
            words={t('{0}: {1}', tListed(title), names ?? '')}
            testId={`pill-${id}`}
            onClear={clear}
          />
        );
      })}
    </>
  );
}

function Counts() {
  const { model, actions } = usePanel();
  const { answer, query, layout } = model.gallery;
  if (answer.value === null) return null;
  const { numItems, numShown, numLeftOut, numImages } = answer.value;
  const { count } = KIND_WORDS[query.value.kind];
  const numNew = model.numImages.value - numImages;
  return (
    <span class="example-count quiet" data-testid="gallery-count" data-shown={numShown}>
      {numShown === numItems ? count(numItems) : t('{0} of {1}', formatCount(numShown), count(numItems))}
      {layout.value.length < numShown && ` · ${t('the first {0} are listed', formatCount(layout.value.length))}`}
      {numLeftOut > 0 && ` · ${t('{0} easier ones of single images are left out', formatCount(numLeftOut))}`}
      {numNew > 0 && (
        <button type="button" class="text-button" data-testid="gallery-refresh" onClick={actions.refreshGallery}>
          {countOf(numNew, '{0} new image: refresh', '{0} new images: refresh')}
        </button>
      )}
      {Object.keys(query.value.where).length > 0 && (
        <button
          type="button"
          class="text-button"
          data-testid="gallery-clear"
          title={t('Clear the filters (X)')}
          onClick={actions.clearGallery}
        >
          {t('Clear')}
        </button>
      )}
    </span>
  );
}
