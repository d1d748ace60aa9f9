import * as v from 'valibot';
import { MiningError } from '../../core/mining-error.js';
import { CHANGE_IDS, type Change } from '../../core/reports/checkpoint-changes.js';
import {
  compareRuns,
  furthestFirst,
  type ChangeCounts,
  type ComparedExample,
  type RunsCompared,
} from '../query/compare-runs.js';
import { agentTool, mostRows, oneOf } from './agent-tool.js';
import { chosenRun, runKey } from './known-runs.js';
import { short } from './roi-facts.js';

/** Classes that an answer counts, those that changed most. */
const MOST_CLASSES = 20;
/** A model pays for every word. */
const MOST_RUNS = 20;

const place = v.pipe(v.number(), v.integer(), v.minValue(1));

const input = v.strictObject({
  runs: v.pipe(
    v.array(runKey),
    v.minLength(1),
    v.maxLength(MOST_RUNS),
    v.description('Runs of one data set, in the order of training; one alone where a training wrote it.'),
  ),
  a: v.exactOptional(v.pipe(place, v.description('Number of the run that is A, from 1; the first.'))),
  b: v.exactOptional(v.pipe(place, v.description('Number of the run that is B; the last.'))),
  high_loss: v.exactOptional(
    v.pipe(v.number(), v.minValue(0), v.description('A loss above is high, nats; 0.9 of what A knows have less.')),
  ),
  change: v.exactOptional(
    v.pipe(v.picklist(CHANGE_IDS), v.description('Only these examples; else broken, newly-hard and fixed ones.')),
  ),
  class: v.exactOptional(v.pipe(v.string(), v.description('Only what is labelled so.'))),
  top: mostRows,
});
type Input = v.InferOutput<typeof input>;

export const compareRunsTool = agentTool({
  name: 'compare_runs',
  title: 'Compare runs of checkpoints',
  description:
    'What checkpoint B knows that A does not, over runs of the same data: counts per class, and the objects (images ' +
    'of a classification) whose loss moved furthest, with the loss (nats) and margin at each run; null: no RoI met ' +
    'it. broken: known at A only. fixed: at B only. newly-hard: known at both, loss risen above high_loss. ' +
    'still-hard: known at neither, or high loss at both. complete=false: only images that all runs have are compared.',
  input,
  async answer(asked, runs) {
    const paths: string[] = [];
    for (const each of asked.runs) paths.push(await chosenRun(each, runs));
    const twice = paths.find((path, i) => paths.indexOf(path) !== i);
    if (twice !== undefined) throw new MiningError('options', 'runs', 'different runs', `${twice} twice`);
    const choice = { a: placeOf(asked.a), b: placeOf(asked.b), highLoss: asked.high_loss ?? null };
    return answerOf(paths, await compareRuns(paths, choice), asked);
  },
});

function placeOf(number: number | undefined): number | null {
  return number === undefined ? null : number - 1;
}

function answerOf(paths: readonly string[], compared: RunsCompared, asked: Input): object {
  const { a, b, highLoss, total, classes, notes, extents, shortfalls } = compared;
  const names = classes.map(({ label }) => label);
  const label = asked.class === undefined ? null : oneOf('class', asked.class, names);
  const isWanted = (example: ComparedExample) =>
    (label === null || example.label === label) &&
    (asked.change === undefined ? isChanged(example.change) : example.change === asked.change);
  const wanted = furthestFirst(compared).filter(isWanted);
  const mostChanged = classes.filter(numChanged).sort((x, y) => numChanged(y) - numChanged(x));
  return {
    runs: paths.map((run, r) => ({ run, ...extents[r] })),
    a: a + 1,
    b: b + 1,
    high_loss: short(highLoss),
    total,
    classes: mostChanged.slice(0, MOST_CLASSES),
    classes_left_out: Math.max(0, mostChanged.length - MOST_CLASSES),
    notes,
    warnings: shortfalls.flatMap(({ lines }) => lines),
    num_examples: wanted.length,
    examples: wanted.slice(0, asked.top).map(exampleFacts),
  };
}

function isChanged(change: Change): boolean {
  return change === 'broken' || change === 'newly-hard' || change === 'fixed';
}

function numChanged(counts: ChangeCounts): number {
  return CHANGE_IDS.filter(isChanged).reduce((sum, id) => sum + counts[id], 0);
}

/** `image` and `object` are what `explain_roi` takes. */
function exampleFacts({ image, gt_index, label, change, losses, margins }: ComparedExample): object {
  const object = gt_index === null ? {} : { object: gt_index };
  return { image, ...object, label, change, losses: losses.map(short), margins: margins.map(short) };
}
