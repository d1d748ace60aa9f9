/** What an evaluation saw on each image, as a line of `images.jsonl`. */
import { counts, type ImageDetections } from '../../train/evaluate/average-precision.js';
import { foundObjects, SHOWN_SCORE } from '../../train/evaluate/found-objects.js';
import { meanLoss } from '../../train/trainer.js';
import { boxInFile } from './box-in-file.js';
import type { ImagesLine } from './image-gains.js';
import type { ImagePlace } from './train-images.js';

/**
 * The images of an evaluation as columns, their objects that count (no crowds, none that are difficult), and their
 * detections with a score of at least .5.
 * @param images in the order of `placeOf`.
 */
export function imagesLine(
  at: Pick<ImagesLine, 'step' | 'epoch' | 'classes'>,
  images: readonly ImageDetections[],
  placeOf: (index: number) => ImagePlace,
): ImagesLine {
  const places = images.map((_, index) => placeOf(index));
  const objects = images.flatMap((image, index) => objectsOf(image, index, places[index]));
  const detections = images.flatMap((image, index) => detectionsOf(image, index, places[index]));
  return {
    ...at,
    id: places.map(({ id }) => id),
    path: places.map(({ path }) => path),
    width: places.map(({ widthPx, scaleX }) => Math.round(widthPx / scaleX)),
    height: places.map(({ heightPx, scaleY }) => Math.round(heightPx / scaleY)),
    loss: images.map(({ rois }) => meanLoss(rois)),
    objects: {
      image: objects.map(({ image }) => image),
      label: objects.map(({ label }) => label),
      box: objects.map(({ box }) => box),
      found: objects.map(({ found }) => found),
    },
    detections: {
      image: detections.map(({ image }) => image),
      label: detections.map(({ label }) => label),
      box: detections.map(({ box }) => box),
      score: detections.map(({ score }) => score),
    },
  };
}

function objectsOf(seen: ImageDetections, image: number, place: ImagePlace) {
  const { gts } = seen;
  const found = foundObjects(seen);
  return [...gts.gtClass.keys()]
    .filter((g) => counts(gts, g))
    .map((g) => ({
      image,
      label: gts.gtClass[g],
      box: boxInFile([gts.x1[g], gts.y1[g], gts.x2[g], gts.y2[g]], place),
      found: found[g],
    }));
}

function detectionsOf({ rois, rows }: ImageDetections, image: number, place: ImagePlace) {
  return [...rows]
    .filter((row) => rois.score[row] >= SHOWN_SCORE)
    .map((row) => ({
      image,
      label: rois.predClass[row],
      box: boxInFile([rois.predX1[row], rois.predY1[row], rois.predX2[row], rois.predY2[row]], place),
      score: Number(rois.score[row].toFixed(3)),
    }));
}
