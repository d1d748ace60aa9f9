/** Checkpoints over one data set: which examples one of them knows that another does not, and whose loss has risen. */
import type { RunManifest } from '../../core/facts/run-manifest.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { CHANGE_IDS, changesBetween, highLossOf, type Change } from '../../core/reports/checkpoint-changes.js';
import { extentOf, shortfallOf, type RunExtent, type Shortfall } from '../file/read-run.js';
import type { RunReader } from '../file/run-store.js';
import { NOBODY, withObservedRuns, type Looks } from './observed-runs.js';

export type ChangeCounts = Readonly<Record<Change, number>>;

/** An image of a classification, an annotated object of a detection. */
export interface ComparedExample {
  readonly image: string;
  /** Which of the image's objects; null in classification. */
  readonly gt_index: number | null;
  readonly label: string;
  readonly change: Change;
  /** One a run: loss of the RoI that judges it, nats; null where nothing was asked to find it. */
  readonly losses: readonly (number | null)[];
  /** One a run: ln p of the label − ln p of the best other class; null likewise. */
  readonly margins: readonly (number | null)[];
}

/** Which runs are compared, and what a high loss is. */
export interface PairChoice {
  /** Places among the runs, or passes of the one run; null: the first, the last. */
  readonly a: number | null;
  readonly b: number | null;
  /** A loss above it is high, nats; null: as `highLossOf` those of A. */
  readonly highLoss: number | null;
}
export const FIRST_AND_LAST: PairChoice = { a: null, b: null, highLoss: null };

export interface RunsCompared {
  /** Places of A and B, and the threshold that was taken, nats. */
  readonly a: number;
  readonly b: number;
  readonly highLoss: number;
  readonly total: ChangeCounts;
  /** Classes that have examples, in the runs' order. */
  readonly classes: readonly ({ readonly label: string } & ChangeCounts)[];
  /** In file order. */
  readonly examples: readonly ComparedExample[];
  /** What a person should know of the figures. */
  readonly notes: readonly string[];
  readonly extents: readonly RunExtent[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * @param paths as of `runDynamics`.
 * @throws MiningError as `runDynamics`; 'options' where there is no such run, or A is B. Cost: as `runDynamics`.
 */
export function compareRuns(paths: readonly string[], choice = FIRST_AND_LAST): Promise<RunsCompared> {
  return withObservedRuns(paths, async (observed) => {
    await observed.read(NOBODY);
    const looks = observed.looks();
    const pair = pairOf(looks, choice);
    const codes = changesBetween(looks.observations[pair.a], looks.observations[pair.b], pair.highLoss);
    const counts = countChanges(codes, looks);
    const total = (k: number) => counts.reduce((sum, each) => sum + each[k], 0);
    return {
      ...pair,
      total: namedCounts(CHANGE_IDS.map((_, k) => total(k))),
      classes: looks.classes.flatMap((label, k) =>
        counts[k].some((count) => count > 0) ? [{ label, ...namedCounts(counts[k]) }] : [],
      ),
      examples: looks.image.map((_, e) => exampleOf(looks, CHANGE_IDS[codes[e]], e)),
      notes: notesOf(looks, observed.runs, pair, true),
      extents: observed.runs.map(extentOf),
      shortfalls: observed.runs.map(shortfallOf),
    };
  });
}

/** The choice, with what it leaves open. @throws MiningError 'options' */
export function pairOf({ observations }: Looks, choice: PairChoice): Pick<RunsCompared, 'a' | 'b' | 'highLoss'> {
  const { a = 0, b = observations.length - 1 } = { ...withoutNull(choice) };
  for (const [key, look] of Object.entries({ a, b })) {
    const range = said`a run from 1 to ${observations.length}`;
    if (observations[look] === undefined) throw new MiningError('options', key, range, String(look + 1));
  }
  if (a === b) throw new MiningError('options', 'b', said`another run than a, which is ${a + 1}`, String(b + 1));
  return { a, b, highLoss: choice.highLoss ?? highLossOf(observations[a]) };
}

function withoutNull({ a, b }: PairChoice): { readonly a?: number; readonly b?: number } {
  return { ...(a !== null && { a }), ...(b !== null && { b }) };
}

/** By class: examples by code of `CHANGE_IDS`. */
function countChanges(codes: Uint8Array, { classes, label }: Looks): readonly number[][] {
  const counts = classes.map(() => CHANGE_IDS.map(() => 0));
  codes.forEach((code, e) => counts[label[e]][code]++);
  return counts;
}

function namedCounts(counts: readonly number[]): ChangeCounts {
  return Object.fromEntries(CHANGE_IDS.map((id, code) => [id, counts[code]])) as ChangeCounts;
}

function exampleOf({ observations, ...looks }: Looks, change: Change, e: number): ComparedExample {
  return {
    image: looks.image[e],
    gt_index: looks.isDetection ? looks.gtIndex[e] : null,
    label: looks.classes[looks.label[e]],
    change,
    losses: observations.map(({ loss }) => finite(loss[e])),
    margins: observations.map(({ margin }) => finite(margin[e])),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/**
 * What makes figures of two runs harder to compare.
 * @param runs one where its passes are compared. @param isRead all of them are.
 */
export function notesOf(
  { numLeftOut }: Looks,
  runs: readonly RunReader[],
  { a, b }: { readonly a: number; readonly b: number },
  isRead: boolean,
): string[] {
  const notes: string[] = [];
  if (isRead && numLeftOut > 0)
    notes.push(`${numLeftOut} images are not in every run with the same labels and left out`);
  if (runs.length > 1 && lossesOf(runs[a].manifest) !== lossesOf(runs[b].manifest))
    notes.push('the losses of the two runs were computed in different ways: compare what is known, not the losses');
  return notes;
}

function lossesOf({ lossSource, measure }: RunManifest): string {
  return JSON.stringify([lossSource === 'training', measure]);
}

/**
 * Examples by how far their loss has moved between A and B, furthest first; found or lost altogether comes before.
 * Cost: n log n.
 */
export function furthestFirst({ examples, a, b }: RunsCompared): ComparedExample[] {
  const distance = ({ losses }: ComparedExample) => {
    const [before, after] = [losses[a], losses[b]];
    if (before === null && after === null) return 0;
    return before === null || after === null ? Infinity : Math.abs(after - before);
  };
  const keyed = examples.map((example) => ({ example, moved: distance(example) }));
  keyed.sort((x, y) => (x.moved === y.moved ? 0 : y.moved - x.moved));
  return keyed.map(({ example }) => example);
}
