import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { softmaxNorms, writeClassScores } from '../../../../src/core/losses/class-scores.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { allocateRoiTable, IGNORE } from '../../../../src/core/tables.js';
import { binaryEntropyOf, el2nOf, entropyOf, writeUncertainty } from '../../../../src/core/losses/uncertainty.js';
import { makeOutput } from '../make-output.js';

/** Below, a float32 has fewer digits. */
const LEAST_NORMAL = 2 ** -126;

function written(changes: Partial<DetectorOutput>, numClasses: number, labels: readonly number[]) {
  const output = makeOutput(
    labels.map(() => [0, 0, 1, 1]),
    numClasses,
    changes,
  );
  const rois = allocateRoiTable(labels.length, numClasses, 'float32');
  rois.gtClass.set(labels);
  const norms = softmaxNorms(output);
  writeClassScores(output, norms, rois);
  writeUncertainty(output, norms, rois);
  return rois;
}

describe('entropyOf, binaryEntropyOf, el2nOf', () => {
  it('know the ends of their ranges', () => {
    expect(entropyOf(Float64Array.of(0, 1, 0))).toBe(0);
    expect(entropyOf(new Float64Array(8).fill(1 / 8))).toBeCloseTo(Math.log(8), 14);
    expect(binaryEntropyOf(Float64Array.of(0, 1))).toBe(0);
    expect(binaryEntropyOf(Float64Array.of(0.5, 0.5))).toBeCloseTo(2 * Math.LN2, 14);
    expect(el2nOf(Float64Array.of(0, 1, 0), 1)).toBe(0);
    expect(el2nOf(Float64Array.of(0, 1, 0), 0)).toBeCloseTo(Math.SQRT2, 14);
    expect(el2nOf(Float64Array.of(0.6, 0.8), 2)).toBeCloseTo(1, 14);
  });

  it('pass NaN on', () => {
    expect(entropyOf(Float64Array.of(Number.NaN, 1))).toBeNaN();
    expect(binaryEntropyOf(Float64Array.of(Number.NaN, 1))).toBeNaN();
    expect(el2nOf(Float64Array.of(Number.NaN, 1), 0)).toBeNaN();
  });
});

describe('writeUncertainty', () => {
  it('gives NaN where scores are unusable, and no EL2N to ignored rows', () => {
    const rois = written({ scores: Float32Array.of(0, 0, Number.NaN, 0, 1, 1) }, 1, [0, 0, IGNORE]);
    expect(rois.entropy[0]).toBeCloseTo(Math.LN2, 6);
    expect(rois.el2n[0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect([rois.entropy[1], rois.el2n[1], rois.el2n[2]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
    expect(rois.entropy[2]).toBeCloseTo(Math.LN2, 6);
  });

  it('is 0 where objectness is 0, and takes probabilities just outside [0, 1] as 0 and 1', () => {
    const rois = written(
      {
        scoreForm: { activation: 'sigmoid', given: 'probabilities' },
        scores: Float32Array.of(0.5, 0.5, -0.00005, 1.00005),
        objectness: Float32Array.of(0, 1),
      },
      2,
      [2, 1],
    );
    expect([...rois.entropy]).toEqual([0, 0]);
    expect([...rois.el2n]).toEqual([0, 0]);
  });

  it('takes huge logits', () => {
    const rois = written({ scores: Float32Array.of(1e38, -1e38, 0, 0, 0, 3e38) }, 2, [0, 2]);
    expect([...rois.entropy]).toEqual([0, 0]);
    expect([...rois.el2n]).toEqual([0, 0]);
  });

  it('agrees with the plain formulas for any sigmoid head', () => {
    const head = fc.record({
      scores: fc.array(fc.float({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
      object: fc.float({ min: 0, max: 1, noNaN: true }),
      label: fc.nat(6),
    });
    fc.assert(
      fc.property(head, ({ scores, object, label }) => {
        const rois = written(
          {
            scoreForm: { activation: 'sigmoid', given: 'probabilities' },
            scores: Float32Array.from(scores),
            objectness: Float32Array.of(object),
          },
          6,
          [label],
        );
        const p = Float64Array.from(scores, (score) => score * object);
        const entropy = binaryEntropyOf(p);
        expect(Math.abs(rois.entropy[0] - entropy)).toBeLessThanOrEqual(2e-7 * entropy + LEAST_NORMAL);
        expect(rois.el2n[0]).toBeCloseTo(el2nOf(p, label), 5);
      }),
    );
  });

  it('does nothing for no rows', () => {
    expect(written({}, 3, []).entropy).toHaveLength(0);
  });
});
