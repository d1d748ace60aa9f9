import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addTotals,
  compareSelections,
  comparisonFacts,
  Mark,
  NO_COMPARISON,
} from '../../../../src/core/reports/compare-selections.js';
import { PRESET_IDS } from '../../../../src/core/mining/samplers/index.js';
import { resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { IGNORE, Status } from '../../../../src/core/tables.js';
import { BACKGROUND, makeRois } from '../make-rois.js';
import type { RoiRow } from '../make-rois.js';

const pick = (numRois: number, rows: readonly number[]) => ({
  status: Uint8Array.from({ length: numRois }, (_, row) => (rows.includes(row) ? Status.selected : Status.belowBudget)),
});

describe('compareSelections', () => {
  const rois = makeRois([
    { label: 0, cls: 4, loc: 1 },
    { cls: 2, loc: 9 },
    { cls: 1 },
    { label: IGNORE, cls: 100 },
    { cls: Number.NaN },
    { label: 1, cls: 2, loc: 0 },
  ]);

  it('marks rows, counts, and judges both sides by one loss', () => {
    const compared = compareSelections(rois, pick(6, [0, 1]), pick(6, [1, 2]));
    expect([...compared.mark]).toEqual([Mark.onlyA, Mark.both, Mark.onlyB, Mark.neither, Mark.neither, Mark.neither]);
    expect(compared).toMatchObject({ both: 1, onlyA: 1, onlyB: 1, neither: 3, totalLoss: 10 });
    const facts = comparisonFacts(compared);
    expect(facts.overlap).toBeCloseTo(1 / 3, 15);
    expect(facts.a).toEqual({
      numSelected: 2,
      foregroundShare: 0.5,
      meanClsLoss: 3,
      meanLocLoss: 0.5,
      meanLoss: 3.5,
      lossCovered: 0.7,
    });
    expect(facts.b).toEqual({
      numSelected: 2,
      foregroundShare: 0,
      meanClsLoss: 1.5,
      meanLocLoss: 0,
      meanLoss: 1.5,
      lossCovered: 0.3,
    });
  });

  it('has sums over parts that add up to the whole', () => {
    const part = (from: number, to: number) => {
      const rows: RoiRow[] = [{ label: 0, cls: 4, loc: 1 }, { cls: 2 }, { cls: 1 }, { label: 1, cls: 2 }].slice(
        from,
        to,
      );
      return compareSelections(makeRois(rows), pick(rows.length, [0]), pick(rows.length, [1]));
    };
    const whole = compareSelections(
      makeRois([{ label: 0, cls: 4, loc: 1 }, { cls: 2 }, { cls: 1 }, { label: 1, cls: 2 }]),
      pick(4, [0, 2]),
      pick(4, [1, 3]),
    );
    const sum = addTotals(addTotals(NO_COMPARISON, part(0, 2)), part(2, 4));
    expect(comparisonFacts(sum)).toEqual(comparisonFacts(whole));
  });

  it('has no NaN for nothing', () => {
    const nothing = { numSelected: 0, foregroundShare: 0, meanClsLoss: 0, meanLocLoss: 0, meanLoss: 0, lossCovered: 0 };
    expect(comparisonFacts(compareSelections(makeRois([]), pick(0, []), pick(0, [])))).toEqual({
      both: 0,
      onlyA: 0,
      onlyB: 0,
      neither: 0,
      overlap: 1,
      a: nothing,
      b: nothing,
    });
    const ignored = makeRois([
      { label: IGNORE, cls: 1 },
      { label: IGNORE, cls: 1 },
    ]);
    expect(comparisonFacts(compareSelections(ignored, pick(2, [0]), pick(2, []))).a).toMatchObject({
      numSelected: 1,
      meanLoss: 0,
      lossCovered: 0,
    });
  });

  it('adds nothing for losses that are not finite', () => {
    const huge = makeRois([
      { cls: Infinity },
      { cls: Number.NaN },
      { cls: 1e308 },
      { label: 0, cls: 1, loc: -Infinity },
    ]);
    const facts = comparisonFacts(compareSelections(huge, pick(4, [0, 1, 2, 3]), pick(4, [2])));
    expect(facts.a).toMatchObject({ numSelected: 4, meanLoss: 1e308 / 4, lossCovered: 1 });
  });

  it('holds for any two presets on any table', () => {
    const row = fc.record({
      label: fc.constantFrom(0, 1, BACKGROUND, IGNORE),
      cls: fc.oneof(fc.double({ min: 0, max: 20, noNaN: true }), fc.constant(Number.NaN)),
      loc: fc.double({ min: 0, max: 3, noNaN: true }),
      iou: fc.double({ min: 0, max: 1, noNaN: true }),
      score: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 40 }),
        fc.constantFrom(...PRESET_IDS),
        fc.constantFrom(...PRESET_IDS),
        fc.nat(20),
        (rows, a, b, batchSize) => {
          const table = makeRois(rows);
          const decide = (preset: typeof a) => selectHardExamples(table, resolveConfig(preset, { batchSize }));
          const [one, other] = [decide(a), decide(b)];
          const compared = compareSelections(table, one, other);
          expect(compared.both + compared.onlyA).toBe(one.keepNum);
          expect(compared.both + compared.onlyB).toBe(other.keepNum);
          expect(compared.both + compared.onlyA + compared.onlyB + compared.neither).toBe(rows.length);
          const facts = comparisonFacts(compared);
          const shares = [
            facts.overlap,
            facts.a.foregroundShare,
            facts.b.foregroundShare,
            facts.a.lossCovered,
            facts.b.lossCovered,
          ];
          expect(shares.every((share) => share >= 0 && share <= 1 + 1e-12)).toBe(true);
          const swapped = comparisonFacts(compareSelections(table, other, one));
          expect(swapped).toEqual({ ...facts, onlyA: facts.onlyB, onlyB: facts.onlyA, a: facts.b, b: facts.a });
        },
      ),
    );
  });
});
