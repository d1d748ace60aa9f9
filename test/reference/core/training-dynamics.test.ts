/** AUM and forgetting events against numpy, from logits: training-dynamics.py wrote training-dynamics.json. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { measureExamples } from '../../../src/core/measure/measure-examples.js';
import { observeObjects, trainingDynamics } from '../../../src/core/reports/training-dynamics.js';
import { makeGts } from '../../unit/core/make-output.js';

const reference = JSON.parse(readFileSync(new URL('training-dynamics.json', import.meta.url), 'utf8')) as {
  numClasses: number;
  labels: number[];
  logits: number[][];
  aum: number[];
  forgotten: number[];
  first: number[];
};

it('agrees with numpy on every example', () => {
  const { numClasses, labels } = reference;
  const sizes = { width: labels.map(() => 1), height: labels.map(() => 1) };
  const checkpoints = reference.logits.map((logits) => {
    const rois = measureExamples(
      { numExamples: labels.length, numClasses, given: 'logits', scores: Float32Array.from(logits) },
      { labels: Int32Array.from(labels), ...sizes },
    );
    // The examples as the objects of one image.
    rois.gtIndex.forEach((_, row) => (rois.gtIndex[row] = row));
    return observeObjects(rois, makeGts(labels.map((label) => ({ box: [0, 0, 1, 1], gtClass: label }))), false);
  });
  const { aum, numForgotten, firstLearned } = trainingDynamics(checkpoints);
  reference.aum.forEach((value, i) => expect(Math.abs(aum[i] - value)).toBeLessThan(1e-5));
  expect([...numForgotten]).toEqual(reference.forgotten);
  expect([...firstLearned]).toEqual(reference.first);
});
