/** Items of made-up numbers, for tests and measurements. */
import { seededRandom } from '../../../../src/core/seeded-random.js';
import { STORED_KINDS } from '../../../../src/protocol/gallery-messages.js';
import type { GalleryItems } from '../../../../src/run/gallery/build-gallery.js';
import { allocateItems, type Items } from '../../../../src/run/gallery/items.js';

export const CLASSES = ['cat', 'dog', 'bus'];

/** Deterministic for its number. Every 10th item has no score, loss and IoU, every 17th no label. */
export function madeUpItems(length: number, numClasses = CLASSES.length): Items {
  const items = allocateItems(length);
  const random = seededRandom(length).next;
  for (let row = 0; row < length; row++) {
    items.image[row] = Math.floor(row / 10);
    items.row[row] = row % 10;
    items.label[row] = row % 17 === 16 ? -1 : Math.floor(random() * (numClasses + 1));
    items.preferred[row] = Math.floor(random() * numClasses);
    items.selected[row] = row % 2;
    items.annotation[row] = row % 3;
    items.error[row] = (row % 8) - 1;
    const isKnown = row % 10 !== 9;
    items.score[row] = isKnown ? random() : NaN;
    items.iou[row] = isKnown ? random() : NaN;
    items.loss[row] = isKnown ? random() * 12 : NaN;
    [items.x1[row], items.y1[row]] = [random() * 100, random() * 100];
    items.x2[row] = items.x1[row] + random() * 200;
    items.y2[row] = items.y1[row] + random() * 200;
  }
  return items;
}

export function madeUpGallery(length: number): GalleryItems {
  const items = Object.fromEntries(STORED_KINDS.map((kind, i) => [kind, madeUpItems(length + i)]));
  return {
    items: items as GalleryItems['items'],
    task: 'detection',
    classes: CLASSES,
    numImages: Math.ceil(length / 10),
    numLeftOut: 4,
  };
}
