/**
 * Mining over images of which the hardest RoIs are kept gives what it would give over all of them, or says that it
 * cannot.
 *
 * The rest of each image takes part as one row, its probe: background with the greatest losses and score of the rest,
 * at the place of its first RoI, with a box that overlaps nothing. So it comes before each RoI that it stands for, in
 * the loss order of every preset. What comes before it is decided by rows that are there; where it is selected, the
 * answer needs RoIs that are not.
 */
import { takeRows } from '../concat-roi-tables.js';
import { MiningError } from '../mining-error.js';
import { said } from '../said.js';
import { NONE, Status, type RoiTable, type Selection } from '../tables.js';
import type { HardestSelection } from './samplers/sampler.js';

/** A table with its probes. */
interface Probed {
  readonly rois: RoiTable;
  /** Row of the table without probes, NONE for a probe. */
  readonly rowOf: Int32Array;
}

/** Adds the probe of each image that has a rest. Cost: R. */
export function withProbes(rois: RoiTable): Probed {
  const rowOf: number[] = [];
  const imageOf: number[] = [];
  for (let row = 0; row < rois.numRois;) {
    const image = rois.imageIndex[row];
    const rest = rois.rests?.get(image);
    let isDue = rest !== undefined && rest.numBackground > 0;
    for (; row < rois.numRois && rois.imageIndex[row] === image; row++) {
      if (isDue && rest !== undefined && rois.roiIndex[row] > rest.firstIndex) {
        isDue = false;
        imageOf.push(image);
        rowOf.push(NONE);
      }
      rowOf.push(row);
    }
    if (!isDue) continue;
    imageOf.push(image);
    rowOf.push(NONE);
  }
  const rows = Int32Array.from(rowOf);
  const probed = takeRows(
    rois,
    rows.map((row) => Math.max(row, 0)),
  );
  let numProbes = 0;
  rows.forEach((row, i) => {
    if (row === NONE) writeProbe(probed, i, imageOf[numProbes++]);
  });
  return { rois: probed, rowOf: rows };
}

function writeProbe(rois: RoiTable, row: number, image: number): void {
  const rest = rois.rests?.get(image);
  if (rest === undefined) return;
  for (const column of ['x1', 'y1', 'x2', 'y2', 'predX1', 'predY1', 'predX2', 'predY2'] as const) rois[column][row] = 0;
  rois.imageIndex[row] = image;
  rois.roiIndex[row] = NONE;
  rois.sampled[row] = 0;
  rois.gtClass[row] = rois.numClasses;
  rois.gtIndex[row] = NONE;
  rois.iou[row] = 0;
  rois.score[row] = rest.maxScore;
  rois.lossCls[row] = rest.maxLossCls;
  rois.lossLoc[row] = rest.maxLossLoc;
}

/**
 * Who is selected of a probed table, as of the table without.
 * @throws MiningError 'mining' where a probe is selected.
 */
export function withoutProbes(
  { rois, rowOf }: Probed,
  { status, order, rankLoss }: HardestSelection,
): HardestSelection {
  const numRows = rowOf.length - rowOf.reduce((sum, row) => sum + (row === NONE ? 1 : 0), 0);
  const kept = { status: new Uint8Array(numRows), rankLoss: new Float64Array(numRows) };
  for (let i = 0; i < rowOf.length; i++) {
    const row = rowOf[i];
    if (row === NONE) {
      if (status[i] === Status.selected) throw tooFew(rois, rois.imageIndex[i]);
      continue;
    }
    kept.status[row] = status[i];
    kept.rankLoss[row] = rankLoss[i];
  }
  const keptOrder = new Int32Array(order.length);
  let numKept = 0;
  for (let i = 0; i < order.length; i++) if (rowOf[order[i]] !== NONE) keptOrder[numKept++] = rowOf[order[i]];
  return { ...kept, order: keptOrder.slice(0, numKept) };
}

/** As `withoutProbes`, of a decision about every row. */
export function wholeWithoutProbes(probed: Probed, decided: Selection): Selection {
  return { ...decided, ...withoutProbes(probed, decided), ...suppressed(probed.rois, probed.rowOf, decided) };
}

/** The columns that only a whole decision has. */
function suppressed(rois: RoiTable, rowOf: Int32Array, decided: Selection) {
  const isBehind = behindProbe(rois, decided.order);
  const status = decided.status.slice();
  const suppressedBy = decided.suppressedBy.slice();
  for (let i = 0; i < status.length; i++) {
    // A suppressor behind the probe may itself be suppressed by a RoI that is not kept.
    const by = suppressedBy[i];
    if (by === NONE || isBehind[by] === 0) continue;
    suppressedBy[i] = NONE;
    status[i] = Status.belowBudget;
  }
  const isKept = (_: number, i: number) => rowOf[i] !== NONE;
  const counts = new Int32Array(decided.counts.length);
  const keptStatus = status.filter(isKept);
  for (const code of keptStatus) counts[code]++;
  const lossRank = new Int32Array(keptStatus.length).fill(NONE);
  let rank = 0;
  for (const i of decided.order) if (rowOf[i] !== NONE) lossRank[rowOf[i]] = rank++;
  return {
    status: keptStatus,
    suppressedBy: suppressedBy.filter(isKept).map((by) => (by === NONE ? NONE : rowOf[by])),
    lossRank,
    counts,
  };
}

/** 1 for each ranked row that is easier than its image's probe. */
function behindProbe({ imageIndex, roiIndex }: RoiTable, order: Int32Array): Uint8Array {
  const isBehind = new Uint8Array(imageIndex.length);
  const passed = new Set<number>();
  for (const i of order) {
    if (roiIndex[i] === NONE) passed.add(imageIndex[i]);
    else if (passed.has(imageIndex[i])) isBehind[i] = 1;
  }
  return isBehind;
}

function tooFew({ imageIndex, rests }: RoiTable, image: number): MiningError {
  const numKept = imageIndex.filter((each) => each === image).length - 1;
  const numAll = numKept + (rests?.get(image)?.numBackground ?? 0);
  const expected = said`a choice among the ${numKept} hardest RoIs that the run keeps of an image`;
  const received = said`one that reaches further, into its other ${numAll - numKept}`;
  const todo = 'Choose fewer, or mine with --keep-rois all';
  return new MiningError('mining', 'budget', expected, received, { todo });
}
