/** The images of a run that are decided together. */
import type { RunImage } from '../../arrow/encode-run.js';
import { concatRoiTables } from '../../core/concat-roi-tables.js';
import { imageMeasures } from '../../core/reports/dataset-measures.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { HardestSelection } from '../../core/mining/samplers/sampler.js';
import { selectHardest } from '../../core/mining/select.js';
import { isForeground, Status } from '../../core/tables.js';
import type { RoiTable } from '../../core/tables.js';

/**
 * A minibatch of which is known who is selected; rows of image i of it are [rowStart[i], rowStart[i + 1]) of `rois`.
 */
export interface DecidedBatch {
  readonly images: readonly RunImage[];
  readonly rois: RoiTable;
  readonly selection: HardestSelection;
  readonly rowStart: Int32Array;
}

/**
 * @param images at least one.
 * @param select `selectHardExamples` tells the rows that are not selected apart, too.
 */
export function decideBatch(
  images: readonly RunImage[],
  mining: MiningConfig,
  select: typeof selectHardest = selectHardest,
): DecidedBatch {
  const rois = concatRoiTables(images.map((image) => image.rois));
  const rowStart = new Int32Array(images.length + 1);
  images.forEach((image, i) => (rowStart[i + 1] = rowStart[i] + image.rois.numRois));
  return { images, rois, rowStart, selection: select(rois, mining) };
}

/** The images of a decided minibatch with their summaries: what mining says anew, the rest as it stands. */
export function summariseBatch({ images, rois, selection, rowStart }: DecidedBatch): RunImage[] {
  return images.map((image, i) => ({
    ...image,
    summary: {
      ...image.summary,
      numGts: image.gts.numGts,
      ...summariseRows(rois, selection, rowStart[i], rowStart[i + 1]),
      ...imageMeasures(rois, rowStart[i], rowStart[i + 1]),
    },
  }));
}

/** Rows [start, end) of a decided table. Losses are those that ranked the rows. */
function summariseRows(rois: RoiTable, { status, rankLoss }: HardestSelection, start: number, end: number) {
  let [numForeground, numSelected, numIgnored, numInvalid] = [0, 0, 0, 0];
  let [lossSum, lossMax] = [0, 0];
  for (let row = start; row < end; row++) {
    if (isForeground(rois, row)) numForeground++;
    if (status[row] === Status.ignored) numIgnored++;
    if (status[row] === Status.invalid) numInvalid++;
    if (status[row] !== Status.selected) continue;
    lossMax = numSelected === 0 ? rankLoss[row] : Math.max(lossMax, rankLoss[row]);
    lossSum += rankLoss[row];
    numSelected++;
  }
  const lossMean = numSelected === 0 ? 0 : lossSum / numSelected;
  return { numRois: end - start, numForeground, numSelected, numIgnored, numInvalid, lossSum, lossMean, lossMax };
}
