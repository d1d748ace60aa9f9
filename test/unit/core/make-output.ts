/** Small detector outputs and ground truths for tests. */
import type { DetectorOutput } from '../../../src/core/losses/detector-output.js';
import { allocateGtTable } from '../../../src/core/tables.js';
import type { Boxes, GtTable } from '../../../src/core/tables.js';

export type Box = readonly [number, number, number, number];

/** Columns of boxes, float32 as a decoder gives them. */
export function columnsOf(boxes: readonly (readonly number[])[]): Boxes {
  const column = (side: number) => Float32Array.from(boxes, (box) => box[side]);
  return { x1: column(0), y1: column(1), x2: column(2), y2: column(3) };
}

export interface GtSpec {
  readonly box: readonly number[];
  readonly gtClass?: number;
  readonly crowd?: boolean;
  readonly difficult?: boolean;
}

export function makeGts(specs: readonly GtSpec[]): GtTable {
  const gts = allocateGtTable(specs.length);
  specs.forEach(({ box, gtClass = 0, crowd = false, difficult = false }, row) => {
    [gts.x1[row], gts.y1[row], gts.x2[row], gts.y2[row]] = box;
    gts.gtClass[row] = gtClass;
    gts.isCrowd[row] = crowd ? 1 : 0;
    gts.isDifficult[row] = difficult ? 1 : 0;
  });
  return gts;
}

/** A softmax head of K classes on proposals: logits all 0 unless given, regressed boxes equal to the regions. */
export function makeOutput(
  regions: readonly (readonly number[])[],
  numClasses: number,
  changes: Partial<DetectorOutput> = {},
): DetectorOutput {
  const activation = changes.scoreForm?.activation ?? 'softmax';
  return {
    numRois: regions.length,
    numClasses,
    regions: columnsOf(regions),
    preds: columnsOf(regions),
    scoreForm: { activation, given: 'logits' },
    scores: new Float32Array(regions.length * (numClasses + (activation === 'softmax' ? 1 : 0))),
    objectness: null,
    deltas: null,
    deltaWeights: null,
    grid: null,
    ...changes,
  };
}

export const IMAGE = { width: 100, height: 100 };
