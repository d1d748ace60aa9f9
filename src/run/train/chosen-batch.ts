/** What a step of training chose, for a person to look at: boxes back in the image files. */
import { isForeground } from '../../core/tables.js';
import type { ChosenBatch } from '../../protocol/train-messages.js';
import type { ChosenRois } from '../../train/trainer.js';
import { boxInFile, type Box } from './box-in-file.js';
import type { ImagePlace } from './train-images.js';

/**
 * The chosen RoIs of a step; images keep their order, and of each the hardest come first where losses are known.
 * @param placeOf place of an image of the data set.
 * @param looks losses are known.
 * @param classes K names.
 */
export function chosenBatch(
  { step, batch, rois, rows }: ChosenRois,
  placeOf: (index: number) => ImagePlace,
  looks: boolean,
  classes: readonly string[],
): ChosenBatch {
  const places = batch.imageIndex.map(placeOf);
  const lossOf = (row: number) => rois.lossCls[row] + (isForeground(rois, row) ? rois.lossLoc[row] : 0);
  const order = [...rows].sort(
    (a, b) => rois.imageIndex[a] - rois.imageIndex[b] || (looks ? lossOf(b) - lossOf(a) : 0),
  );
  const boxes = order.map((row) =>
    chosenBox(rois, row, places[rois.imageIndex[row]], batch.isFlipped[rois.imageIndex[row]]),
  );
  return {
    step: step + 1,
    images: places.map((place, n) => ({
      path: place.path,
      width: Math.round(place.widthPx / place.scaleX),
      height: Math.round(place.heightPx / place.scaleY),
      isFlipped: batch.isFlipped[n],
    })),
    classes,
    numRois: rois.numRois,
    image: order.map((row) => rois.imageIndex[row]),
    x1: boxes.map(([x1]) => x1),
    y1: boxes.map(([, y1]) => y1),
    x2: boxes.map(([, , x2]) => x2),
    y2: boxes.map(([, , , y2]) => y2),
    gtClass: order.map((row) => rois.gtClass[row]),
    loss: order.map((row) => (looks && Number.isFinite(lossOf(row)) ? lossOf(row) : null)),
  };
}

/** Mirrored where the network saw the image mirrored. */
function chosenBox({ x1, y1, x2, y2 }: ChosenRois['rois'], row: number, place: ImagePlace, isFlipped: boolean): Box {
  const [left, right] = isFlipped ? [place.widthPx - x2[row], place.widthPx - x1[row]] : [x1[row], x2[row]];
  return boxInFile([left, y1[row], right, y2[row]], place);
}
