/** Where two definitions of "hard" choose differently. */
import { numUnkept, type RoiRest } from '../roi-rest.js';
import { IGNORE, isForeground, Status } from '../tables.js';
import type { RoiTable, Selection } from '../tables.js';

/** Who selected a RoI. The numbers are stored in `SelectionComparison.mark`. */
export const Mark = { both: 0, onlyA: 1, onlyB: 2, neither: 3 } as const;
export type MarkCode = (typeof Mark)[keyof typeof Mark];
/** The words for each mark, in code order. */
export const MARK_NAMES = ['both', 'only A', 'only B', 'neither'] as const;

/** Sums over what one side selected: sums of parts of a run add up. */
export interface SideTotals {
  readonly numSelected: number;
  readonly numForeground: number;
  /** Σ lossCls, Σ lossLoc of foreground, nats. */
  readonly clsLoss: number;
  readonly locLoss: number;
}

export interface ComparisonTotals {
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Σ (lossCls + foreground · lossLoc) over all RoIs that could be selected: not ignored, loss finite. */
  readonly totalLoss: number;
  readonly a: SideTotals;
  readonly b: SideTotals;
}

export interface SelectionComparison extends ComparisonTotals {
  /** R mark codes. */
  readonly mark: Uint8Array;
}

/** What one side would train on. Shares and means of nothing are 0. */
export interface SideFacts {
  readonly numSelected: number;
  /** Foreground among the selected, [0, 1]. */
  readonly foregroundShare: number;
  /** Means over the selected, nats: class loss, box loss (0 for background), both. */
  readonly meanClsLoss: number;
  readonly meanLocLoss: number;
  readonly meanLoss: number;
  /** Share of the total loss that lies on the selected, [0, 1]. */
  readonly lossCovered: number;
}

export interface ComparisonFacts {
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
  /** Jaccard index |A ∩ B| / |A ∪ B|; 1 where both are empty. */
  readonly overlap: number;
  readonly a: SideFacts;
  readonly b: SideFacts;
}

/**
 * Marks each RoI by who selected it and sums what either side would train on. Both are judged by the same loss,
 * lossCls + foreground · lossLoc, whatever the presets rank by. A RoI whose loss is not finite adds nothing to a sum.
 * @param rois R rows; zero rows give zeros. What is not kept of their images is selected by neither.
 * @param a,b decisions about these rows.
 */
export function compareSelections(
  rois: RoiTable,
  a: Pick<Selection, 'status'>,
  b: Pick<Selection, 'status'>,
): SelectionComparison {
  const mark = new Uint8Array(rois.numRois);
  const counts = new Int32Array(MARK_NAMES.length);
  for (let row = 0; row < rois.numRois; row++) {
    const byA = a.status[row] === Status.selected;
    const byB = b.status[row] === Status.selected;
    mark[row] = byA ? (byB ? Mark.both : Mark.onlyA) : byB ? Mark.onlyB : Mark.neither;
    counts[mark[row]]++;
  }
  const [both, onlyA, onlyB, neither] = counts;
  const rests = restsOf(rois);
  return {
    mark,
    both,
    onlyA,
    onlyB,
    neither: neither + rests.reduce((sum, rest) => sum + numUnkept(rest), 0),
    totalLoss: totalLossOf(rois) + rests.reduce((sum, rest) => sum + rest.sumLossCls, 0),
    a: sideTotals(rois, a.status),
    b: sideTotals(rois, b.status),
  };
}

/** Of the images that have rows. */
function restsOf({ rests, imageIndex }: RoiTable): RoiRest[] {
  if (rests === undefined) return [];
  return [...new Set(imageIndex)].flatMap((image) => rests.get(image) ?? []);
}

function totalLossOf(rois: RoiTable): number {
  let total = 0;
  for (let row = 0; row < rois.numRois; row++) {
    const loss = rois.lossCls[row] + (isForeground(rois, row) ? rois.lossLoc[row] : 0);
    if (rois.gtClass[row] !== IGNORE && Number.isFinite(loss)) total += loss;
  }
  return total;
}

function sideTotals(rois: RoiTable, status: Uint8Array): SideTotals {
  let [numSelected, numForeground, clsLoss, locLoss] = [0, 0, 0, 0];
  for (let row = 0; row < rois.numRois; row++) {
    if (status[row] !== Status.selected) continue;
    numSelected++;
    // A preset may take ignored rows, as rows without a loss.
    if (rois.gtClass[row] === IGNORE) continue;
    const foreground = isForeground(rois, row);
    const loc = foreground ? rois.lossLoc[row] : 0;
    if (foreground) numForeground++;
    if (!Number.isFinite(rois.lossCls[row] + loc)) continue;
    clsLoss += rois.lossCls[row];
    locLoss += loc;
  }
  return { numSelected, numForeground, clsLoss, locLoss };
}

const NOTHING: SideTotals = { numSelected: 0, numForeground: 0, clsLoss: 0, locLoss: 0 };
export const NO_COMPARISON: ComparisonTotals = {
  both: 0,
  onlyA: 0,
  onlyB: 0,
  neither: 0,
  totalLoss: 0,
  a: NOTHING,
  b: NOTHING,
};

/** Totals of two parts together. */
export function addTotals(x: ComparisonTotals, y: ComparisonTotals): ComparisonTotals {
  const side = (p: SideTotals, q: SideTotals): SideTotals => ({
    numSelected: p.numSelected + q.numSelected,
    numForeground: p.numForeground + q.numForeground,
    clsLoss: p.clsLoss + q.clsLoss,
    locLoss: p.locLoss + q.locLoss,
  });
  return {
    both: x.both + y.both,
    onlyA: x.onlyA + y.onlyA,
    onlyB: x.onlyB + y.onlyB,
    neither: x.neither + y.neither,
    totalLoss: x.totalLoss + y.totalLoss,
    a: side(x.a, y.a),
    b: side(x.b, y.b),
  };
}

/** Totals as shares and means. */
export function comparisonFacts({ both, onlyA, onlyB, neither, totalLoss, a, b }: ComparisonTotals): ComparisonFacts {
  const union = both + onlyA + onlyB;
  return {
    both,
    onlyA,
    onlyB,
    neither,
    overlap: union === 0 ? 1 : both / union,
    a: sideFacts(a, totalLoss),
    b: sideFacts(b, totalLoss),
  };
}

function sideFacts({ numSelected, numForeground, clsLoss, locLoss }: SideTotals, totalLoss: number): SideFacts {
  const over = (sum: number, count: number) => (count === 0 ? 0 : sum / count);
  return {
    numSelected,
    foregroundShare: over(numForeground, numSelected),
    meanClsLoss: over(clsLoss, numSelected),
    meanLocLoss: over(locLoss, numSelected),
    meanLoss: over(clsLoss + locLoss, numSelected),
    lossCovered: over(clsLoss + locLoss, totalLoss),
  };
}
