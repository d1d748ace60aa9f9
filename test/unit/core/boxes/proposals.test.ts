import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generateAnchors } from '../../../../src/core/boxes/anchors.js';
import { boxIou } from '../../../../src/core/boxes/iou.js';
import { selectProposals } from '../../../../src/core/boxes/proposals.js';

const ANCHORS = generateAnchors(4, 5, { stride: 10, sizes: [12, 24], ratios: [0.5, 2] });
const NUM = ANCHORS.x1.length;
const OPTIONS = { preNmsTop: 60, nmsThreshold: 0.6, numProposals: 20, minSize: 3 };
const still = new Float32Array(NUM * 4);

describe('selectProposals', () => {
  test('no anchors give no proposals', () => {
    const none = new Float32Array(0);
    const found = selectProposals(none, none, { x1: none, y1: none, x2: none, y2: none }, 50, 40, OPTIONS);
    expect(found.boxes.x1).toHaveLength(0);
    expect(found.anchor).toHaveLength(0);
  });

  test('equal objectness: lower anchors first', () => {
    const { anchor } = selectProposals(new Float32Array(NUM), still, ANCHORS, 50, 40, {
      ...OPTIONS,
      nmsThreshold: 1,
      preNmsTop: 7,
      minSize: 0,
    });
    expect([...anchor]).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test('deltas move and scale the anchor, by hand', () => {
    const anchors = {
      x1: Float32Array.of(10),
      y1: Float32Array.of(10),
      x2: Float32Array.of(30),
      y2: Float32Array.of(20),
    };
    const deltas = Float32Array.of(0.1, -0.2, Math.log(0.5), Math.log(2));
    const { boxes } = selectProposals(Float32Array.of(1), deltas, anchors, 100, 100, OPTIONS);
    // Centre (20, 15) + (2, -2) = (22, 13); size 20 x 10 -> 10 x 20.
    expect([boxes.x1[0], boxes.y1[0], boxes.x2[0], boxes.y2[0]].map(Math.round)).toEqual([17, 3, 27, 23]);
  });

  test('NaN objectness is refused with its place; NaN deltas only lose their own proposal', () => {
    const objectness = new Float32Array(NUM);
    objectness[5] = NaN;
    expect(() => selectProposals(objectness, still, ANCHORS, 50, 40, OPTIONS)).toThrow(
      /objectness\[5\]: expected a number, received NaN/,
    );
    const deltas = still.slice();
    deltas[0] = NaN;
    const { anchor } = selectProposals(new Float32Array(NUM), deltas, ANCHORS, 50, 40, OPTIONS);
    expect(anchor.length).toBeGreaterThan(0);
    expect(anchor).not.toContain(0);
  });

  test('sizes that do not fit are refused', () => {
    expect(() => selectProposals(new Float32Array(3), still, ANCHORS, 50, 40, OPTIONS)).toThrow(
      /expected 80 logits and 320 deltas, received 3 and 320/,
    );
  });

  test('property: ordered, inside, large enough, apart, and maximal', () => {
    const logits = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: NUM, maxLength: NUM });
    const moves = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: NUM * 4, maxLength: NUM * 4 });
    fc.assert(
      fc.property(logits, moves, (scores, deltas) => {
        const { boxes, objectness, anchor } = selectProposals(
          Float32Array.from(scores),
          Float32Array.from(deltas),
          ANCHORS,
          50,
          40,
          OPTIONS,
        );
        const iou = (a: number, b: number) =>
          boxIou(
            boxes.x1[a],
            boxes.y1[a],
            boxes.x2[a],
            boxes.y2[a],
            boxes.x1[b],
            boxes.y1[b],
            boxes.x2[b],
            boxes.y2[b],
          );
        expect(anchor.length).toBeLessThanOrEqual(OPTIONS.numProposals);
        expect(new Set(anchor).size).toBe(anchor.length);
        for (let i = 0; i < anchor.length; i++) {
          expect(objectness[i]).toBe(scores[anchor[i]]);
          if (i > 0)
            expect(
              objectness[i] < objectness[i - 1] || (objectness[i] === objectness[i - 1] && anchor[i] > anchor[i - 1]),
            ).toBe(true);
          expect(boxes.x1[i] >= 0 && boxes.y1[i] >= 0 && boxes.x2[i] <= 50 && boxes.y2[i] <= 40).toBe(true);
          expect(Math.min(boxes.x2[i] - boxes.x1[i], boxes.y2[i] - boxes.y1[i])).toBeGreaterThanOrEqual(
            OPTIONS.minSize,
          );
          for (let j = 0; j < i; j++) expect(iou(i, j)).toBeLessThanOrEqual(OPTIONS.nmsThreshold + 1e-6);
        }
      }),
      { numRuns: 60 },
    );
  });
});
