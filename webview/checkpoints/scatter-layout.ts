/** Where the steps of the scatter lie, CSS px: A to the right, B upwards. */
import { SCATTER_BINS, type CheckpointQuery } from '../../src/protocol/checkpoint-messages.js';

export type Area = NonNullable<CheckpointQuery['area']>;
/** One step of each axis. */
export interface Cell {
  readonly a: number;
  readonly b: number;
}

/** Room for numbers and names at the left and below, and at the other sides. */
const [LEFT, BELOW, OTHER] = [40, 34, 8];
/** Between the steps of losses and that of "no RoI". */
const GAP = 6;

export interface ScatterLayout {
  /** Left end of the axis of A, and lower end of that of B. */
  readonly left: number;
  readonly bottom: number;
  /** Length of an axis without the step of "no RoI". */
  readonly length: number;
  /** Of one step. */
  readonly step: number;
}

/** A square that fills the width. */
export function scatterLayout(width: number): ScatterLayout {
  const step = Math.max((width - LEFT - OTHER - GAP) / (SCATTER_BINS + 1), 1);
  return { left: LEFT, bottom: scatterHeight(width) - BELOW, length: step * SCATTER_BINS, step };
}

export function scatterHeight(width: number): number {
  return Math.max(width - LEFT + BELOW, 1);
}

/** Where a step begins, from the axis's end. */
export function stepStart(step: number, layout: Pick<ScatterLayout, 'step'>): number {
  return step * layout.step + (step === SCATTER_BINS ? GAP : 0);
}

/** The cell under a point; the nearest where it lies beyond. */
export function cellAt(x: number, y: number, layout: ScatterLayout): Cell {
  const stepAt = (along: number) => {
    if (along >= layout.length + GAP / 2) return SCATTER_BINS;
    return Math.min(Math.max(Math.floor(along / layout.step), 0), SCATTER_BINS - 1);
  };
  return { a: stepAt(x - layout.left), b: stepAt(layout.bottom - y) };
}

/** What lies between two cells, both included. */
export function areaOf(one: Cell, other: Cell): Area {
  const range = (x: number, y: number) => ({ first: Math.min(x, y), last: Math.max(x, y) });
  return { a: range(one.a, other.a), b: range(one.b, other.b) };
}

/** Where a loss lies along an axis that ends at `most`, [0, 1]; as the engine process puts it into steps. */
export function shareOf(loss: number, most: number): number {
  return most === 0 ? 0 : Math.min(Math.log1p(loss) / Math.log1p(most), 1);
}

/** The losses at which a step begins and ends, nats. */
export function stepLosses(step: number, most: number): readonly [from: number, to: number] {
  const lossAt = (place: number) => Math.expm1((place / SCATTER_BINS) * Math.log1p(most));
  return [lossAt(step), lossAt(step + 1)];
}

/** Round losses for an axis that ends at `most`, not crowded. */
export function tickLosses(most: number): readonly number[] {
  const round = [0, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 10_000].filter((loss) => loss <= most);
  const ticks: number[] = [];
  for (const loss of round) {
    const last = ticks.at(-1);
    if (last === undefined || shareOf(loss, most) - shareOf(last, most) >= 0.12) ticks.push(loss);
  }
  return ticks;
}
