/** The hardest RoIs, objects and images of a whole run: what `ohem show` lists and what a language model is told. */
import { orderValue, type ImageOrder } from '../../core/facts/image-orders.js';
import { whyNoLoss, type ImageSummary } from '../../core/facts/run-manifest.js';
import type { MiningConfig } from '../../core/mining/mining-options.js';
import { decideRun } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { objectLosses, type ObjectLoss } from './object-losses.js';
import { roiRecord, selectedRanks, type RoiRecord, type Wording } from './selected-rois.js';
import { summarise } from './summarise-run.js';

/** Which, how many, and how they are told. */
export interface HardestChoice extends Wording {
  readonly mining: MiningConfig;
  /** >= 1 */
  readonly top: number;
}

/**
 * The selected RoIs of the highest loss. Ties: earlier in the file first.
 * @param keep which of them count; absent: all.
 * @throws MiningError 'run-file'
 * Cost: reads every RoI once; `top` records of a minibatch are made.
 */
export async function hardestRois(
  run: RunReader,
  choice: HardestChoice,
  keep: (roi: RoiRecord) => boolean = () => true,
): Promise<RoiRecord[]> {
  let best: RoiRecord[] = [];
  for await (const batch of decideRun(run, choice.mining)) {
    let taken = 0;
    for (const rank of selectedRanks(batch)) {
      // They come hardest first: no more than `top` of a minibatch can be among the hardest of the run.
      if (taken === choice.top) break;
      const roi = roiRecord(batch, rank, choice);
      if (!keep(roi)) continue;
      best.push(roi);
      taken++;
    }
    best = best.sort((a, b) => lossOf(b) - lossOf(a)).slice(0, choice.top);
  }
  return best;
}

/** An object of a run with its hardest selected RoI. */
export interface HardObject extends ObjectLoss {
  readonly hardest: RoiRecord;
}

/**
 * The objects whose hardest selected RoI has the highest loss; those with which none was matched are none.
 * @throws MiningError 'run-file'
 * Cost: reads every RoI once and makes a record of each that is selected.
 */
export async function hardestObjects(
  run: RunReader,
  choice: HardestChoice,
  keep: (object: HardObject) => boolean,
): Promise<HardObject[]> {
  let best: HardObject[] = [];
  for await (const batch of decideRun(run, choice.mining)) {
    const records = Array.from(selectedRanks(batch), (rank) => roiRecord(batch, rank, choice));
    for (const [i, { gts }] of batch.images.entries()) {
      const rows = records.filter(({ image_index }) => image_index === batch.firstImage + i);
      for (const object of objectLosses(gts, rows)) if (isHard(object) && keep(object)) best.push(object);
    }
    best = best.sort((a, b) => lossOf(b.hardest) - lossOf(a.hardest)).slice(0, choice.top);
  }
  return best;
}

function isHard(object: ObjectLoss): object is HardObject {
  return object.hardest !== null;
}

function lossOf({ loss }: RoiRecord): number {
  return loss ?? 0;
}

/**
 * The images of the highest loss by `order`. Those without one come last and say why as their `error`: their sums of 0
 * would make them easy ones.
 * @throws MiningError 'run-file'
 */
export async function hardestImages(
  run: RunReader,
  mining: MiningConfig,
  order: ImageOrder,
  top: number,
): Promise<ImageSummary[]> {
  const summaries = (await summarise(run, mining)).map((image) => ({ ...image, error: whyNoLoss(image) }));
  const apart = ({ error }: ImageSummary) => Number(error !== '');
  return summaries.sort((a, b) => apart(a) - apart(b) || orderValue(b, order) - orderValue(a, order)).slice(0, top);
}
