/** What a verdict would be about, and what was decided there. */
import { NONE } from '../../src/core/tables.js';
import type { Decision } from '../../src/core/triage/decisions.js';
import {
  decisionAt,
  decisionOnImage,
  decisionOnRoi,
  type DecidedPlace,
} from '../../src/core/triage/placed-decisions.js';
import { decidedPlace } from '../../src/protocol/gallery-messages.js';
import { itemAt } from './gallery-model.js';
import type { BaseModel, PanelModel } from './model.js';

/** What a verdict would be about now; null: there is nothing in focus. */
export function placeNow(model: PanelModel): DecidedPlace | null {
  const { gallery, examples, image, focused } = model;
  if (model.room.value === 'gallery') {
    const item = itemAt(gallery, gallery.at.value);
    return item === undefined ? null : decidedPlace(gallery.pagesKind.value, item);
  }
  if (model.room.value === 'examples') {
    const imageIndex = examples.value?.rois.imageIndex[focused.value];
    return imageIndex === undefined ? null : { imageIndex, what: 'image', row: NONE };
  }
  if (image.value === null) return null;
  const { imageIndex, rois } = image.value;
  const what = model.decide.what.value;
  return {
    imageIndex,
    what,
    row: { image: NONE, roi: focused.value, object: rois.gtIndex[focused.value] ?? NONE }[what],
  };
}

/** The decision on it. */
export function decisionNow(model: PanelModel): Decision | undefined {
  const { gallery, decide } = model;
  if (model.room.value === 'gallery') return itemAt(gallery, gallery.at.value)?.decision ?? undefined;
  const place = placeNow(model);
  if (place === null) return undefined;
  return model.room.value === 'examples'
    ? decisionOnImage(decide.byImage.value.get(imageIdAt(model, place.imageIndex)) ?? [])
    : decisionAt(decide.here.value, place.what, place.row);
}

/** Id of an image that is here; ''. */
export function imageIdAt({ image, examples, gallery }: PanelModel, imageIndex: number): string {
  if (image.value?.imageIndex === imageIndex) return image.value.summary.id;
  const example = examples.value?.images[imageIndex]?.id;
  if (example !== undefined) return example;
  const items = [...gallery.pages.value.values()].flat();
  return items.find((item) => item.imageIndex === imageIndex)?.id ?? '';
}

type RowSource = Pick<BaseModel, 'decide' | 'examples' | 'image'>;

/** Of a row in view: of a RoI the decision on it, else on its object; of an example the one on its image. */
export function decisionOnRow({ decide, examples, image }: RowSource, row: number): Decision | undefined {
  if (examples.value !== null) {
    const id = examples.value.images[examples.value.rois.imageIndex[row] ?? NONE]?.id ?? '';
    return decisionOnImage(decide.byImage.value.get(id) ?? []);
  }
  return decisionOnRoi(decide.here.value, row, image.value?.rois.gtIndex[row] ?? NONE);
}
