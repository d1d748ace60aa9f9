/** Which ground truths take part in matching, and which only make RoIs ignored. */
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { IGNORE } from '../tables.js';
import type { Boxes, GtTable, ImageSize } from '../tables.js';

/** Some rows of a GtTable, packed (M rows), in the table's order. */
export interface GtSubset extends Boxes {
  readonly count: number;
  /** Row in the GtTable. */
  readonly row: Int32Array;
  /** [0, K), IGNORE. */
  readonly gtClass: Int32Array;
}

/**
 * Ground truths that a RoI can be matched with: neither crowd nor difficult, of a known class, with a finite positive
 * area, and somewhere inside the image. What has no area or lies outside was no target in training either.
 * @throws MiningError 'mining' for a label outside [0, K) that is not IGNORE.
 * Source: mmdetection `mmdet/datasets/coco.py` and YOLOX `yolox/data/datasets/coco.py` drop the same.
 */
export function matchableGts(gts: GtTable, numClasses: number, image: ImageSize): GtSubset {
  return subset(gts, (row) => {
    const gtClass = gts.gtClass[row];
    if (gtClass !== IGNORE && !(gtClass >= 0 && gtClass < numClasses)) {
      throw new MiningError(
        'mining',
        `gts.gtClass[${row}]`,
        said`a class in [0, ${numClasses}) or ${IGNORE}`,
        String(gtClass),
      );
    }
    return !isIgnoreRegion(gts, row) && hasArea(gts, row) && touchesImage(gts, row, image);
  });
}

/** Ground truths that nothing is matched with but that excuse the RoIs on them: crowd, difficult, IGNORE class. */
export function ignoreRegions(gts: GtTable): GtSubset {
  return subset(gts, (row) => isIgnoreRegion(gts, row) && hasArea(gts, row));
}

function isIgnoreRegion(gts: GtTable, row: number): boolean {
  return gts.isCrowd[row] !== 0 || gts.isDifficult[row] !== 0 || gts.gtClass[row] === IGNORE;
}

function hasArea(gts: GtTable, row: number): boolean {
  const width = gts.x2[row] - gts.x1[row];
  const height = gts.y2[row] - gts.y1[row];
  return width > 0 && height > 0 && width * height < Infinity;
}

function touchesImage(gts: GtTable, row: number, image: ImageSize): boolean {
  if (!(image.width > 0 && image.height > 0)) return true;
  return gts.x2[row] > 0 && gts.y2[row] > 0 && gts.x1[row] < image.width && gts.y1[row] < image.height;
}

function subset(gts: GtTable, takes: (row: number) => boolean): GtSubset {
  const rows: number[] = [];
  for (let row = 0; row < gts.numGts; row++) if (takes(row)) rows.push(row);
  const row = Int32Array.from(rows);
  const pick = (column: ArrayLike<number>) => Float64Array.from(row, (i) => column[i]);
  return {
    count: row.length,
    row,
    x1: pick(gts.x1),
    y1: pick(gts.y1),
    x2: pick(gts.x2),
    y2: pick(gts.y2),
    gtClass: row.map((i) => gts.gtClass[i]),
  };
}
