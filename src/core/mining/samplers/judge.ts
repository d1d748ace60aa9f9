/**
 * What every preset starts from and ends with: the losses as the preset defines them, who takes part, the loss order;
 * then statuses, counts and means.
 */
import { MiningError } from '../../mining-error.js';
import { said } from '../../said.js';
import type { RankBy } from '../shared-options.js';
import { suppressByLoss, type NmsRule } from '../mining-nms.js';
import { rankRows } from '../../rank.js';
import {
  IGNORE,
  isForeground,
  NONE,
  Status,
  STATUS_NAMES,
  type Boxes,
  type RoiTable,
  type Selection,
} from '../../tables.js';

/** How a preset reads the two losses of a row. */
export interface LossRule {
  readonly rankBy: RankBy;
  /** Weights of the two in the total that ranks; 1 where absent. */
  readonly clsWeight?: number;
  readonly locWeight?: number;
  /** Background keeps the box loss that it was given; otherwise it is 0. */
  readonly boxLossAsGiven?: boolean;
  /** Rows labelled IGNORE take part with class loss 0 (`ignore_index` of cross-entropy); otherwise they do not. */
  readonly ignoredTakePart?: boolean;
}

/**
 * What the last decision found on its way, for the next one by the same preset over the same RoIs: a person who moves
 * one control pays for what it changes. Begins as `{}`; a table that it knows may not change.
 */
export interface LastSteps {
  preset?: string;
  ranked?: { readonly rois: RoiTable; readonly rule: string; readonly judged: Judged } | null;
  suppressed?: {
    readonly order: Int32Array;
    readonly threshold: number;
    readonly suppressedBy: Int32Array;
    readonly kept: readonly Int32Array[];
  } | null;
}

/** A minibatch under a preset's losses. The two columns `status` and `suppressedBy` are the preset's to write. */
export interface Judged {
  /** R: ignored, invalid, or below budget so far. */
  readonly status: Uint8Array;
  /** R: NONE so far. */
  readonly suppressedBy: Int32Array;
  /** R: the class and the box loss that count, nats. */
  readonly lossCls: Float64Array;
  readonly lossLoc: Float64Array;
  /** R: what ranks the row; NaN where the row is not ranked. */
  readonly rankLoss: Float64Array;
  /** Candidate rows, hardest first. */
  readonly order: Int32Array;
}

/**
 * Applies a rule to every row: ignored and invalid rows are set apart, the others ranked over the whole minibatch.
 * A row is invalid where the sum of its losses is not finite, so every preset's means are finite.
 * @param last where given, losses and order of the last decision are taken where RoIs and rule are the same.
 */
export function judgeRows(rois: RoiTable, rule: LossRule, last?: LastSteps): Judged {
  if (last === undefined) return judgeAnew(rois, rule);
  const key = JSON.stringify(rule);
  if (last.ranked?.rois !== rois || last.ranked.rule !== key)
    last.ranked = { rois, rule: key, judged: judgeAnew(rois, rule) };
  const { judged } = last.ranked;
  return { ...judged, status: judged.status.slice(), suppressedBy: judged.suppressedBy.slice() };
}

function judgeAnew(rois: RoiTable, rule: LossRule): Judged {
  const { numRois } = rois;
  const judged = {
    status: new Uint8Array(numRois).fill(Status.belowBudget),
    suppressedBy: new Int32Array(numRois).fill(NONE),
    lossCls: new Float64Array(numRois),
    lossLoc: new Float64Array(numRois),
    rankLoss: new Float64Array(numRois).fill(NaN),
  };
  const candidates = new Int32Array(numRois);
  let numCandidates = 0;
  for (let row = 0; row < numRois; row += 1) {
    const ignored = rois.gtClass[row] === IGNORE;
    const cls = ignored ? 0 : rois.lossCls[row];
    const loc = isForeground(rois, row) || rule.boxLossAsGiven ? rois.lossLoc[row] : 0;
    const loss = rankLossOf(cls, loc, rule);
    judged.lossCls[row] = cls;
    judged.lossLoc[row] = loc;
    if (ignored && !rule.ignoredTakePart) judged.status[row] = Status.ignored;
    else if (!Number.isFinite(cls + loc) || !Number.isFinite(loss)) judged.status[row] = Status.invalid;
    else {
      judged.rankLoss[row] = loss;
      candidates[numCandidates++] = row;
    }
  }
  return { ...judged, order: rankRows(judged.rankLoss, candidates.subarray(0, numCandidates)) };
}

function rankLossOf(cls: number, loc: number, rule: LossRule): number {
  if (rule.rankBy === 'class') return cls;
  if (rule.rankBy === 'box') return loc;
  return (rule.clsWeight ?? 1) * cls + (rule.locWeight ?? 1) * loc;
}

/** Splits candidate rows by group, each group's rows still hardest first; groups without a candidate are left out. */
export function splitOrder(order: Int32Array, groupOf: Int32Array, numGroups: number): Int32Array[] {
  const start = new Int32Array(numGroups + 1);
  for (const row of order) start[groupOf[row] + 1] += 1;
  for (let g = 0; g < numGroups; g += 1) start[g + 1] += start[g];
  const rows = new Int32Array(order.length);
  const next = start.slice(0, -1);
  for (const row of order) rows[next[groupOf[row]]++] = row;
  const groups: Int32Array[] = [];
  for (let g = 0; g < numGroups; g += 1)
    if (start[g] < start[g + 1]) groups.push(rows.subarray(start[g], start[g + 1]));
  return groups;
}

