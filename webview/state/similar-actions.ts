/** What a person can do with items that look like something. */
import { batch, effect } from '@preact/signals';
import { NONE } from '../../src/core/tables.js';
import type { DecidedPlace } from '../../src/core/triage/placed-decisions.js';
import { FIRST_LOOK, type ItemKind } from '../../src/protocol/gallery-messages.js';
import { placeNow } from './decision-now.js';
import type { GalleryActions } from './gallery-actions.js';
import { itemAt, withoutSimilar } from './gallery-model.js';
import type { PanelModel } from './model.js';

export function similarActions(model: PanelModel, { askGallery }: Pick<GalleryActions, 'askGallery'>) {
  const { gallery, classification } = model;
  /** Whether the cells that were asked for are still to come: until then the focus is on none of them. */
  const isFilling = () => {
    if (model.room.value !== 'gallery' || (gallery.waiting.value === null && gallery.layout.value.length === 0))
      return false;
    return gallery.pagesKind.value !== gallery.query.value.kind || itemAt(gallery, gallery.at.value) === undefined;
  };
  const actions = {
    /** Items that look most like a place; in the gallery those that pass. null: like what has the focus. */
    findSimilar(given: DecidedPlace | null) {
      const found = given ?? placeNow(model);
      gallery.wantsSimilar.value = given === null && isFilling();
      if (found === null || gallery.wantsSimilar.value) return;
      // Of a classification the images are the items.
      const place = classification.value ? { ...found, what: 'image' as const, row: NONE } : found;
      const { imageIndex, what, row } = place;
      const { kind: shown, where, sort } = gallery.query.value;
      const kind = kindOf(what, shown);
      batch(() => {
        askGallery({
          kind,
          where: gallery.open.value && kind === shown ? where : {},
          sort: sort === 'doubt' ? 'loss' : sort,
          similarTo: { imageIndex, what, row, most: FIRST_LOOK },
        });
        gallery.open.value = true;
      });
    },
    /** Has the checkpoint look at more images. */
    lookFurther() {
      const { similarTo } = gallery.query.value;
      const numLooked = gallery.answer.value?.similar?.numLooked ?? 0;
      if (similarTo !== undefined) askGallery({ similarTo: { ...similarTo, most: numLooked + FIRST_LOOK } });
    },
    /** Back to the order before. */
    leaveSimilar() {
      gallery.query.value = withoutSimilar(gallery.query.value);
    },
  };
  effect(() => {
    if (!gallery.open.value) gallery.wantsSimilar.value = false;
    else if (gallery.wantsSimilar.value && !isFilling()) actions.findSimilar(null);
  });
  return actions;
}

function kindOf(what: DecidedPlace['what'], shown: ItemKind): ItemKind {
  if (what === 'roi') return shown === 'detections' ? shown : 'rois';
  return what === 'object' ? 'objects' : 'images';
}
