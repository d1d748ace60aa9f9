import { IGNORE, NONE, type GtTable } from '../../core/tables.js';
import type { RoiRecord } from './selected-rois.js';

/** A ground truth with the hardest selected RoI that was matched with it; null: none was. */
export interface ObjectLoss {
  /** Row in the image's ground truth. */
  readonly gt: number;
  /** [0, K): objects without a class of the run are left out. */
  readonly gtClass: number;
  readonly box: readonly [x1: number, y1: number, x2: number, y2: number];
  /** A crowd or a difficult object, which no training counts. */
  readonly isVague: boolean;
  /** Position in the annotation file; null unknown. */
  readonly annotation: number | null;
  readonly hardest: RoiRecord | null;
}

/** One an object of an image that has a class of the run, in file order. @param rows of the image, hardest first. */
export function objectLosses(gts: GtTable, rows: readonly RoiRecord[]): ObjectLoss[] {
  const hardest = new Map(rows.toReversed().map((row) => [row.gt_index, row]));
  return Array.from({ length: gts.numGts }, (_, gt): ObjectLoss => {
    const annotation = gts.annotation[gt];
    return {
      gt,
      gtClass: gts.gtClass[gt],
      box: [gts.x1[gt], gts.y1[gt], gts.x2[gt], gts.y2[gt]],
      isVague: gts.isCrowd[gt] === 1 || gts.isDifficult[gt] === 1,
      annotation: annotation === NONE ? null : annotation,
      hardest: hardest.get(gt) ?? null,
    };
  }).filter(({ gtClass }) => gtClass !== IGNORE);
}
