import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxIou } from '../../../src/core/boxes/iou.js';
import type { LastSteps } from '../../../src/core/mining/samplers/judge.js';
import { PRESET_IDS, type PresetId } from '../../../src/core/mining/samplers/index.js';
import { resolveConfig, selectHardestRows, selectHardExamples } from '../../../src/core/mining/select.js';
import { Status } from '../../../src/core/tables.js';
import { makeRois, type RoiRow } from '../../unit/core/make-rois.js';

const position = fc.integer({ min: 0, max: 40 });
const size = fc.integer({ min: 0, max: 30 });
const box = fc.tuple(position, position, size, size).map(([x, y, w, h]) => [x, y, x + w, y + h] as const);
/** Mostly ordinary losses, with ties, overflow and the numbers that are none. */
const loss = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 20, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, -0, 0.5, 1, 1e308, -1e308, NaN, Infinity, -Infinity) },
);
const row: fc.Arbitrary<Required<Omit<RoiRow, 'image' | 'top'>>> = fc.record({
  box,
  pred: box,
  label: fc.integer({ min: -1, max: 3 }),
  cls: loss,
  loc: loss,
  iou: fc.double({ min: 0, max: 1, noNaN: true }),
  score: fc.double({ min: 0, max: 1 }),
});
/** Rows of one to three images, ordered by image. */
const table = fc
  .array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 3 })
  .map((images) => images.flatMap((rows, image) => rows.map((one) => ({ ...one, image }))));
