/** RoI tables of tests: one short object a row. */
import {
  allocateRoiTable,
  NUM_TOP,
  STATUS_NAMES,
  type Precision,
  type RoiTable,
  type Selection,
} from '../../../src/core/tables.js';

export interface RoiRow {
  readonly image?: number;
  /** x1, y1, x2, y2. Absent: a box apart from every other. */
  readonly box?: readonly [number, number, number, number];
  /** The regressed box; absent: equal to `box`. */
  readonly pred?: readonly [number, number, number, number];
  /** [0, K) foreground, K background, -1 ignore. Absent: background. */
  readonly label?: number;
  readonly cls: number;
  readonly loc?: number;
  readonly iou?: number;
  readonly score?: number;
  /** [class, score] pairs, highest first. */
  readonly top?: readonly (readonly [number, number])[];
}

export const NUM_CLASSES = 3;
export const BACKGROUND = NUM_CLASSES;

export function makeRois(rows: readonly RoiRow[], precision: Precision = 'float64'): RoiTable {
  const rois = allocateRoiTable(rows.length, NUM_CLASSES, precision);
  rows.forEach((row, i) => {
    const box = row.box ?? [100 * i, 0, 100 * i + 10, 10];
    [rois.x1[i], rois.y1[i], rois.x2[i], rois.y2[i]] = box;
    [rois.predX1[i], rois.predY1[i], rois.predX2[i], rois.predY2[i]] = row.pred ?? box;
    rois.imageIndex[i] = row.image ?? 0;
    rois.gtClass[i] = row.label ?? BACKGROUND;
    rois.lossCls[i] = row.cls;
    rois.lossLoc[i] = row.loc ?? 0;
    rois.iou[i] = row.iou ?? 0;
    rois.score[i] = row.score ?? NaN;
    row.top?.forEach(([classId, score], t) => {
      rois.topClass[i * NUM_TOP + t] = classId;
      rois.topScore[i * NUM_TOP + t] = score;
    });
  });
  return rois;
}

/** Status of each row in the field's words. */
export function statusNames(selection: Selection): string[] {
  return Array.from(selection.status, (code) => STATUS_NAMES[code]);
}

/** Rows that were selected, ascending. */
export function selectedOf(selection: Selection): number[] {
  return statusNames(selection).flatMap((name, row) => (name === 'selected' ? [row] : []));
}
