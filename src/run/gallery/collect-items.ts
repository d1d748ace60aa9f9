/** The items of one decided minibatch. */
import type { RunImage } from '../../arrow/encode-run.js';
import { preferredClass } from '../../core/predictions.js';
import { miningBoxes, NONE, Status, type GtTable } from '../../core/tables.js';
import { bestBox } from '../../core/triage/best-box.js';
import { detect } from '../../core/triage/detections.js';
import { ErrorType, isObject, tideErrors, type TideErrors } from '../../core/triage/tide-errors.js';
import { STORED_KINDS, type StoredKind } from '../../protocol/gallery-messages.js';
import type { RunBatch } from '../file/read-run.js';
import { selectedRanks } from '../query/selected-rois.js';
import { ItemList, type Item } from './items.js';

/** Selected RoIs of an image that are listed, its hardest: a preset may select all of them. */
export const MOST_ROIS = 512;

/** All items of a run so far. */
export interface Collected {
  readonly lists: Readonly<Record<StoredKind, ItemList>>;
  /** Selected RoIs that were left out: more than MOST_ROIS of an image. */
  numLeftOut: number;
}

export function emptyCollection(): Collected {
  const lists = Object.fromEntries(STORED_KINDS.map((kind) => [kind, new ItemList()])) as Collected['lists'];
  return { lists, numLeftOut: 0 };
}

/**
 * Adds the items of a minibatch: its selected RoIs; its detections, as inference NMS leaves them; its objects that
 * count in training; its images.
 *
 * An object's loss is that of the hardest selected RoI that was matched with it, as in the exports. Its prediction,
 * score and IoU are those of the best box on it. An image stands for its hardest selected RoI, and its loss is the sum
 * over the selected.
 * Cost: RoIs × objects of each image.
 */
export function collectItems(batch: RunBatch, collected: Collected): void {
  const { lists } = collected;
  const hardest = batch.images.map(() => [] as number[]);
  for (const rank of selectedRanks(batch)) {
    const row = batch.selection.order[rank];
    hardest[batch.rois.imageIndex[row]].push(row);
  }
  batch.images.forEach((image, place) => {
    const rows = hardest[place];
    const found = detect(image.rois);
    const errors = tideErrors(found, image.gts);
    const errorOf = new Map(Array.from(found.row, (row, d) => [row, errors.error[d]]));
    const context = { batch, image, place, start: batch.rowStart[place], errors, errorOf };
    for (const row of rows.slice(0, MOST_ROIS)) lists.rois.push(roiItem(context, row));
    collected.numLeftOut += Math.max(0, rows.length - MOST_ROIS);
    for (const row of found.row) lists.detections.push(detectionItem(context, context.start + row));
    for (const item of objectItems(context, rows)) lists.objects.push(item);
    lists.images.push(imageItem(context, rows));
  });
}

interface Place {
  readonly batch: RunBatch;
  readonly image: RunImage;
  /** Of the image in its minibatch, and of its first row. */
  readonly place: number;
  readonly start: number;
  /** Of the image's detections, and by RoI of the image. */
  readonly errors: TideErrors;
  readonly errorOf: ReadonlyMap<number, number>;
}

/** @param row of the minibatch. */
function detectionItem(context: Place, row: number): Item {
  const { rois, selection } = context.batch;
  const { predX1, predY1, predX2, predY2 } = rois;
  return {
    ...roiItem(context, row),
    selected: selection.status[row] === Status.selected ? 1 : 0,
    x1: predX1[row],
    y1: predY1[row],
    x2: predX2[row],
    y2: predY2[row],
  };
}

/** @param row of the minibatch. */
function roiItem({ batch, image, place, start, errorOf }: Place, row: number): Item {
  const { rois, selection, firstImage } = batch;
  const boxes = miningBoxes(rois);
  return {
    image: firstImage + place,
    row: row - start,
    gt: rois.gtIndex[row],
    annotation: annotationOf(image.gts, rois.gtIndex[row]),
    label: rois.gtClass[row],
    preferred: preferredClass(rois, row),
    selected: 1,
    error: errorOf.get(row - start) ?? NONE,
    score: rois.score[row],
    iou: rois.iou[row],
    loss: selection.rankLoss[row],
    x1: boxes.x1[row],
    y1: boxes.y1[row],
    x2: boxes.x2[row],
    y2: boxes.y2[row],
  };
}

/** @param selected rows of the minibatch, hardest first. */
function objectItems({ batch, image, place, start, errors }: Place, selected: readonly number[]): Item[] {
  const { gts, rois } = image;
  const hardest = new Map(selected.toReversed().map((row) => [batch.rois.gtIndex[row], row]));
  const counted = Array.from({ length: gts.numGts }, (_, gt) => gt).filter((gt) => isObject(gts, gt));
  return counted.map((gt) => {
    const best = bestBox(rois, gts, gt);
    const hard = hardest.get(gt);
    return {
      image: batch.firstImage + place,
      row: hard === undefined ? best.row : hard - start,
      gt,
      annotation: gts.annotation[gt],
      label: gts.gtClass[gt],
      preferred: best.row === NONE ? rois.numClasses : preferredClass(rois, best.row),
      selected: hard === undefined ? 0 : 1,
      error: errorOfObject(errors, gt),
      score: best.row === NONE ? NaN : rois.score[best.row],
      iou: best.iou,
      loss: hard === undefined ? NaN : batch.selection.rankLoss[hard],
      x1: gts.x1[gt],
      y1: gts.y1[gt],
      x2: gts.x2[gt],
      y2: gts.y2[gt],
    };
  });
}

function annotationOf({ annotation }: GtTable, gt: number): number {
  return gt === NONE ? NONE : annotation[gt];
}

/** Found; else what the detection lacks that comes nearest; else missed. */
function errorOfObject({ foundBy, fixedBy, error }: TideErrors, gt: number): number {
  if (foundBy[gt] !== NONE) return ErrorType.none;
  return fixedBy[gt] === NONE ? ErrorType.miss : error[fixedBy[gt]];
}

function imageItem(context: Place, selected: readonly number[]): Item {
  const { batch, image, place } = context;
  const { width, height } = image.summary;
  const whole = { x1: 0, y1: 0, x2: width, y2: height };
  if (selected.length === 0) return { ...BLANK, ...whole, image: batch.firstImage + place };
  const loss = selected.reduce((sum, row) => sum + batch.selection.rankLoss[row], 0);
  return { ...roiItem(context, selected[0]), ...whole, loss };
}

const BLANK: Item = {
  image: 0,
  row: NONE,
  gt: NONE,
  annotation: NONE,
  label: NONE,
  preferred: NONE,
  selected: 0,
  error: NONE,
  score: NaN,
  iou: NaN,
  loss: NaN,
  x1: 0,
  y1: 0,
  x2: 0,
  y2: 0,
};
