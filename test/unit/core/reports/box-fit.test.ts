import { describe, expect, it } from 'vitest';
import { boxFit, topBoxes } from '../../../../src/core/reports/box-fit.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { allocateGtTable } from '../../../../src/core/tables.js';

/** Two classes; every box 10 px high. */
function output(rows: readonly { x: number; scores: readonly [number, number] }[]): DetectorOutput {
  const column = (of: (row: (typeof rows)[number]) => number) => Float32Array.from(rows, of);
  const boxes = { x1: column(({ x }) => x), y1: column(() => 0), x2: column(({ x }) => x + 10), y2: column(() => 10) };
  return {
    numRois: rows.length,
    numClasses: 2,
    regions: boxes,
    preds: boxes,
    scoreForm: { activation: 'sigmoid', given: 'probabilities' },
    scores: Float32Array.from(rows.flatMap(({ scores }) => scores)),
    objectness: null,
    deltas: null,
    deltaWeights: null,
    grid: null,
  };
}

const gts = allocateGtTable(1);
gts.x2[0] = 10;
gts.y2[0] = 10;
gts.gtClass[0] = 1;

describe('topBoxes', () => {
  it('gives the best class of each box, without those that a better one of its class overlaps', () => {
    const found = topBoxes(
      output([
        { x: 0, scores: [0.1, 0.5] },
        { x: 1, scores: [0.2, 0.9] },
        { x: 1, scores: [0.3, 0] },
      ]),
      9,
    );
    expect(found.map(({ x1, classId }) => [x1, classId])).toEqual([
      [1, 1],
      [1, 0],
    ]);
  });

  it('compares a thousand rows at most, too where all scores are equal', () => {
    const same = Array.from({ length: 1001 }, (_, x) => ({ x: 20 * x, scores: [0, 1] as const }));
    expect(topBoxes(output(same), 2000)).toHaveLength(1000);
  });

  it('takes a NaN for no box', () => {
    expect(topBoxes(output([{ x: 0, scores: [Number.NaN, Number.NaN] }]), 9)).toEqual([]);
  });
});

describe('boxFit', () => {
  const right = { x: 0, scores: [0, 0.9] } as const;
  const wrong = { x: 100, scores: [0, 0.5] } as const;

  it('counts as many boxes as there are objects', () => {
    expect(boxFit(output([right, wrong]), gts, true)).toMatchObject({ sum: 1, numObjects: 1, boxes: [{ x1: 0 }] });
    expect(boxFit(output([{ ...right, scores: [0, 0.4] }, wrong]), gts, true).sum).toBe(0);
  });

  it('asks for the class where the lists agree', () => {
    const other = output([{ x: 0, scores: [0.9, 0] }]);
    expect([boxFit(other, gts, true).sum, boxFit(other, gts, false).sum]).toEqual([0, 1]);
  });
});
