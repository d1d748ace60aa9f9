import { expect, test } from 'vitest';
import { backgroundBelowOf, predictedClass, predictedClasses } from '../../../src/core/predictions.js';
import { allocateRoiTable, NONE, NUM_TOP } from '../../../src/core/tables.js';

/** Two classes. 0: a sure dog; 1: a dog at .004; 2: background of a softmax; 3: nothing known; 4: no scores. */
function table() {
  const rois = allocateRoiTable(5, 2, 'float32');
  rois.score.set([0.9, 0.004, 0.3, NaN, NaN]);
  rois.predClass.set([1, 1, 0, NONE, 1]);
  [1, 1, 2, NONE, NONE].forEach((top, row) => (rois.topClass[row * NUM_TOP] = top));
  return rois;
}

test('what scores below the threshold is background; what is unknown stays so', () => {
  expect([...predictedClasses(table(), 0.05)]).toEqual([1, 2, 2, NONE, 1]);
});

test('without a threshold the highest score is the answer, however small', () => {
  expect(predictedClass(table(), 1, 0)).toBe(1);
  expect([backgroundBelowOf('classification', 0.05), backgroundBelowOf('detection', 0.05)]).toEqual([0, 0.05]);
});
