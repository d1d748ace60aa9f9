/**
 * Everything about one row, for the clipboard. Numbers that JSON lacks become strings. Ranks count from 1 as on the
 * screen, rows and ground truths from 0 as in the tables.
 */
import { IGNORE, NONE, type RoiTable } from '../../src/core/tables.js';
import type { ImageSelection } from './image-selection.js';
import { statusOf, topScores } from './roi-text.js';

export interface RowFacts {
  readonly rois: RoiTable;
  readonly selection: ImageSelection;
  /** R: as `predictedClasses`. */
  readonly predictions: Int32Array;
  readonly row: number;
  readonly classes: readonly string[];
  /** R: probability of the label minus the highest other score. */
  readonly margin: Float64Array;
  /** Id of the row's image. */
  readonly image: string;
}

/** A RoI with its boxes. */
export function roiJson(facts: RowFacts): string {
  const { rois, row } = facts;
  const box = (x1: ArrayLike<number>, y1: ArrayLike<number>, x2: ArrayLike<number>, y2: ArrayLike<number>) => [
    real(x1[row]),
    real(y1[row]),
    real(x2[row]),
    real(y2[row]),
  ];
  const boxes = {
    suppressed_by: orNull(facts.selection.suppressedBy[row]),
    ground_truth: orNull(rois.gtIndex[row]),
    iou: real(rois.iou[row]),
    loss_cls: real(rois.lossCls[row]),
    loss_loc: real(rois.lossLoc[row]),
    region: box(rois.x1, rois.y1, rois.x2, rois.y2),
    regressed: box(rois.predX1, rois.predY1, rois.predX2, rois.predY2),
  };
  return JSON.stringify({ ...decided(facts), row, ...boxes, ...measured(facts) }, null, 2);
}

/** A classified image. */
export function exampleJson(facts: RowFacts): string {
  return JSON.stringify({ ...decided(facts), ...measured(facts) }, null, 2);
}

function decided({ rois, predictions, selection, row, classes, image }: RowFacts) {
  const rank = orNull(selection.lossRank[row]);
  return {
    image,
    rank: rank === null ? null : rank + 1,
    status: statusOf(selection, row).id,
    label: nameOf(rois.gtClass[row], classes, 'ignored'),
    prediction: nameOf(predictions[row], classes, '–'),
    score: real(rois.score[row]),
    loss: real(selection.rankLoss[row]),
  };
}

function measured({ rois, row, classes, margin }: RowFacts) {
  return {
    margin: real(margin[row]),
    entropy: real(rois.entropy[row]),
    el2n: real(rois.el2n[row]),
    top_scores: topScores(rois, row).map(({ id, score }) => ({ class: nameOf(id, classes, '–'), score: real(score) })),
  };
}

/** A class by name, in English whatever the panel speaks: scripts read it. */
function nameOf(id: number, classes: readonly string[], ignored: string): string {
  return id === IGNORE ? ignored : ([...classes, 'background'][id] ?? '–');
}

function real(value: number | undefined): number | string | undefined {
  return Number.isFinite(value) ? value : String(value);
}

function orNull(value: number): number | null {
  return value === NONE ? null : value;
}
