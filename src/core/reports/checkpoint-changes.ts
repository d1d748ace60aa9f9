/** What became of each example from one checkpoint to another: by whether its label is known, and by its loss. */
import type { ObjectObservations } from './training-dynamics.js';

/**
 * Known: the label is what is believed most (where no scores are known: the loss is low). High loss: above the
 * threshold, the same for both checkpoints.
 */
export const CHANGES = [
  { id: 'broken', title: 'broken', says: 'known at A, not at B' },
  { id: 'newly-hard', title: 'newly hard', says: 'known at both, its loss has risen above the threshold' },
  { id: 'fixed', title: 'fixed', says: 'not known at A, known at B' },
  { id: 'still-hard', title: 'still hard', says: 'known at neither, or of high loss at both' },
  { id: 'still-known', title: 'still known', says: 'known at both, of low loss at B' },
] as const;
export type Change = (typeof CHANGES)[number]['id'];
/** By code. */
export const CHANGE_IDS: readonly Change[] = CHANGES.map(({ id }) => id);

/** Share of what checkpoint A knows whose loss is not high, unless a threshold is given. */
export const LOW_SHARE = 0.9;

/** What a change is told by. */
export type LossLook = Pick<ObjectObservations, 'margin' | 'learned' | 'loss'>;

/**
 * The loss that `LOW_SHARE` of the examples which a checkpoint knows do not exceed, nats; 0 where it knows none.
 * Examples without scores count as known.
 * Cost: n log n.
 */
export function highLossOf({ loss, learned, margin }: LossLook): number {
  const isMeant = (value: number, e: number) => Number.isFinite(value) && (learned[e] === 1 || Number.isNaN(margin[e]));
  const known = loss.filter(isMeant).sort();
  return known[Math.ceil(LOW_SHARE * known.length) - 1] ?? 0;
}

/**
 * E: codes of `CHANGE_IDS`.
 * @param a,b looks at the same E examples.
 * @param highLoss a loss above it is high, nats.
 */
export function changesBetween(a: LossLook, b: LossLook, highLoss: number): Uint8Array {
  return Uint8Array.from(a.margin, (_, e) => CHANGE_IDS.indexOf(changeOf(a, b, e, highLoss)));
}

function changeOf(a: LossLook, b: LossLook, e: number, highLoss: number): Change {
  const [before, after] = [isKnown(a, e, highLoss), isKnown(b, e, highLoss)];
  if (before !== after) return after ? 'fixed' : 'broken';
  if (!before) return 'still-hard';
  if (!(b.loss[e] > highLoss)) return 'still-known';
  return a.loss[e] > highLoss ? 'still-hard' : 'newly-hard';
}

function isKnown({ margin, learned, loss }: LossLook, e: number, highLoss: number): boolean {
  return learned[e] === 1 || (Number.isNaN(margin[e]) && loss[e] <= highLoss);
}
