/** The gallery: all items of a detection run, as the host answers about them. */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import * as v from 'valibot';
import { galleryQuery } from '../../src/protocol/gallery-messages.js';
import type {
  GalleryAnswer,
  GalleryProgress,
  GalleryQuery,
  ItemKind,
  PanelItem,
} from '../../src/protocol/gallery-messages.js';
import { confusionOfPairs, type Confusion } from '../rows/confusion.js';
import { valueName } from '../rows/facet-words.js';
import { GridLayout } from '../rows/grid-layout.js';
import type { GridShape } from './grid-shape.js';
import { choice, type Choices, type Chosen } from './choice.js';

/** Items of one message. */
export const PAGE = 120;
export const FIRST_QUERY: GalleryQuery = { kind: 'rois', where: {}, sort: 'loss', group: null };
export const FIRST_SUSPECTS: GalleryQuery = { kind: 'suspects', where: {}, sort: 'doubt', group: null };

const OPEN = choice({ name: 'galleryOpen', initial: false, schema: v.boolean() });
/** What is similar is not asked again by itself: the checkpoint would run. */
const KEPT = v.omit(galleryQuery, ['similarTo']);
const QUERY = choice<GalleryQuery>({ name: 'galleryQuery', initial: FIRST_QUERY, schema: KEPT });

/** How far the reading of the run is; before it is known, and where the answer needs none, null. */
export interface Waiting {
  readonly progress: GalleryProgress | null;
  readonly stop: () => void;
}

export interface GalleryModel {
  readonly open: Chosen<boolean>;
  readonly query: Chosen<GalleryQuery>;
  /** To the present query, or while that is waited for to the last one; null before the first. */
  readonly answer: Signal<GalleryAnswer | null>;
  /** Pages of the answer's items that have come, by their number. */
  readonly pages: Signal<ReadonlyMap<number, readonly PanelItem[]>>;
  /** What the pages are of: while another kind is waited for, still the one before. */
  readonly pagesKind: Signal<ItemKind>;
  /** Pages in sight. */
  readonly wanted: Signal<{ readonly first: number; readonly last: number }>;
  /** null: nothing is waited for. */
  readonly waiting: Signal<Waiting | null>;
  /** Why there is no answer; ''. */
  readonly error: Signal<string>;
  /** Counts occasions to ask again. */
  readonly stale: Signal<number>;
  /** The focused item's likes are wanted as soon as it has come. */
  readonly wantsSimilar: Signal<boolean>;
  /** Place with the focus. */
  readonly at: Signal<number>;
  readonly shape: Signal<GridShape>;
  /** RoI to focus when its image has come. */
  readonly wantedRow: Signal<{ readonly imageIndex: number; readonly row: number } | null>;
  readonly layout: ReadonlySignal<GridLayout>;
  readonly confusion: ReadonlySignal<Confusion>;
}

/** @param classes K names. */
export function createGallery(choices: Choices, classes: () => readonly string[]): GalleryModel {
  const answer = signal<GalleryAnswer | null>(null);
  const query = choices.of(QUERY);
  const shape = signal<GridShape>({ columns: 1, rows: 1 });
  return {
    open: choices.of(OPEN),
    query,
    answer,
    pages: signal(new Map()),
    pagesKind: signal(query.value.kind),
    wanted: signal({ first: 0, last: 0 }),
    waiting: signal(null),
    error: signal(''),
    stale: signal(0),
    wantsSimilar: signal(false),
    at: signal(0),
    shape,
    wantedRow: signal(null),
    layout: computed(() => {
      const { group } = query.value;
      const groups = answer.value?.groups.map(({ name, count }) => ({ name: valueName(group, name), count }));
      return new GridLayout(groups ?? [], shape.value.columns);
    }),
    confusion: computed(() => confusionOfPairs(classes().length + 1, answer.value?.confusion ?? [])),
  };
}

/** The same question in the order of its `sort`. */
export function withoutSimilar({ kind, where, sort, group }: GalleryQuery): GalleryQuery {
  return { kind, where, sort, group };
}

/** The item at a place, where it has come. */
export function itemAt({ pages }: GalleryModel, place: number): PanelItem | undefined {
  return pages.value.get(Math.floor(place / PAGE))?.[place % PAGE];
}

/** The code that a facet is filtered by; null where it is by none, or by several. */
export function onlyCode({ where }: GalleryQuery, facet: string): number | null {
  const codes = where[facet];
  return codes?.length === 1 ? (codes[0] ?? null) : null;
}
