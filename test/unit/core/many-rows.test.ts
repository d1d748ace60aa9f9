/** 200,000 rows: nothing that spreads rows into arguments or recursion survives them. */
import { expect, it } from 'vitest';
import { compareSelections, comparisonFacts } from '../../../src/core/reports/compare-selections.js';
import { imageMeasures } from '../../../src/core/reports/dataset-measures.js';
import { margins, trueProbabilities } from '../../../src/core/losses/example-scores.js';
import { measureExamples } from '../../../src/core/measure/measure-examples.js';
import { resolveConfig, selectHardExamples } from '../../../src/core/mining/select.js';
import { softWeights } from '../../../src/core/mining/soft-weights.js';
import { observeObjects, trainingDynamics } from '../../../src/core/reports/training-dynamics.js';
import { makeGts } from './make-output.js';

it('200,000 examples are measured, weighed, compared and followed', () => {
  const numExamples = 200_000;
  const numClasses = 3;
  const scores = Float32Array.from({ length: numExamples * numClasses }, (_, i) => ((i * 7919) % 1000) / 100 - 5);
  const labels = Int32Array.from({ length: numExamples }, (_, i) => (i * 31) % numClasses);
  const sizes = new Int32Array(numExamples).fill(8);
  const rois = measureExamples(
    { numExamples, numClasses, given: 'logits', scores },
    { labels, width: sizes, height: sizes },
  );
  const { focal, ghm } = softWeights(rois);
  expect([focal.length, ghm.length, margins(rois).length, trueProbabilities(rois).length]).toEqual(
    new Array(4).fill(numExamples),
  );
  // Every occupied bin weighs the same in sum: R / 10.
  const occupied = new Set(Array.from(trueProbabilities(rois), (p) => Math.min(9, Math.floor((1 - p) * 10)))).size;
  expect(ghm.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo((occupied * numExamples) / 10, 3);
  rois.imageIndex.fill(0);
  const hard = selectHardExamples(rois, resolveConfig('top-b', { batchSize: 1000 }));
  const facts = comparisonFacts(compareSelections(rois, hard, selectHardExamples(rois, resolveConfig('all'))));
  expect([facts.both, facts.onlyA, facts.onlyB, facts.b.lossCovered]).toEqual([1000, 0, numExamples - 1000, 1]);
  expect(facts.a.meanLoss).toBeGreaterThan(facts.b.meanLoss);
  const { entropy, mistakenness } = imageMeasures(rois, 0, numExamples);
  expect(entropy).toBeGreaterThan(0);
  expect(mistakenness).toBeGreaterThan(0);
  rois.gtIndex.forEach((_, row) => (rois.gtIndex[row] = row));
  const gts = makeGts(Array.from(labels, (label) => ({ box: [0, 0, 8, 8], gtClass: label })));
  const { aum, firstLearned } = trainingDynamics([observeObjects(rois, gts, false)]);
  const learned = Array.from(firstLearned, (run) => run === 0);
  expect(learned.filter(Boolean).length).toBe(
    labels.reduce((count, label, row) => count + (rois.predClass[row] === label ? 1 : 0), 0),
  );
  expect(aum).toHaveLength(numExamples);
});
