import { describe, expect, it } from 'vitest';
import { concatRoiTables } from '../../../../src/core/concat-roi-tables.js';
import { MiningError } from '../../../../src/core/mining-error.js';
import { keepRois } from '../../../../src/core/triage/keep-rois.js';
import type { MiningConfig } from '../../../../src/core/mining/mining-options.js';
import { PRESET_IDS, type PresetId } from '../../../../src/core/mining/samplers/index.js';
import { resolveConfig, selectHardest, selectHardExamples } from '../../../../src/core/mining/select.js';
import { RANK_BY } from '../../../../src/core/mining/shared-options.js';
import { seededRandom, type SeededRandom } from '../../../../src/core/seeded-random.js';
import { numUnkept } from '../../../../src/core/roi-rest.js';
import { isForeground, NONE, Status, type RoiTable, type Selection } from '../../../../src/core/tables.js';
import { makeGts } from '../make-output.js';
import { BACKGROUND, makeRois, type RoiRow } from '../make-rois.js';

const GTS = makeGts([{ box: [10, 10, 40, 40], gtClass: 1 }]);
const NUM_ROIS = 400;
const NUM_KEPT = 120;

/** Crowded boxes; losses with ties, rows without a number, ignored rows, box losses of background. */
function randomImage(random: SeededRandom): RoiTable {
  const isCoarse = random.next() < 0.3;
  const hasBoxLoss = random.next() < 0.3;
  const loss = () => (isCoarse ? random.below(4) / 4 : random.next() ** 4);
  const box = (): readonly [number, number, number, number] => {
    const [x, y] = [random.below(60), random.below(60)];
    return [x, y, x + 8 + random.below(30), y + 8 + random.below(30)];
  };
  const row = (): RoiRow => {
    const kind = random.next();
    const label = kind < 0.04 ? random.below(BACKGROUND) : kind < 0.08 ? -1 : BACKGROUND;
    const cls = kind > 0.97 ? NaN : kind > 0.96 ? Infinity : loss();
    const loc = random.next() < 0.02 ? NaN : hasBoxLoss || (label >= 0 && label < BACKGROUND) ? loss() : 0;
    return { box: box(), pred: box(), label, cls, loc, iou: random.next() * 0.6, score: random.next() ** 4 };
  };
  const rois = makeRois(Array.from({ length: NUM_ROIS }, row), random.next() < 0.5 ? 'float32' : 'float64');
  for (let i = 0; i < NUM_ROIS; i++) if (isForeground(rois, i)) rois.gtIndex[i] = 0;
  return rois;
}

/** Budgets from a few RoIs to far more than are kept. */
function randomConfig(preset: PresetId, random: SeededRandom): MiningConfig {
  const config = {
    batchSize: random.below(200),
    imagesPerBatch: 1 + random.below(3),
    keepRate: random.next() < 0.3 ? 0.001 + random.next() / 4 : null,
    nmsThreshold: random.next(),
    rankBy: RANK_BY[random.below(RANK_BY.length)],
    num: random.below(200),
    numHardExamples: random.below(100),
    clsWeight: random.below(3),
    locWeight: random.below(3),
    maxNegativesPerPositive: random.below(4),
    negPosUb: random.below(6) - 1,
    scoreThreshold: random.next(),
    negOverlap: random.next(),
    seed: random.below(1000),
  };
  return resolveConfig(preset, config);
}

function tryMine(rois: RoiTable, config: MiningConfig): Selection | null {
  try {
    return selectHardExamples(rois, config);
  } catch (error) {
    expect(error).toBeInstanceOf(MiningError);
    expect((error as MiningError).where).toBe('budget');
    return null;
  }
}

/** Row of the whole minibatch for each kept row. */
function wholeRows(kept: RoiTable): Int32Array {
  return kept.roiIndex.map((place, row) => kept.imageIndex[row] * NUM_ROIS + place);
}

