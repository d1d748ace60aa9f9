/** Why one RoI of a run has its status: its minibatch decided in full, who suppressed it, what was still selected. */
import type { RunImage } from '../../arrow/encode-run.js';
import { boxIou } from '../../core/boxes/iou.js';
import { MiningError } from '../../core/mining-error.js';
import { selectHardExamples } from '../../core/mining/select.js';
import { miningBoxes, NONE, NUM_TOP, Status, type Selection } from '../../core/tables.js';
import { minibatchSize } from '../../core/mining/minibatches.js';
import { decideBatch } from '../file/minibatch.js';
import { readImage, type RunBatch } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { rowRecord, type RoiRecord, type Wording } from './selected-rois.js';

/** One image of a run in its minibatch. */
export interface DecidedImage {
  readonly batch: RunBatch & { readonly selection: Selection };
  /** Of the image, in the minibatch; its rows are [start, end). */
  readonly image: RunImage;
  readonly start: number;
  readonly end: number;
}

/** @param imageIndex [0, N). @throws MiningError 'run-file' where an image of its minibatch is damaged. */
export async function decideImage(run: RunReader, imageIndex: number): Promise<DecidedImage> {
  const { mining } = run.manifest;
  const size = minibatchSize(mining);
  const firstImage = imageIndex - (imageIndex % size);
  const images: RunImage[] = [];
  for (let i = firstImage; i < Math.min(firstImage + size, run.images.length); i++)
    images.push(await readImage(run, i));
  const decided = decideBatch(images, mining);
  const place = imageIndex - firstImage;
  return {
    batch: { ...decided, firstImage, selection: selectHardExamples(decided.rois, mining) },
    image: images[place],
    start: decided.rowStart[place],
    end: decided.rowStart[place + 1],
  };
}

/**
 * The hardest ranked row that was matched with an object of the image, in the minibatch.
 * @throws MiningError 'options'
 */
export function hardestRowOf({ batch: { selection, rois }, start, end }: DecidedImage, gt: number): number {
  const row = selection.order.find((each) => each >= start && each < end && rois.gtIndex[each] === gt);
  if (row !== undefined) return row;
  throw new MiningError('options', 'object', 'one with which a ranked RoI was matched', String(gt));
}

export interface RoiDecision {
  readonly roi: RoiRecord;
  /** The best class scores, descending; empty: the source does not know them. */
  readonly scores: readonly { readonly classId: number; readonly score: number }[];
  /** Rows of the minibatch that have a rank, and those selected. */
  readonly numRanked: number;
  readonly numSelected: number;
  /** null: none is selected. */
  readonly lowestSelectedLoss: number | null;
  /** The harder RoI that suppressed it by mining NMS, and the IoU of the two boxes that stand for them. */
  readonly suppressor: { readonly roi: RoiRecord; readonly iou: number } | null;
}

/** @param row of the minibatch. */
export function roiDecision({ batch }: DecidedImage, row: number, wording: Wording): RoiDecision {
  const { rois, selection } = batch;
  const { order, status, rankLoss, lossRank, suppressedBy, keepNum } = selection;
  const by = suppressedBy[row];
  const { x1, y1, x2, y2 } = miningBoxes(rois);
  const recordOf = (each: number) => rowRecord(batch, each, lossRank[each], wording);
  const lowest = order.findLast((each) => status[each] === Status.selected);
  return {
    roi: recordOf(row),
    scores: Array.from({ length: NUM_TOP }, (_, k) => row * NUM_TOP + k)
      .filter((at) => rois.topClass[at] !== NONE)
      .map((at) => ({ classId: rois.topClass[at], score: rois.topScore[at] })),
    numRanked: order.length,
    numSelected: keepNum,
    lowestSelectedLoss: lowest === undefined ? null : rankLoss[lowest],
    suppressor:
      by === NONE
        ? null
        : { roi: recordOf(by), iou: boxIou(x1[row], y1[row], x2[row], y2[row], x1[by], y1[by], x2[by], y2[by]) },
  };
}
