/** Selected RoIs as records for people and scripts: what `ohem show` and `ohem export` print. */
import { marginOf } from '../../core/losses/example-scores.js';
import { predictedClass } from '../../core/predictions.js';
import { IGNORE, NONE, Status, STATUS_NAMES } from '../../core/tables.js';
import type { GtTable, RoiTable } from '../../core/tables.js';
import type { RunBatch } from '../file/read-run.js';

/** One RoI. Reals are null where the source does not know them; boxes are x1, y1, x2, y2 in image px. */
export interface RoiRecord {
  /** Id of the image, and its row in the run file. */
  readonly image: string;
  readonly image_index: number;
  /** Row of the RoI in its image. */
  readonly row: number;
  /** Place in the loss order of its minibatch, 1 hardest: the panel's `#1`. 0: it was not ranked. */
  readonly rank: number;
  readonly status: string;
  /** Class name, `background` or `ignore`. */
  readonly label: string;
  /** As `predictedClass`: class name or `background`; null unknown. */
  readonly predicted: string | null;
  /** Foreground class of the highest score, and that score; null unknown. */
  readonly top_class: string | null;
  readonly score: number | null;
  readonly iou: number | null;
  readonly loss_cls: number | null;
  readonly loss_loc: number | null;
  /** What ranked the RoI. */
  readonly loss: number | null;
  /** Of the class scores: docs/measures.md. */
  readonly entropy: number | null;
  readonly margin: number | null;
  readonly el2n: number | null;
  readonly region: Box;
  readonly pred_box: Box;
  /** Matched object of the image; null for background. */
  readonly gt_index: number | null;
  readonly gt_box: Box | null;
  /** Where the object stands in the annotation file. */
  readonly annotation: number | null;
  readonly annotation_path: string;
}
export type Box = readonly [number | null, number | null, number | null, number | null];

/** Ranks at which a minibatch's selected rows stand, hardest first. */
export function* selectedRanks({ selection: { order, status } }: RunBatch): Generator<number> {
  for (let rank = 0; rank < order.length; rank++) if (status[order[rank]] === Status.selected) yield rank;
}

/** How a run's rows are told to a person. */
export interface Wording {
  readonly classes: readonly string[];
  /** Score below which a prediction is background, as `backgroundBelowOf`. */
  readonly backgroundBelow: number;
}

/** The record of the RoI that stands at `rank` (0 hardest) of its minibatch. */
export function roiRecord(batch: RunBatch, rank: number, wording: Wording): RoiRecord {
  return rowRecord(batch, batch.selection.order[rank], rank, wording);
}

/** The record of a row of a minibatch. @param rank from 0; NONE where it is not ranked. */
export function rowRecord(batch: RunBatch, row: number, rank: number, wording: Wording): RoiRecord {
  const { classes, backgroundBelow } = wording;
  const { rois, selection, images, rowStart, firstImage } = batch;
  const place = rois.imageIndex[row];
  const { summary, gts } = images[place];
  const gt = rois.gtIndex[row];
  return {
    image: summary.id,
    image_index: firstImage + place,
    row: row - rowStart[place],
    rank: rank + 1,
    status: STATUS_NAMES[selection.status[row]],
    label: labelName(rois, row, classes),
    predicted: nameOf(predictedClass(rois, row, backgroundBelow), classes),
    top_class: nameOf(rois.predClass[row], classes),
    score: finite(rois.score[row]),
    iou: finite(rois.iou[row]),
    loss_cls: finite(rois.lossCls[row]),
    loss_loc: finite(rois.lossLoc[row]),
    loss: finite(selection.rankLoss[row]),
    entropy: finite(rois.entropy[row]),
    margin: finite(marginOf(rois, row)),
    el2n: finite(rois.el2n[row]),
    region: [finite(rois.x1[row]), finite(rois.y1[row]), finite(rois.x2[row]), finite(rois.y2[row])],
    pred_box: [finite(rois.predX1[row]), finite(rois.predY1[row]), finite(rois.predX2[row]), finite(rois.predY2[row])],
    gt_index: gt === NONE ? null : gt,
    gt_box: gt === NONE ? null : gtBox(gts, gt),
    annotation: gt === NONE || gts.annotation[gt] === NONE ? null : gts.annotation[gt],
    annotation_path: summary.annotationPath,
  };
}

function gtBox(gts: GtTable, gt: number): Box {
  return [finite(gts.x1[gt]), finite(gts.y1[gt]), finite(gts.x2[gt]), finite(gts.y2[gt])];
}

function labelName({ gtClass }: RoiTable, row: number, classes: readonly string[]): string {
  if (gtClass[row] === IGNORE) return 'ignore';
  return classes[gtClass[row]] ?? 'background';
}

function nameOf(classId: number, classes: readonly string[]): string | null {
  return classId === NONE ? null : (classes[classId] ?? 'background');
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** Column names of a RoiRecord, in order: the header of a CSV file. */
export const ROI_RECORD_FIELDS = [
  'image',
  'image_index',
  'row',
  'rank',
  'status',
  'label',
  'predicted',
  'top_class',
  'score',
  'iou',
  'loss_cls',
  'loss_loc',
  'loss',
  'entropy',
  'margin',
  'el2n',
  'region',
  'pred_box',
  'gt_index',
  'gt_box',
  'annotation',
  'annotation_path',
] as const satisfies readonly (keyof RoiRecord)[];