const options = fc.record({
  batchSize: fc.integer({ min: 0, max: 80 }),
  imagesPerBatch: fc.integer({ min: 1, max: 4 }),
  keepRate: fc.oneof(fc.constant(null), fc.double({ min: 1e-6, max: 1, noNaN: true })),
  nmsThreshold: fc.oneof(fc.constantFrom(0, 0.5, 0.7, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  rankBy: fc.constantFrom('total', 'class', 'box'),
  num: fc.integer({ min: 0, max: 40 }),
  negPosUb: fc.constantFrom(-1, 0, 1.5, 3),
  numHardExamples: fc.integer({ min: 0, max: 40 }),
  maxNegativesPerPositive: fc.constantFrom(0, 0.5, 3),
  minNegativesPerImage: fc.integer({ min: 0, max: 5 }),
  seed: fc.nat(),
});
const preset = fc.constantFrom<PresetId>(...PRESET_IDS);

describe('selectHardExamples', () => {
  it('gives every row one status, and ranks all that are neither ignored nor invalid', () => {
    fc.assert(
      fc.property(preset, table, options, (id, rows, given) => {
        const rois = makeRois(rows);
        const { status, counts, order, lossRank, suppressedBy, rankLoss, keepNum, clsLoss, locLoss } =
          selectHardExamples(rois, resolveConfig(id, given));
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows.length);
        expect(counts[Status.selected]).toBe(keepNum);
        const ranked = Array.from(lossRank).filter((rank) => rank >= 0);
        expect(ranked.sort((a, b) => a - b)).toEqual(Array.from(order.keys()));
        order.forEach((at, rank) => {
          expect(lossRank[at]).toBe(rank);
          const harder = order[rank - 1] ?? at;
          expect(rankLoss[harder]).toBeGreaterThanOrEqual(rankLoss[at]);
          if (rankLoss[harder] === rankLoss[at]) expect(harder).toBeLessThanOrEqual(at);
        });
        status.forEach((code, at) => {
          expect(lossRank[at] === -1).toBe(code === Status.ignored || code === Status.invalid);
          expect(suppressedBy[at] !== -1).toBe(code === Status.nmsSuppressed);
        });
        expect(Number.isFinite(clsLoss) && Number.isFinite(locLoss)).toBe(true);
      }),
    );
  });

  it('suppresses only what a harder kept RoI of the same image overlaps', () => {
    fc.assert(
      fc.property(table, options, (rows, given) => {
        const rois = makeRois(rows);
        const config = resolveConfig('paper', given);
        const { suppressedBy, lossRank, status } = selectHardExamples(rois, config);
        const iou = (i: number, j: number) =>
          boxIou(rois.x1[i], rois.y1[i], rois.x2[i], rois.y2[i], rois.x1[j], rois.y1[j], rois.x2[j], rois.y2[j]);
        for (let i = 0; i < rows.length; i += 1) {
          const by = suppressedBy[i];
          if (by !== -1) {
            expect(iou(i, by)).toBeGreaterThan(config.nmsThreshold);
            expect(lossRank[by]).toBeLessThan(lossRank[i]);
            expect(status[by]).not.toBe(Status.nmsSuppressed);
            expect(rows[by].image).toBe(rows[i].image);
          } else if (lossRank[i] >= 0) {
            for (let j = 0; j < rows.length; j += 1) {
              const keptAndHarder =
                suppressedBy[j] === -1 &&
                lossRank[j] >= 0 &&
                lossRank[j] < lossRank[i] &&
                rows[j].image === rows[i].image;
              if (keptAndHarder) expect(iou(i, j)).toBeLessThanOrEqual(config.nmsThreshold);
            }
          }
        }
      }),
    );
  });

  it('decides the same with what the last decision left, whatever was changed', () => {
    // Two tables and few values of each option, so that steps are really taken over.
    const change = fc.record({
      table: fc.constantFrom(0, 1),
      id: fc.constantFrom<PresetId>('paper', 'tf-od', 'released-code', 'ssd'),
      nmsThreshold: fc.constantFrom(0.3, 0.7, 1),
      rankBy: fc.constantFrom('total', 'class'),
      budget: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(fc.tuple(table, table), fc.array(change, { maxLength: 12 }), (tables, changes) => {
        const rois = tables.map((rows) => makeRois(rows));
        const last: LastSteps = {};
        for (const { table: which, id, nmsThreshold, rankBy, budget } of changes) {
          const config = resolveConfig(id, { nmsThreshold, rankBy, batchSize: budget, numHardExamples: budget });
          expect(selectHardExamples(rois[which], config, last)).toEqual(selectHardExamples(rois[which], config));
        }
      }),
    );
  });

  it('permutes its answer with the rows of an image where losses differ', () => {
    const shuffled = fc
      .array(row, { maxLength: 80 })
      .chain((rows) =>
        fc.tuple(
          fc.constant(rows),
          fc.shuffledSubarray([...rows.keys()], { minLength: rows.length, maxLength: rows.length }),
        ),
      );
    const notRandom = fc.constantFrom<PresetId>(...PRESET_IDS.filter((id) => id !== 'random' && id !== 'bg-lo'));
    fc.assert(
      fc.property(notRandom, shuffled, options, (id, [rows, permutation], given) => {
        // Distinct class losses that dwarf the rest, so that no two rows tie by any loss that a preset ranks by.
        const distinct = rows.map((one, i) => ({
          ...one,
          cls: i + 0.5,
          loc: Number.isFinite(one.loc) ? i / 1000 : one.loc,
        }));
        const config = resolveConfig(id, { ...given, rankBy: 'total' });
        const before = selectHardExamples(makeRois(distinct), config);
        const after = selectHardExamples(makeRois(permutation.map((from) => distinct[from])), config);
        const ties = new Set(before.order.map((at) => before.rankLoss[at])).size < before.order.length;
        fc.pre(!ties);
        permutation.forEach((from, to) => {
          expect(after.status[to]).toBe(before.status[from]);
          expect(after.lossRank[to]).toBe(before.lossRank[from]);
          expect(after.suppressedBy[to]).toBe(
            before.suppressedBy[from] === -1 ? -1 : permutation.indexOf(before.suppressedBy[from]),
          );
        });
      }),
    );
  });

  it('without NMS and with one image, paper is top-b on masked losses', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 120 }), fc.nat({ max: 60 }), (rows, batchSize) => {
        const noIgnored = rows.map((one) => ({ ...one, label: Math.max(0, one.label) }));
        const masked = noIgnored.map((one) => ({ ...one, loc: one.label === 3 ? 0 : one.loc }));
        const paper = selectHardExamples(
          makeRois(noIgnored),
          resolveConfig('paper', { batchSize, imagesPerBatch: 1, nmsThreshold: 1 }),
        );
        expect(paper).toEqual(selectHardExamples(makeRois(masked), resolveConfig('top-b', { batchSize })));
      }),
    );
  });

  it('decides images alone as together, where its scope is the image', () => {
    const perImage = fc.constantFrom<PresetId>('paper', 'mmdet', 'tf-od', 'ssd', 'random', 'bg-lo', 'bootstrap', 'all');
    fc.assert(
      fc.property(perImage, table, options, (id, rows, given) => {
        const config = resolveConfig(id, given);
        const together = selectHardExamples(makeRois(rows), config).status;
        const alone = [0, 1, 2].flatMap((image) => [
          ...selectHardExamples(makeRois(rows.filter((one) => one.image === image)), config).status,
        ]);
        expect([...together]).toEqual(alone);
      }),
    );
  });
});

describe('selectHardestRows', () => {
  it('finds what the full answer selects, in loss order', () => {
    fc.assert(
      fc.property(preset, table, options, (id, rows, given) => {
        const rois = makeRois(rows);
        const config = resolveConfig(id, given);
        const { order, status } = selectHardExamples(rois, config);
        expect([...selectHardestRows(rois, config)]).toEqual([...order].filter((at) => status[at] === Status.selected));
      }),
      { numRuns: 300 },
    );
  });

  it('finds it on the grid too, where many are kept', () => {
    const crowd = fc.array(row, { minLength: 200, maxLength: 500, size: 'max' });
    fc.assert(
      fc.property(
        fc.constantFrom<PresetId>('paper', 'released-code', 'tf-od'),
        crowd,
        fc.integer({ min: 129, max: 400 }),
        (id, rows, budget) => {
          const rois = makeRois(rows);
          const config = resolveConfig(id, {
            batchSize: budget,
            imagesPerBatch: 1,
            numHardExamples: budget,
            nmsThreshold: 0.6,
          });
          const { order, status } = selectHardExamples(rois, config);
          expect([...selectHardestRows(rois, config)]).toEqual(
            [...order].filter((at) => status[at] === Status.selected),
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
