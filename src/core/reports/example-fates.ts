/** What became of an image's hard examples between two checkpoints. */
import { boxIou } from '../boxes/iou.js';
import { IGNORE, isForeground, miningBoxes, NONE, type RoiTable, Status } from '../tables.js';

/** What becomes of a hard example between two checkpoints. */
export const Fate = { easy: 0, stayed: 1, new: 2 } as const;
export type Fate = keyof typeof Fate;
/** By code. */
export const FATES = Object.keys(Fate) as readonly Fate[];

/** S examples: those hard before, in row order, then those that are hard only now. */
export interface ExampleFates {
  /** S: `Fate` codes. */
  readonly fate: Uint8Array;
  /** S: row of the table before; NONE where it has no such RoI. */
  readonly before: Int32Array;
  /** S: row of the table after; NONE likewise. */
  readonly after: Int32Array;
}

/** Two RoIs are the same example from this IoU on. */
const SAME_IOU = 0.5;

/**
 * Matches the selected RoIs of one image under two checkpoints. RoIs are the same example where they belong to the same
 * ground truth, or both to background, and overlap by an IoU of at least .5: a proposal stage that has learnt proposes
 * other boxes. Of several partners the one with the largest IoU is taken, each selected one once; ties go to the first.
 * A selected RoI without a selected partner is shown its best partner of any status, for the loss on the other side.
 * @param before,after tables of the same image with the same ground truth; zero rows give no partners.
 * @param statusBefore,statusAfter who is selected.
 * Cost: selected rows of either side times rows of the other.
 */
export function matchHardExamples(
  before: RoiTable,
  statusBefore: Uint8Array,
  after: RoiTable,
  statusAfter: Uint8Array,
): ExampleFates {
  const hardBefore = hardRows(before, statusBefore);
  const hardAfter = hardRows(after, statusAfter);
  const partner = pairUp(before, hardBefore, after, hardAfter);
  const taken = new Set(partner);
  const fresh = hardAfter.filter((row) => !taken.has(row));
  const fate = new Uint8Array(hardBefore.length + fresh.length).fill(Fate.new);
  partner.forEach((row, i) => (fate[i] = row === NONE ? Fate.easy : Fate.stayed));
  return {
    fate,
    before: Int32Array.from([...hardBefore, ...fresh.map((row) => bestPartner(after, row, before))]),
    after: Int32Array.from([
      ...partner.map((row, i) => (row === NONE ? bestPartner(before, hardBefore[i], after) : row)),
      ...fresh,
    ]),
  };
}

/** A preset may take ignored rows, as rows without a loss: those are no examples. */
function hardRows({ gtClass }: RoiTable, status: Uint8Array): number[] {
  return [...status.keys()].filter((row) => status[row] === Status.selected && gtClass[row] !== IGNORE);
}

/** For each row of `a` its row of `b`, or NONE: the largest overlaps first, each row once. */
function pairUp(a: RoiTable, rowsA: readonly number[], b: RoiTable, rowsB: readonly number[]): number[] {
  const pairs: { i: number; row: number; iou: number }[] = [];
  rowsA.forEach((rowA, i) => {
    for (const row of rowsB) {
      const iou = overlap(a, rowA, b, row);
      if (iou >= SAME_IOU) pairs.push({ i, row, iou });
    }
  });
  pairs.sort((x, y) => y.iou - x.iou || x.i - y.i || x.row - y.row);
  const partner = new Array<number>(rowsA.length).fill(NONE);
  const taken = new Set<number>();
  for (const { i, row } of pairs) {
    if (partner[i] !== NONE || taken.has(row)) continue;
    partner[i] = row;
    taken.add(row);
  }
  return partner;
}

function bestPartner(a: RoiTable, rowA: number, b: RoiTable): number {
  let [best, most] = [NONE, SAME_IOU];
  for (let row = 0; row < b.numRois; row++) {
    const iou = overlap(a, rowA, b, row);
    if (iou < most || (iou === most && best !== NONE)) continue;
    [best, most] = [row, iou];
  }
  return best;
}

/** IoU of two RoIs that may be the same example; -1 where their labels forbid it. */
function overlap(a: RoiTable, rowA: number, b: RoiTable, rowB: number): number {
  if (b.gtClass[rowB] === IGNORE || targetOf(a, rowA) !== targetOf(b, rowB)) return -1;
  const [p, q] = [miningBoxes(a), miningBoxes(b)];
  return boxIou(p.x1[rowA], p.y1[rowA], p.x2[rowA], p.y2[rowA], q.x1[rowB], q.y1[rowB], q.x2[rowB], q.y2[rowB]);
}

/** The ground truth that a RoI is to become; NONE: background. */
function targetOf(rois: RoiTable, row: number): number {
  return isForeground(rois, row) ? rois.gtIndex[row] : NONE;
}

/** Loss of a row as it would train, nats: class loss, and box loss of foreground. NaN for NONE. */
export function lossOfRow(rois: RoiTable, row: number): number {
  if (row === NONE) return Number.NaN;
  return rois.lossCls[row] + (isForeground(rois, row) ? rois.lossLoc[row] : 0);
}
