/** The histogram of one image's losses. */
import { Status, type Selection } from '../../src/core/tables.js';
import type { ImageSelection } from '../rows/image-selection.js';

/** Bars. */
export const NUM_BINS = 48;
/** Numbers that the count axis has room for. */
const MOST_TICKS = 4;

export interface LossBins {
  /** Losses of the first bin's start and the last one's end, nats; 0 and 1 where no RoI is ranked. */
  readonly min: number;
  readonly max: number;
  /** NUM_BINS counts of ranked rows, and of the selected among them. */
  readonly count: Int32Array;
  readonly selected: Int32Array;
  /** NUM_BINS means of the selected rows' places on the colour map; 0 where there are none. */
  readonly place: Float32Array;
  readonly mostCount: number;
}

/**
 * Bins the ranked rows evenly between 0 (or the least loss, where that is negative) and the hardest.
 * @param places R, [0, 1] along the colour map.
 */
export function binLosses(selection: ImageSelection, places: Float32Array): LossBins {
  const count = new Int32Array(NUM_BINS);
  const selected = new Int32Array(NUM_BINS);
  const place = new Float32Array(NUM_BINS);
  const { order, numRanked, rankLoss, status } = selection;
  const max = numRanked > 0 ? rankLoss[order[0]] : 1;
  const min = numRanked > 0 ? Math.min(rankLoss[order[numRanked - 1]], 0) : 0;
  let mostCount = 0;
  for (let i = 0; i < numRanked; i++) {
    const bin = binOf(rankLoss[order[i]], min, max);
    count[bin]++;
    if (status[order[i]] === Status.selected) place[bin] += (places[order[i]] - place[bin]) / ++selected[bin];
    mostCount = Math.max(mostCount, count[bin]);
  }
  return { min, max: Math.max(max, min), count, selected, place, mostCount };
}

function binOf(loss: number, min: number, max: number): number {
  return max > min ? Math.min(Math.floor(((loss - min) / (max - min)) * NUM_BINS), NUM_BINS - 1) : 0;
}

/** Height of a bar, [0, 1], on a logarithmic count axis: one RoI can still be seen beside thousands. */
export function barHeight(count: number, mostCount: number): number {
  return count === 0 ? 0 : (1 + Math.log10(count)) / (1 + Math.log10(Math.max(mostCount, 1)));
}

/** Height of the selected part of a bar, from below: its share of the RoIs as a share of the bar. */
export function selectedHeight({ count, selected, mostCount }: LossBins, bin: number): number {
  return count[bin] === 0 ? 0 : (selected[bin] / count[bin]) * barHeight(count[bin], mostCount);
}

/** NUM_BINS losses at which the bars begin, nats, ascending. */
export function binStarts({ min, max }: LossBins): number[] {
  const width = (max > min ? max - min : 1) / NUM_BINS;
  return Array.from({ length: NUM_BINS }, (_, bin) => min + bin * width);
}

/**
 * Powers of ten to name on the count axis; every second one where there are many. None where there is nothing to count.
 */
export function countTicks(mostCount: number): number[] {
  const decades = mostCount < 1 ? 0 : Math.floor(Math.log10(mostCount)) + 1;
  const powers = Array.from({ length: decades }, (_, power) => 10 ** power);
  return decades > MOST_TICKS ? powers.filter((_, power) => power % 2 === 0) : powers;
}

type Decided = Pick<Selection, 'order' | 'rankLoss' | 'status'>;

/** Loss of the easiest selected RoI of a minibatch: where the budget cuts. null where none is selected. */
export function cutLoss({ order, rankLoss, status }: Decided): number | null {
  const row = order.findLast((candidate) => status[candidate] === Status.selected);
  return row === undefined ? null : rankLoss[row];
}

/** RoIs of a minibatch that a cut at `loss` keeps: at least as hard, and not suppressed by a harder one. */
export function numKeptAt({ order, rankLoss, status }: Decided, loss: number): number {
  let kept = 0;
  for (const row of order) {
    if (rankLoss[row] < loss) break;
    if (status[row] !== Status.nmsSuppressed) kept++;
  }
  return kept;
}
