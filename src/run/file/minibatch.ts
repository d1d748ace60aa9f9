/** The images of a run that are decided together. */
import type { RunImage } from '../../arrow/encode-run.js';
import { concatRoiTables } from '../../core/concat-roi-tables.js';
import { imageMeasures } from '../../core/reports/dataset-measures.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import type { HardestSelection } from '../../core/mining/samplers/sampler.js';
import { MiningError } from '../../core/mining-error.js';
import type { ImageSummary, RunManifest } from '../../core/facts/run-manifest.js';
import { samplerOf } from '../../core/mining/samplers/index.js';
import { keepsHardest, selectHardest } from '../../core/mining/select.js';
import { keepRois } from '../../core/triage/keep-rois.js';
import { numUnkept, type RoiRest } from '../../core/roi-rest.js';
import { isForeground, Status } from '../../core/tables.js';
import type { RoiTable } from '../../core/tables.js';
import { DETECTING } from '../../core/triage/detections.js';

/**
 * A minibatch of which is known who is selected; rows of image i of it are [rowStart[i], rowStart[i + 1]) of `rois`.
 */
export interface DecidedBatch {
  readonly images: readonly RunImage[];
  readonly rois: RoiTable;
  readonly selection: HardestSelection;
  readonly rowStart: Int32Array;
  /** By which it was decided. */
  readonly mining: MiningConfig;
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
  return { images, rois, rowStart, mining, selection: select(rois, mining) };
}

/**
 * The images of a minibatch with the RoIs that their run keeps: at least as many as its own mining configuration needs,
 * all where that looks at no loss.
 * @param images that are kept in part already stay as they are.
 * Cost: as `keepRois`, and the decisions over what is kept.
 */
export function keepBatch(
  images: readonly RunImage[],
  run: Pick<RunManifest, 'keepRois' | 'mining'>,
): readonly RunImage[] {
  const { keepRois: numKept, mining } = run;
  if (numKept === undefined || !keepsHardest(run)) return images;
  const kept = images.map((image) => keepImage(image, numKept, mining));
  // Alone each is enough to decide.
  if (images.length === 1 || kept.every((image, i) => image === images[i])) return kept;
  return isAnswered(() => decideBatch(kept, mining)) ? kept : images;
}

/** Alone an image may fill a whole minibatch: beside others it fills less of it. */
function keepImage(image: RunImage, asked: number, mining: MiningConfig): RunImage {
  for (let numKept = asked; numKept < image.rois.numRois; numKept *= 2) {
    const rois = keepRois(image.rois, image.gts, numKept, DETECTING.scoreThreshold);
    if (isAnswered(() => selectHardest(rois, mining))) return { ...image, rois };
  }
  return image;
}

/** Whether what is kept is enough to decide. */
function isAnswered(decide: () => void): boolean {
  try {
    decide();
    return true;
  } catch (error) {
    if (error instanceof MiningError && error.code === 'mining') return false;
    throw error;
  }
}

/** The images of a decided minibatch with their summaries: what mining says anew, the rest as it stands. */
export function summariseBatch({ images, rois, selection, rowStart, mining }: DecidedBatch): RunImage[] {
  const isIgnored = samplerOf(mining.preset).ignoredTakePart !== true;
  return images.map((image, i) => ({
    ...image,
    summary: {
      ...image.summary,
      numGts: image.gts.numGts,
      ...withRest(summariseRows(rois, selection, rowStart[i], rowStart[i + 1]), rois.rests?.get(i), isIgnored),
      ...imageMeasures(rois, rowStart[i], rowStart[i + 1]),
    },
  }));
}

function withRest<T extends Pick<ImageSummary, 'numRois' | 'numIgnored' | 'numInvalid'>>(
  counts: T,
  rest: RoiRest | undefined,
  isIgnored: boolean,
): T {
  if (rest === undefined) return counts;
  return {
    ...counts,
    numRois: counts.numRois + numUnkept(rest),
    numIgnored: counts.numIgnored + (isIgnored ? rest.numIgnored : 0),
    numInvalid: counts.numInvalid + rest.numInvalid,
  };
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