/** How many of `times` choices were answered. */
function compareAnswers(preset: PresetId, times: number, equal: typeof expectEqual): number {
  const random = seededRandom(PRESET_IDS.indexOf(preset) + 1);
  let numAnswered = 0;
  for (let i = 0; i < times; i++) {
    const images = Array.from({ length: 1 + random.below(3) }, () => randomImage(random));
    const whole = concatRoiTables(images);
    const kept = concatRoiTables(images.map((rois) => keepRois(rois, GTS, NUM_KEPT, 0.9)));
    const config = randomConfig(preset, random);
    const answer = tryMine(kept, config);
    if (answer === null) {
      expect(() => selectHardest(kept, config)).toThrow(MiningError);
      continue;
    }
    numAnswered++;
    equal(selectHardExamples(whole, config), answer, wholeRows(kept), kept);
    const { status, order } = selectHardest(kept, config);
    const isSelected = (codes: Uint8Array) => codes.map((code) => (code === Status.selected ? 1 : 0));
    expect(isSelected(status)).toEqual(isSelected(answer.status));
    expect(order).toEqual(answer.order);
  }
  return numAnswered;
}

function expectEqual(whole: Selection, kept: Selection, rowOf: Int32Array, rois: RoiTable): void {
  expectSameStatus(whole, kept, rowOf, rois);
  const selected = (selection: Selection) => selection.order.filter((row) => selection.status[row] === Status.selected);
  // The same RoIs in the same order, and so the same sums.
  expect(selected(kept).map((row) => rowOf[row])).toEqual(selected(whole));
  expect([kept.keepNum, kept.clsLoss, kept.locLoss]).toEqual([whole.keepNum, whole.clsLoss, whole.locLoss]);
  const isRight = (row: number) => {
    const [code, of] = [kept.status[row], whole.status[rowOf[row]]];
    // What is easier than the hardest RoI that is not kept may be suppressed by one.
    if (code !== of && (code !== Status.belowBudget || of !== Status.nmsSuppressed)) return false;
    if (!Object.is(kept.rankLoss[row], whole.rankLoss[rowOf[row]])) return false;
    const by = kept.suppressedBy[row];
    return code === Status.nmsSuppressed ? rowOf[by] === whole.suppressedBy[rowOf[row]] : by === NONE;
  };
  expect([...rowOf.keys()].filter((row) => !isRight(row))).toEqual([]);
}

/** Rows harder than the last selected background of their image have the same status: what decides them is there. */
function expectSameStatus(whole: Selection, kept: Selection, rowOf: Int32Array, rois: RoiTable): void {
  const isOpen = new Set<number>();
  const wrong: number[] = [];
  for (const row of kept.order.toReversed()) {
    if (rois.gtClass[row] === BACKGROUND && kept.status[row] === Status.selected) isOpen.add(rois.imageIndex[row]);
    if (isOpen.has(rois.imageIndex[row]) && kept.status[row] !== whole.status[rowOf[row]]) wrong.push(row);
  }
  expect(wrong).toEqual([]);
}

describe('keepRois', () => {
  const drawn: readonly PresetId[] = ['random', 'bg-lo'];

  it.each(PRESET_IDS.filter((preset) => !drawn.includes(preset)))(
    '%s chooses among the kept RoIs as among all, or says that it needs more',
    (preset) => {
      const numAnswered = compareAnswers(preset, 120, expectEqual);
      // Nothing is known of "every RoI" and of 70 % of them.
      if (preset !== 'all') expect(numAnswered).toBeGreaterThan(5);
    },
  );

  it.each(drawn)('%s draws as many as from all, background from the sample', (preset) => {
    const numAnswered = compareAnswers(preset, 120, (whole, kept) => expect(kept.keepNum).toBe(whole.keepNum));
    expect(numAnswered).toBeGreaterThan(5);
  });

  it('keeps few rows, and counts the others', () => {
    const rois = randomImage(seededRandom(7));
    const kept = keepRois(rois, GTS, NUM_KEPT, 0.9);
    const rest = kept.rests?.get(0);
    expect(kept.numRois).toBeLessThan(2 * NUM_KEPT);
    expect(kept.numRois + (rest === undefined ? 0 : numUnkept(rest))).toBe(NUM_ROIS);
    expect(rest?.histogram.reduce((sum, count) => sum + count, 0)).toBe(rest?.numBackground);
    expect(kept.sampled.reduce((sum, mark) => sum + mark, 0)).toBe(NUM_KEPT / 8);
    for (const [row, place] of kept.roiIndex.entries()) expect(kept.lossCls[row]).toBe(rois.lossCls[place]);
  });

  it('keeps all rows of an image that has no more', () => {
    const rois = randomImage(seededRandom(7));
    expect(keepRois(rois, GTS, NUM_ROIS, 0.9)).toBe(rois);
    const kept = keepRois(rois, GTS, NUM_KEPT, 0.9);
    expect(keepRois(kept, GTS, 10, 0.9)).toBe(kept);
  });
});
