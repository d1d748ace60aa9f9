import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../../src/core/losses/class-scores.js';
import { logSumExp } from '../../../src/core/losses/cls-loss.js';
import { allocateRoiTable, NONE, NUM_TOP } from '../../../src/core/tables.js';
import type { DumpHeader, DumpImage } from '../../../src/dataset/dump/dump.js';
import { hasLabelColumns, internalLabel } from '../../../src/dataset/dump/dump-labels.js';
import { writeDumpScores } from '../../../src/dataset/dump/dump-scores.js';

const NOTHING = {
  where: 'line 2',
  image: 'a.jpg',
  width: 0,
  height: 0,
  rois: null,
  lossCls: null,
  locPred: null,
  locTarget: null,
  lossLoc: null,
  score: null,
  predLabel: null,
  predBoxes: null,
  matchedGt: null,
  iou: null,
  gts: null,
};

/** Few different numbers: columns are equal again and again. */
const logit = fc.oneof(fc.constantFrom(0, -0, 1, 2, -3), fc.double({ min: -30, max: 30, noNaN: true }));
const header = fc
  .record({ numClasses: fc.integer({ min: 1, max: 9 }), at: fc.constantFrom(0, 1, null), softmax: fc.boolean() })
  .map(({ numClasses, at, softmax }): DumpHeader => ({
    task: 'detection',
    classes: Array.from({ length: numClasses }, (_, k) => `c${k}`),
    background: at === null ? null : at * numClasses,
    activation: softmax ? 'softmax' : 'sigmoid',
  }));

describe('the scores of a row of logits', () => {
  it('are those of a stable sort, highest first', () => {
    fc.assert(
      fc.property(header, fc.array(logit, { minLength: 1, maxLength: 14 }), (of, row) => {
        const logits = Float64Array.from(row);
        const image: DumpImage = { ...NOTHING, numRois: 1, label: Int32Array.of(0), logits, numColumns: row.length };
        const rois = allocateRoiTable(1, of.classes.length, 'float64');
        writeDumpScores(of, image, rois);

        const byLabel = hasLabelColumns(of, row.length);
        const classes = row.map((_, column) => (byLabel ? internalLabel(of, column) : column));
        const norm = logSumExp(logits, 0, row.length);
        const p = row.map((value) => (of.activation === 'softmax' ? Math.exp(value - norm) : sigmoid(value)));
        const order = row.map((_, column) => column).sort((a, b) => p[b] - p[a] || a - b);
        const best = order.find((column) => classes[column] < of.classes.length);
        const top = order.slice(0, NUM_TOP);
        const padded = (values: number[], none: number) => [...values, ...new Array<number>(NUM_TOP).fill(none)];
        expect([...rois.topClass]).toEqual(
          padded(
            top.map((column) => classes[column]),
            NONE,
          ).slice(0, NUM_TOP),
        );
        const scores = top.map((column) => Math.fround(p[column]));
        expect([...rois.topScore]).toEqual(padded(scores, 0).slice(0, NUM_TOP));
        expect(rois.predClass[0]).toBe(best === undefined ? NONE : classes[best]);
        expect(rois.score[0]).toBe(best === undefined ? Number.NaN : Math.fround(p[best]));
      }),
    );
  });
});
