import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { predictedClasses } from '../../../../src/core/predictions.js';
import { allocateRoiTable, IGNORE, NONE, NUM_TOP, type RoiTable } from '../../../../src/core/tables.js';
import {
  cellCount,
  cellStrength,
  confusedPairs,
  confusionOf,
  largestCounts,
  matrixClasses,
} from '../../../../webview/rows/confusion.js';

const judged = (rois: RoiTable) => confusionOf(rois, predictedClasses(rois, 0));

function table(pairs: readonly (readonly [label: number, prediction: number])[], numClasses = 3) {
  const rois = allocateRoiTable(pairs.length, numClasses, 'float32');
  pairs.forEach(([label, prediction], row) => {
    rois.gtClass[row] = label;
    rois.topClass[row * NUM_TOP] = prediction;
  });
  return rois;
}

describe('confusionOf', () => {
  const confusion = judged(
    table([
      [0, 0],
      [0, 0],
      [0, 1],
      [2, 1],
      [2, 1],
      [1, 1],
      [IGNORE, 1],
      [0, NONE],
      [3, 0],
    ]),
  );

  it('counts rows that have a label and a prediction', () => {
    expect([confusion.numJudged, confusion.numRight]).toEqual([6, 3]);
    expect([cellCount(confusion, 0, 0), cellCount(confusion, 2, 1), cellCount(confusion, 1, 0)]).toEqual([2, 2, 0]);
    expect([...confusion.labelCount]).toEqual([3, 1, 2]);
    expect([...confusion.predictionCount]).toEqual([2, 4, 0]);
    expect(largestCounts(confusion)).toEqual({ right: 2, wrong: 2 });
  });

  it('names the most frequent mistakes', () => {
    expect(confusedPairs(confusion, 5)).toEqual([
      { label: 2, prediction: 1, count: 2 },
      { label: 0, prediction: 1, count: 1 },
    ]);
    expect(confusedPairs(confusion, 1)).toHaveLength(1);
  });

  it('falls back to the predicted class where no scores are kept', () => {
    const rois = table([[1, NONE]]);
    rois.predClass[0] = 2;
    expect(cellCount(judged(rois), 1, 2)).toBe(1);
  });

  it('rows and columns add up, hits and mistakes are told apart', () => {
    const pair = fc.tuple(fc.integer({ min: -1, max: 7 }), fc.integer({ min: -1, max: 6 }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 60 }), (pairs) => {
        const all = judged(table(pairs, 7));
        const known = pairs.filter(([label, prediction]) => label >= 0 && label < 7 && prediction >= 0);
        expect(all.numJudged).toBe(known.length);
        expect(confusedPairs(all, 99).reduce((sum, { count }) => sum + count, 0)).toBe(all.numJudged - all.numRight);
        for (let id = 0; id < 7; id++) expect(all.labelCount[id]).toBe(known.filter(([label]) => label === id).length);
      }),
    );
  });
});

describe('what the matrix shows', () => {
  it('all classes, or those with the most mistakes, in order', () => {
    const confusion = judged(
      table(
        [
          [4, 4],
          [4, 1],
          [4, 1],
          [0, 3],
        ],
        5,
      ),
    );
    expect(matrixClasses(confusion, 5)).toEqual([0, 1, 2, 3, 4]);
    expect(matrixClasses(confusion, 2)).toEqual([1, 4]);
    expect(matrixClasses(confusion, 3)).toEqual([0, 1, 4]);
  });

  it('tints one mistake visibly beside a thousand', () => {
    expect(cellStrength(0, 1000)).toBe(0);
    expect(cellStrength(1, 1000)).toBeGreaterThan(0.1);
    expect(cellStrength(1000, 1000)).toBe(1);
    expect(cellStrength(1, 1)).toBe(1);
  });
});
