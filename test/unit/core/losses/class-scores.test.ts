import { describe, expect, test } from 'vitest';
import {
  readProbabilities,
  sigmoid,
  softmaxNorms,
  writeClassScores,
} from '../../../../src/core/losses/class-scores.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { allocateRoiTable, NUM_TOP } from '../../../../src/core/tables.js';
import { makeOutput } from '../make-output.js';

function scoresOf(numClasses: number, rows: number[][], changes: Partial<DetectorOutput> = {}) {
  const regions = rows.map(() => [0, 0, 1, 1]);
  const output = makeOutput(regions, numClasses, { ...changes, scores: Float32Array.from(rows.flat()) });
  const rois = allocateRoiTable(rows.length, numClasses, 'float32');
  writeClassScores(output, softmaxNorms(output), rois);
  return { output, rois, top: (row: number) => [...rois.topClass.subarray(row * NUM_TOP, (row + 1) * NUM_TOP)] };
}
const sigmoidProbabilities = { scoreForm: { activation: 'sigmoid', given: 'probabilities' } } as const;
const sigmoidLogits = { scoreForm: { activation: 'sigmoid', given: 'logits' } } as const;

describe('writeClassScores', () => {
  test('softmax logits: background is class K in the list, never the predicted class', () => {
    const { rois, top } = scoresOf(2, [[0, 1, 3]]);
    const sum = 1 + Math.E + Math.exp(3);
    expect(top(0)).toEqual([2, 1, 0, -1, -1]);
    expect(rois.predClass[0]).toBe(1);
    expect(rois.score[0]).toBeCloseTo(Math.E / sum, 6);
    expect(rois.topScore[0]).toBeCloseTo(Math.exp(3) / sum, 6);
    expect(rois.topScore[3]).toBe(0);
  });

  test('keeps the five highest of many, ties to the lower class', () => {
    const { rois, top } = scoresOf(8, [[0.1, 0.9, 0.5, 0.5, 0.2, 0.9, 0.3, 0.5]], sigmoidProbabilities);
    expect(top(0)).toEqual([1, 5, 2, 3, 7]);
    expect(rois.predClass[0]).toBe(1);
    expect(rois.score[0]).toBe(Math.fround(0.9));
  });

  test('objectness multiplies every class score', () => {
    const { rois } = scoresOf(2, [[0.5, 0.25]], { ...sigmoidProbabilities, objectness: Float32Array.of(0.5) });
    expect([...rois.topScore.subarray(0, 2)]).toEqual([0.25, 0.125]);
    expect(rois.score[0]).toBe(0.25);
  });

  test('sigmoid logits with objectness logits', () => {
    const { rois } = scoresOf(1, [[2]], { ...sigmoidLogits, objectness: Float32Array.of(-1) });
    expect(rois.score[0]).toBeCloseTo(sigmoid(2) * sigmoid(-1), 6);
  });

  test.each([
    ['NaN', [0.1, NaN], sigmoidProbabilities],
    ['NaN logit', [0.1, NaN], sigmoidLogits],
    ['a probability above 1', [0.1, 1.5], sigmoidProbabilities],
    ['a negative probability', [0.1, -0.5], sigmoidProbabilities],
    ['an infinite logit', [0.1, Infinity], sigmoidLogits],
    ['NaN objectness', [0.1, 0.2], { ...sigmoidProbabilities, objectness: Float32Array.of(NaN) }],
    ['objectness above 1', [0.1, 0.2], { ...sigmoidProbabilities, objectness: Float32Array.of(3) }],
  ] as [string, number[], Partial<DetectorOutput>][])('%s makes the row unusable', (_what, row, changes) => {
    const { rois, top } = scoresOf(2, [row], changes);
    expect(rois.score[0]).toBeNaN();
    expect(rois.predClass[0]).toBe(-1);
    expect(top(0)).toEqual([-1, -1, -1, -1, -1]);
  });

  test('a softmax of nothing but -Infinity is unusable', () => {
    const { rois } = scoresOf(1, [[-Infinity, -Infinity]]);
    expect(rois.score[0]).toBeNaN();
  });

  test('huge logits give finite scores', () => {
    const { rois } = scoresOf(1, [[1e4, -1e4]]);
    expect(rois.score[0]).toBe(1);
    expect(rois.topScore[1]).toBe(0);
  });

  test('zero rows', () => {
    expect(scoresOf(3, []).rois.score).toHaveLength(0);
  });
});

test('readProbabilities agrees with the table, for each form', () => {
  for (const changes of [{}, sigmoidLogits, { ...sigmoidLogits, objectness: Float32Array.of(0.3) }]) {
    const columns = 'scoreForm' in changes ? [0.2, -0.4] : [0.2, -0.4, 0.9];
    const { output, rois } = scoresOf(2, [columns], changes);
    const out = new Float64Array(2);
    readProbabilities(output, softmaxNorms(output), 0, out);
    expect(out[0]).toBeCloseTo(rois.score[0], 6);
  }
});
