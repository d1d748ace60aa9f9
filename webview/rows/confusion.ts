/** Labels against predictions. */
import type { RoiTable } from '../../src/core/tables.js';
import type { GalleryAnswer } from '../../src/protocol/gallery-messages.js';

export interface Confusion {
  readonly numClasses: number;
  /** Examples by label * numClasses + prediction; pairs that do not occur are absent. */
  readonly cells: ReadonlyMap<number, number>;
  readonly labelCount: Int32Array;
  readonly predictionCount: Int32Array;
  /** Examples with a label and a prediction, and those whose prediction is the label. */
  readonly numJudged: number;
  readonly numRight: number;
}

export interface ConfusedPair {
  readonly label: number;
  readonly prediction: number;
  readonly count: number;
}

/**
 * Counts every row that has a label and a prediction among the K classes; rows without one are left out.
 * @param predictions R: as `predictedClasses`.
 */
export function confusionOf({ numRois, numClasses, gtClass }: RoiTable, predictions: Int32Array): Confusion {
  const cells = new Map<number, number>();
  for (let row = 0; row < numRois; row++) {
    const [label, prediction] = [gtClass[row], predictions[row]];
    if (!(label >= 0 && label < numClasses && prediction >= 0 && prediction < numClasses)) continue;
    const cell = label * numClasses + prediction;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
  return totalled(numClasses, cells);
}

/** Of counted pairs. @param numClasses classes that labels and predictions come from, the background too. */
export function confusionOfPairs(numClasses: number, pairs: GalleryAnswer['confusion']): Confusion {
  return totalled(numClasses, new Map(pairs.map(([label, said, count]) => [label * numClasses + said, count])));
}

function totalled(numClasses: number, cells: ReadonlyMap<number, number>): Confusion {
  const [labelCount, predictionCount] = [new Int32Array(numClasses), new Int32Array(numClasses)];
  let [numJudged, numRight] = [0, 0];
  for (const [cell, count] of cells) {
    const [label, prediction] = [Math.floor(cell / numClasses), cell % numClasses];
    labelCount[label] += count;
    predictionCount[prediction] += count;
    numJudged += count;
    if (label === prediction) numRight += count;
  }
  return { numClasses, cells, labelCount, predictionCount, numJudged, numRight };
}

export function cellCount({ cells, numClasses }: Confusion, label: number, prediction: number): number {
  return cells.get(label * numClasses + prediction) ?? 0;
}

/** Pairs of different classes, most frequent first; equal ones by label, then prediction. */
export function confusedPairs({ cells, numClasses }: Confusion, most: number): ConfusedPair[] {
  const pairs = [...cells].map(([cell, count]) => ({
    label: Math.floor(cell / numClasses),
    prediction: cell % numClasses,
    count,
  }));
  const wrong = pairs.filter(({ label, prediction }) => label !== prediction);
  return wrong.sort((a, b) => b.count - a.count || a.label - b.label || a.prediction - b.prediction).slice(0, most);
}

/**
 * Classes to show, ascending: all, or where there are more than `most`, those with the most mistakes on either side.
 */
export function matrixClasses(confusion: Confusion, most: number): number[] {
  const all = Array.from({ length: confusion.numClasses }, (_, id) => id);
  if (all.length <= most) return all;
  const mistakes = new Int32Array(confusion.numClasses);
  for (const { label, prediction, count } of confusedPairs(confusion, confusion.cells.size)) {
    mistakes[label] += count;
    mistakes[prediction] += count;
  }
  return all
    .sort((a, b) => mistakes[b] - mistakes[a] || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/**
 * How strongly a cell is tinted, [0, 1]: the logarithm of its count on that of the largest of its kind, since one
 * mistake must be seen beside a hundred. Hits and mistakes are two kinds.
 */
export function cellStrength(count: number, mostOfKind: number): number {
  return count === 0 ? 0 : (1 + Math.log(count)) / (1 + Math.log(Math.max(mostOfKind, count)));
}

/** Largest count on the diagonal and off it; 0 where there is none. */
export function largestCounts({ cells, numClasses }: Confusion): { readonly right: number; readonly wrong: number } {
  let [right, wrong] = [0, 0];
  for (const [cell, count] of cells) {
    if (cell % (numClasses + 1) === 0) right = Math.max(right, count);
    else wrong = Math.max(wrong, count);
  }
  return { right, wrong };
}