/**
 * Candidate rows of each image, hardest first; images without a candidate are left out.
 * @throws MiningError 'mining' where the rows of the table are not ordered by image.
 */
export function orderByImage(rois: RoiTable, order: Int32Array): Int32Array[] {
  const { place, numImages } = placeOfImages(rois);
  if (numImages === 1 && order.length > 0) return [order];
  return splitOrder(order, place, numImages);
}

/**
 * Place of each row's image among the images of the table, counted from 0 in the table's order.
 * @throws MiningError 'mining' where the rows of the table are not ordered by image.
 */
export function placeOfImages(rois: RoiTable): { readonly place: Int32Array; readonly numImages: number } {
  const { imageIndex, numRois } = rois;
  const place = new Int32Array(numRois);
  for (let row = 1; row < numRois; row += 1) {
    const step = imageIndex[row] - imageIndex[row - 1];
    if (step < 0) {
      const received = said`${imageIndex[row]} after ${imageIndex[row - 1]}`;
      throw new MiningError('mining', `imageIndex[${row}]`, 'images in ascending order', received);
    }
    place[row] = place[row - 1] + (step === 0 ? 0 : 1);
  }
  return { place, numImages: numRois === 0 ? 0 : place[numRois - 1] + 1 };
}

/** A row that stands for the RoIs of its image that are not kept (`probes.ts`). */
export function isProbe({ roiIndex }: RoiTable, row: number): boolean {
  return roiIndex[row] === NONE;
}

/** Candidates that some rows stand for: themselves and, where a probe is one of them, those that are not kept. */
export function numCandidates(
  rois: RoiTable,
  rows: Int32Array,
  { ignoredTakePart = false }: Pick<LossRule, 'ignoredTakePart'> = {},
): number {
  let count = rows.length;
  for (const row of rois.rests === undefined ? [] : rows) {
    const rest = isProbe(rois, row) ? rois.rests?.get(rois.imageIndex[row]) : undefined;
    if (rest !== undefined) count += rest.numBackground - 1 + (ignoredTakePart ? rest.numIgnored : 0);
  }
  return count;
}

/**
 * Mining NMS in each group of candidates; writes `judged.suppressedBy`.
 * @param groups rows of each group, hardest first.
 * @param rule threshold and pixel offset; `limitOf`: rows kept of a group after which its rest stays undecided.
 * @param last where given, no group has a limit, and what the last decision suppressed is taken where ranking and
 * threshold are the same.
 * @returns the kept rows of each group, hardest first.
 */
export function suppressGroups(
  judged: Judged,
  boxes: Boxes,
  groups: readonly Int32Array[],
  { limitOf, ...rule }: Omit<NmsRule, 'limit'> & { readonly limitOf: (rows: Int32Array) => number },
  last?: LastSteps,
): readonly Int32Array[] {
  const { order, suppressedBy } = judged;
  const { threshold } = rule;
  if (last?.suppressed?.order === order && last.suppressed.threshold === threshold) {
    suppressedBy.set(last.suppressed.suppressedBy);
    return last.suppressed.kept;
  }
  const kept = groups.map((rows) => suppressByLoss(boxes, rows, { ...rule, limit: limitOf(rows) }, suppressedBy));
  if (last !== undefined) last.suppressed = { order, threshold, suppressedBy: suppressedBy.slice(), kept };
  return kept;
}

/** Marks rows as selected. */
export function selectRows(judged: Judged, rows: Int32Array): void {
  for (const row of rows) judged.status[row] = Status.selected;
}

/** The selected rows, hardest first over the minibatch. */
export function selectedRows(judged: Pick<Judged, 'status' | 'order'>): Int32Array {
  const { status, order } = judged;
  const rows = new Int32Array(order.length);
  let numRows = 0;
  for (let rank = 0; rank < order.length; rank += 1) {
    rows[numRows] = order[rank];
    if (status[order[rank]] === Status.selected) numRows += 1;
  }
  return rows.slice(0, numRows);
}

/** Closes a preset's decision: suppressed rows get their status, then ranks, counts and means. */
export function toSelection(judged: Judged): Selection {
  const { status, suppressedBy, order, rankLoss } = judged;
  const lossRank = new Int32Array(status.length).fill(NONE);
  for (let rank = 0; rank < order.length; rank += 1) lossRank[order[rank]] = rank;
  const counts = new Int32Array(STATUS_NAMES.length);
  for (let row = 0; row < status.length; row += 1) {
    if (suppressedBy[row] !== NONE) status[row] = Status.nmsSuppressed;
    counts[status[row]] += 1;
  }
  const selected = selectedRows(judged);
  return {
    status,
    lossRank,
    suppressedBy,
    order,
    rankLoss,
    counts,
    keepNum: selected.length,
    clsLoss: meanOver(judged.lossCls, selected),
    locLoss: meanOver(judged.lossLoc, selected),
  };
}

/** 0 for no rows. Finite values have a finite mean, also where their sum overflows. */
function meanOver(values: Float64Array, rows: Int32Array): number {
  if (rows.length === 0) return 0;
  const mean = sumOver(values, rows, 1) / rows.length;
  return Number.isFinite(mean) ? mean : sumOver(values, rows, rows.length);
}

/** Sum of values / divisor, compensated (Neumaier): one huge loss does not swallow the others. */
function sumOver(values: Float64Array, rows: Int32Array, divisor: number): number {
  let sum = 0;
  let lost = 0;
  for (const row of rows) {
    const value = values[row] / divisor;
    const next = sum + value;
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
    sum = next;
  }
  return sum + lost;
}
