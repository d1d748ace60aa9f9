/** Entropy, EL2N, margins and soft weights against PyTorch: example-measures.py wrote example-measures.json. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { softmaxNorms, writeClassScores } from '../../../src/core/losses/class-scores.js';
import { softmaxLossFromLogits } from '../../../src/core/losses/class/cross-entropy.js';
import type { DetectorOutput, ScoreForm } from '../../../src/core/losses/detector-output.js';
import { margins } from '../../../src/core/losses/example-scores.js';
import { softWeights } from '../../../src/core/mining/soft-weights.js';
import { allocateRoiTable } from '../../../src/core/tables.js';
import type { RoiTable } from '../../../src/core/tables.js';
import { writeUncertainty } from '../../../src/core/losses/uncertainty.js';
import { makeOutput } from '../../unit/core/make-output.js';

interface Case {
  scores: number[];
  labels: number[];
  entropy: number[];
  el2n: number[];
}
const reference = JSON.parse(readFileSync(new URL('example-measures.json', import.meta.url), 'utf8')) as {
  numClasses: number;
  softmax: Case & { margin: number[]; focal: number[]; ghm: number[] };
  sigmoid: (Case & { probabilities: number[]; objectness: number[] | null })[];
};

/** What a head with these scores gets, its labels given. */
function measured(
  form: ScoreForm,
  scores: readonly number[],
  labels: readonly number[],
  objectness: readonly number[] | null = null,
): { output: DetectorOutput; rois: RoiTable } {
  const boxes = labels.map(() => [0, 0, 1, 1]);
  const output = makeOutput(boxes, reference.numClasses, {
    scoreForm: form,
    scores: Float32Array.from(scores),
    objectness: objectness === null ? null : Float32Array.from(objectness),
  });
  const rois = allocateRoiTable(labels.length, reference.numClasses, 'float64');
  rois.gtClass.set(labels);
  const norms = softmaxNorms(output);
  writeClassScores(output, norms, rois);
  writeUncertainty(output, norms, rois);
  return { output, rois };
}

/** To `tolerance` relative, or 3e-7: what float32 columns of probabilities near 1 resolve. */
function expectClose(received: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  expect(received.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(received[i] - value), `row ${i}: ${received[i]} against ${value}`).toBeLessThanOrEqual(
      Math.max(3e-7, tolerance * Math.abs(value)),
    );
  });
}

describe('a softmax head', () => {
  const { softmax } = reference;
  const { output, rois } = measured({ activation: 'softmax', given: 'logits' }, softmax.scores, softmax.labels);
  softmax.labels.forEach((label, row) => {
    rois.lossCls[row] = softmaxLossFromLogits(
      output.scores,
      row * (reference.numClasses + 1),
      reference.numClasses,
      label,
    );
  });

  it('has the entropy and EL2N that PyTorch computes', () => {
    expectClose(rois.entropy, softmax.entropy, 1e-6);
    expectClose(rois.el2n, softmax.el2n, 1e-6);
  });

  it('has its margins and weights', () => {
    expectClose(margins(rois), softmax.margin, 1e-6);
    const { focal, ghm } = softWeights(rois);
    expectClose(focal, softmax.focal, 1e-9);
    expectClose(ghm, softmax.ghm, 1e-12);
  });
});

describe.each(reference.sigmoid)('a sigmoid head', ({ scores, labels, entropy, el2n, probabilities, objectness }) => {
  const name = objectness === null ? 'without objectness' : 'with objectness';
  it(`${name} has the entropy and EL2N that PyTorch computes, from logits`, () => {
    const { rois } = measured({ activation: 'sigmoid', given: 'logits' }, scores, labels, objectness);
    expectClose(rois.entropy, entropy, 2e-6);
    expectClose(rois.el2n, el2n, 1e-6);
  });

  it(`${name}, from probabilities`, () => {
    const given = objectness?.map((z) => 1 / (1 + Math.exp(-z))) ?? null;
    const { rois } = measured({ activation: 'sigmoid', given: 'probabilities' }, probabilities, labels, given);
    expectClose(rois.entropy, entropy, 2e-6);
    expectClose(rois.el2n, el2n, 1e-6);
  });
});
