/** Checkpoints over one data set: which examples the last of them knows that the first did not, and the reverse. */
import type { RunExtent, Shortfall } from '../file/read-run.js';
import { runDynamics } from './dynamics.js';

/** What became of an example from the first run to the last; known: its label is what is believed most. */
export const CHANGES = ['fixed', 'broken', 'still-hard', 'still-known'] as const;
export type Change = (typeof CHANGES)[number];
export type ChangeCounts = Readonly<Record<Change, number>>;

/** An image of a classification, an annotated object of a detection. */
export interface ComparedExample {
  readonly image: string;
  /** Which of the image's objects; null in classification. */
  readonly gt_index: number | null;
  readonly label: string;
  readonly change: Change;
  /** One a run: ln p of the label − ln p of the best other class; null where nothing was asked to find it. */
  readonly margins: readonly (number | null)[];
}

export interface RunsCompared {
  readonly total: ChangeCounts;
  /** Classes that have examples, in the runs' order. */
  readonly classes: readonly ({ readonly label: string } & ChangeCounts)[];
  /** In file order. */
  readonly examples: readonly ComparedExample[];
  /** As of `RunDynamics`. */
  readonly numLeftOut: number;
  readonly extents: readonly RunExtent[];
  readonly shortfalls: readonly Shortfall[];
}

/**
 * @param paths as of `runDynamics`; the first run, or pass, is compared with the last.
 * @throws MiningError as `runDynamics`. Cost: as `runDynamics`.
 */
export async function compareRuns(paths: readonly string[]): Promise<RunsCompared> {
  const { observations, image, gtIndex, label, classes, isDetection, ...rest } = await runDynamics(paths);
  const [first, last] = [observations[0], observations[observations.length - 1]];
  const examples = image.map((id, e): ComparedExample => {
    const margins = observations.map(({ margin }) => (Number.isFinite(margin[e]) ? margin[e] : null));
    const change = changeOf(first.learned[e] === 1, last.learned[e] === 1);
    return { image: id, gt_index: isDetection ? gtIndex[e] : null, label: classes[label[e]], change, margins };
  });
  const ofClass = classes.map((): ComparedExample[] => []);
  examples.forEach((each, e) => ofClass[label[e]].push(each));
  return {
    total: countsOf(examples),
    classes: classes.flatMap((name, k) => (ofClass[k].length === 0 ? [] : [{ label: name, ...countsOf(ofClass[k]) }])),
    examples,
    numLeftOut: rest.numLeftOut,
    extents: rest.extents,
    shortfalls: rest.shortfalls,
  };
}

function changeOf(before: boolean, after: boolean): Change {
  if (before) return after ? 'still-known' : 'broken';
  return after ? 'fixed' : 'still-hard';
}

function countsOf(examples: readonly ComparedExample[]): ChangeCounts {
  const count = (change: Change) => examples.filter((each) => each.change === change).length;
  return {
    fixed: count('fixed'),
    broken: count('broken'),
    'still-hard': count('still-hard'),
    'still-known': count('still-known'),
  };
}
