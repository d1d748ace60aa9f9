/** What a person can do in the gallery. */
import { batch } from '@preact/signals';
import type { Endpoint } from '../../src/protocol/endpoint.js';
import type { GalleryQuery, ItemKind } from '../../src/protocol/gallery-messages.js';
import type { PanelHost } from '../../src/protocol/panel-messages.js';
import { FIRST_QUERY, FIRST_SUSPECTS, itemAt, withoutSimilar } from './gallery-model.js';
import type { PanelModel } from './model.js';

export type GalleryActions = ReturnType<typeof galleryActions>;

export function galleryActions({ gallery, classification }: PanelModel, host: Endpoint<PanelHost>) {
  const ask = (change: Partial<GalleryQuery>) => {
    batch(() => {
      const query = { ...gallery.query.value, ...change };
      gallery.query.value = query.kind === 'suspects' ? withoutSimilar(query) : query;
      gallery.at.value = 0;
      gallery.wantsSimilar.value = false;
    });
  };
  /** No codes: the facet filters nothing. */
  const filter = (changes: Readonly<Record<string, readonly number[]>>) => {
    const where = Object.entries({ ...gallery.query.value.where, ...changes }).filter(([, codes]) => codes.length > 0);
    ask({ where: Object.fromEntries(where.map(([facet, codes]) => [facet, [...codes]])) });
  };
  const goTo = (place: number) => {
    gallery.at.value = Math.min(Math.max(place, 0), Math.max(gallery.layout.value.length - 1, 0));
  };
  const codesOf = (code: number | null | undefined) => (code === null || code === undefined ? [] : [code]);
  return {
    /** All items are of detection runs only: a classification is a grid anyway. */
    showGallery: (open: boolean) => (gallery.open.value = open && !classification.value),
    /** Labels to check, the most doubtful first; of any run. */
    checkLabels() {
      batch(() => {
        if (gallery.query.value.kind !== 'suspects') ask(FIRST_SUSPECTS);
        gallery.open.value = true;
      });
    },
    /** Labels to check have an order of their own. */
    showKind(kind: ItemKind) {
      const { sort } = gallery.query.value;
      const other = sort === 'doubt' ? FIRST_QUERY.sort : sort;
      ask({ kind, sort: kind === 'suspects' ? 'doubt' : other });
    },
    askGallery: ask,
    filterGallery: filter,
    /** Adds a value to those that pass, or takes it away. */
    toggleValue(facet: string, code: number) {
      const codes = gallery.query.value.where[facet] ?? [];
      filter({ [facet]: codes.includes(code) ? codes.filter((other) => other !== code) : [...codes, code] });
    },
    /** What is left out of `pair` stays as it is. */
    pickPair(pair: { readonly label?: number | null; readonly prediction?: number | null }) {
      filter(Object.fromEntries(Object.entries(pair).map(([facet, code]) => [facet, codesOf(code)])));
    },
    clearGallery: () => ask({ where: {} }),
    refreshGallery: () => gallery.stale.value++,
    goToItem: goTo,
    stepItem: (delta: number) => goTo(gallery.at.value + delta),
    stepItemLines: (delta: number) => goTo(gallery.layout.value.step(gallery.at.value, delta)),
    stepItemPages: (delta: number) =>
      goTo(gallery.layout.value.step(gallery.at.value, delta * Math.max(gallery.shape.value.rows, 1))),
    /** Shows the image of an item with its RoI in focus. */
    openItem(place = gallery.at.value) {
      const item = itemAt(gallery, place);
      if (item === undefined) return;
      batch(() => {
        gallery.at.value = place;
        gallery.open.value = false;
        gallery.wantedRow.value = { imageIndex: item.imageIndex, row: item.row };
      });
      host.tell('showImage', { imageIndex: item.imageIndex });
    },
  };
}
