import { inWords } from '../../../../src/core/said.js';
import { describe, expect, it } from 'vitest';
import { MiningError } from '../../../../src/core/mining-error.js';
import { DEFAULT_CONFIG, OPTION_KEYS, OPTIONS, type MiningConfig } from '../../../../src/core/mining/mining-options.js';
import { PRESET_IDS, type PresetId } from '../../../../src/core/mining/samplers/index.js';
import {
  budgetOption,
  presetText,
  drawNote,
  remainderNote,
  resolveConfig,
  selectHardestRows,
  selectHardExamples,
} from '../../../../src/core/mining/select.js';
import { samplerOf, SAMPLERS } from '../../../../src/core/mining/samplers/index.js';
import { SHARED_OPTIONS } from '../../../../src/core/mining/shared-options.js';
import { makeRois, selectedOf, statusNames, type RoiRow } from '../make-rois.js';

describe('SAMPLERS', () => {
  it('finds each by its id', () => {
    for (const id of PRESET_IDS) expect(samplerOf(id).id).toBe(id);
  });

  it('declares each option once, and reads its own', () => {
    const own = SAMPLERS.flatMap(({ own = {} }) => Object.keys(own));
    expect(OPTION_KEYS).toHaveLength(Object.keys(SHARED_OPTIONS).length + new Set(own).size);
    expect(new Set(own).size).toBe(own.length);
    for (const { own = {}, options } of SAMPLERS) expect(options).toEqual(expect.arrayContaining(Object.keys(own)));
  });

  it('reads every option but sigma, which belongs to dumps', () => {
    const read = new Set(SAMPLERS.flatMap((sampler) => sampler.options));
    expect(OPTION_KEYS.filter((key) => !read.has(key))).toEqual(['sigma']);
  });

  it('changes defaults only of options that it reads, within their range', () => {
    for (const { id, defaults = {}, options } of SAMPLERS) {
      expect(options).toEqual(expect.arrayContaining(Object.keys(defaults)));
      expect(() => resolveConfig(id, defaults)).not.toThrow();
    }
  });
});

describe('resolveConfig', () => {
  it('takes defaults, then the preset’s own, then what is given', () => {
    expect(resolveConfig('paper')).toEqual(DEFAULT_CONFIG);
    expect(resolveConfig('bootstrap').negOverlap).toBe(0.3);
    expect(resolveConfig('bootstrap', { negOverlap: 0.2, seed: undefined })).toEqual({
      ...DEFAULT_CONFIG,
      preset: 'bootstrap',
      negOverlap: 0.2,
    });
  });

  it.each([
    [{ batchSize: -1 }, 'options: batch-size: expected an integer in [0, 1000000], received -1'],
    [{ batchSize: 1.5 }, 'options: batch-size: expected an integer in [0, 1000000], received 1.5'],
    [{ imagesPerBatch: 0 }, 'options: images-per-batch: expected an integer in [1, 4096], received 0'],
    [{ keepRate: 0 }, 'options: keep-rate: expected a number in (0, 1], received 0'],
    [{ keepRate: 1.01 }, 'options: keep-rate: expected a number in (0, 1], received 1.01'],
    [{ nmsThreshold: NaN }, 'options: nms-threshold: expected a number in [0, 1], received NaN'],
    [{ nmsThreshold: '0.5' }, 'options: nms-threshold: expected a number in [0, 1], received "0.5"'],
    [{ batchSize: null }, 'options: batch-size: expected an integer in [0, 1000000], received null'],
    [{ rankBy: 'loss' }, 'options: rank-by: expected one of total, class, box, received "loss"'],
  ])('refuses %j with the range', (given, message) => {
    expect(() => resolveConfig('paper', given)).toThrow(MiningError);
    expect(() => resolveConfig('paper', given)).toThrow(message);
  });

  it('refuses presets and options that do not exist', () => {
    expect(() => resolveConfig('ohem' as 'paper')).toThrow(/options: preset: expected one of paper, .*received "ohem"/);
    expect(() => resolveConfig('paper', { toString: 1 } as object)).toThrow(
      /options: "toString": expected one of batchSize/,
    );
  });

  it('accepts every option’s own default and bounds', () => {
    for (const key of OPTION_KEYS) {
      const spec = OPTIONS[key];
      const values =
        spec.kind === 'choice' ? spec.choices : [spec.default, spec.max, ...(spec.minExclusive ? [] : [spec.min])];
      for (const value of values) expect(resolveConfig('paper', { [key]: value })[key]).toBe(value);
    }
  });
});

describe('budgetOption and presetText', () => {
  it('takes the first option that is set', () => {
    expect(budgetOption(resolveConfig('paper'))).toBe('batchSize');
    expect(budgetOption(resolveConfig('paper', { keepRate: 0.5 }))).toBe('keepRate');
    expect(budgetOption(resolveConfig('top-rate', { keepRate: null }))).toBe('keepRate');
    expect(budgetOption(resolveConfig('tf-od'))).toBe('numHardExamples');
    expect(budgetOption(resolveConfig('all'))).toBeNull();
  });

  it('says the budget that decides', () => {
    expect(presetText(resolveConfig('paper'))).toBe('paper · B/N 128/2');
    expect(presetText(resolveConfig('top-rate', { keepRate: 0.2 }))).toBe('top-rate · keep rate 0.2');
    expect(presetText(resolveConfig('mmdet'))).toBe('mmdet · num 512');
    expect(presetText(resolveConfig('ssd'))).toBe('ssd');
  });
});

describe('remainderNote', () => {
  const noteOf = (config: MiningConfig) => inWords(remainderNote(config));

  it('says what floor(B / N) leaves', () => {
    expect(noteOf(resolveConfig('paper', { batchSize: 128, imagesPerBatch: 3 }))).toBe(
      'batch size 128 over 3 images is 42 RoIs an image; 2 of the batch stay unused',
    );
    expect(noteOf(resolveConfig('random', { batchSize: 1, imagesPerBatch: 2 }))).toContain('0 RoIs an image; 1');
  });

  it('is silent where B is a multiple of N, a rate decides, or the preset does not divide', () => {
    expect(noteOf(resolveConfig('paper'))).toBe('');
    expect(noteOf(resolveConfig('paper', { batchSize: 128, imagesPerBatch: 3, keepRate: 0.5 }))).toBe('');
    expect(noteOf(resolveConfig('top-b', { batchSize: 128, imagesPerBatch: 3 }))).toBe('');
  });
});

it('drawNote names presets that draw, of a run that may keep some of its RoIs', () => {
  const note = (preset: PresetId, own: PresetId, keepRois: { readonly keepRois?: number }) =>
    inWords(drawNote(resolveConfig(preset), { mining: resolveConfig(own), ...keepRois }));
  expect(note('random', 'paper', { keepRois: 1000 })).toMatch(/^random draws background from the sample/);
  expect(note('random', 'paper', {})).toBe('');
  expect(note('random', 'bg-lo', { keepRois: 1000 })).toBe('');
  expect(note('mmdet', 'paper', { keepRois: 1000 })).toBe('');
});

describe.each(PRESET_IDS)('%s at the edges', (preset) => {
  const config = resolveConfig(preset);
  const select = (rows: readonly RoiRow[], given = {}) =>
    selectHardExamples(makeRois(rows), resolveConfig(preset, given));
  /** The snippets let ignored rows take part. */
  const snippet = preset === 'top-b' || preset === 'top-rate';

  it('gives zero rows and zero means for zero RoIs', () => {
    const selection = select([]);
    expect([selection.status.length, selection.order.length, selection.keepNum]).toEqual([0, 0, 0]);
    expect([selection.clsLoss, selection.locLoss]).toEqual([0, 0]);
    expect([...selection.counts]).toEqual([0, 0, 0, 0, 0]);
    expect(selectHardestRows(makeRois([]), config).length).toBe(0);
  });

  it('selects nothing where everything is invalid', () => {
    const bad = [NaN, Infinity, -Infinity].flatMap((value) => [
      { cls: value },
      { cls: value, label: 0 },
      { cls: 0, loc: value, label: 1 },
    ]);
    const selection = select([...bad, { cls: 1e308, loc: 1e308, label: 0 }]);
    expect([...selection.counts]).toEqual([0, 0, 0, 0, 10]);
    expect([...selection.lossRank]).toEqual(new Array(10).fill(-1));
    expect([selection.keepNum, selection.clsLoss, selection.locLoss]).toEqual([0, 0, 0]);
  });

  it('ranks no ignored RoI, unless it is a snippet', () => {
    const selection = select([
      { cls: 5, label: -1 },
      { cls: NaN, loc: NaN, label: -1 },
    ]);
    const expected =
      preset === 'top-b' ? ['selected', 'invalid'] : snippet ? ['selected', 'below-budget'] : ['ignored', 'ignored'];
    expect(statusNames(selection)).toEqual(expected);
    expect(selection.order.length).toBe(preset === 'top-b' ? 1 : snippet ? 2 : 0);
  });

  it('never looks at the box loss of background, unless it is given as part of it', () => {
    const selection = select([{ cls: 1, loc: NaN }]);
    expect(statusNames(selection)).not.toEqual(preset === 'top-b' ? ['selected'] : ['invalid']);
  });

  it('has finite means of losses as large as doubles are', () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      cls: i % 2 ? 1.5e308 : 1e308,
      loc: 1e300,
      label: i % 3,
      score: 0.9,
    }));
    const selection = select([...rows, { cls: -1e308, score: 0.9, iou: 0.2 }]);
    expect(selection.keepNum).toBeGreaterThan(0);
    expect(Number.isFinite(selection.clsLoss) && Number.isFinite(selection.locLoss)).toBe(true);
    expect(selection.clsLoss).toBeGreaterThan(1e307);
  });

  it('counts every row once and ranks what is not ignored or invalid', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({
      image: i < 30 ? 0 : 1,
      cls: i % 7 === 0 ? NaN : (i * 13) % 11,
      loc: i % 5,
      label: (i % 5) - 1,
      iou: 0.2,
      score: (i % 10) / 10,
      box: [i % 4, 0, 10, 10] as const,
    }));
    const selection = select(rows, { batchSize: 10 });
    expect([...selection.counts].reduce((sum, count) => sum + count)).toBe(60);
    expect(selection.counts[0]).toBe(selection.keepNum);
    expect(selection.order.length).toBe(60 - selection.counts[3] - selection.counts[4]);
    selection.order.forEach((row, rank) => expect(selection.lossRank[row]).toBe(rank));
    expect(Array.from(selection.rankLoss, Number.isNaN)).toEqual(Array.from(selection.lossRank, (rank) => rank === -1));
    const rowsFirst = [...selectHardestRows(makeRois(rows), resolveConfig(preset, { batchSize: 10 }))];
    expect(rowsFirst).toEqual([...selection.order].filter((row) => selection.status[row] === 0));
  });
});

describe('selectHardExamples', () => {
  it.each(['paper', 'released-code', 'top-b', 'random', 'bg-lo'] as const)(
    'selects nothing of %s at batch size 0',
    (preset) => {
      const selection = selectHardExamples(
        makeRois([{ cls: 1 }, { cls: 2, label: 0 }]),
        resolveConfig(preset, { batchSize: 0 }),
      );
      expect([selection.keepNum, selection.clsLoss, selection.locLoss]).toEqual([0, 0, 0]);
      expect([...selection.lossRank]).toEqual([1, 0]);
    },
  );

  it.each(['paper', 'released-code', 'top-b'] as const)(
    'selects every RoI of %s where the budget is larger',
    (preset) => {
      const rows = Array.from({ length: 9 }, (_, i) => ({ cls: i }));
      expect(selectHardExamples(makeRois(rows), resolveConfig(preset, { batchSize: 1_000_000 })).keepNum).toBe(9);
    },
  );

  it.each(['paper', 'released-code', 'top-b'] as const)('cuts equal losses of %s at the lower rows', (preset) => {
    const rows = Array.from({ length: 9 }, (_, i) => ({ cls: i === 5 ? 2 : 1 }));
    const config = resolveConfig(preset, { batchSize: 4, imagesPerBatch: 1 });
    expect(selectedOf(selectHardExamples(makeRois(rows), config))).toEqual([0, 1, 2, 5]);
  });

  it('leaves the remainder of B / N unused', () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ image: Math.floor(i / 10), cls: i }));
    expect(
      selectHardExamples(makeRois(rows), resolveConfig('paper', { batchSize: 11, imagesPerBatch: 3 })).keepNum,
    ).toBe(9);
  });

  it('keeps degenerate and non-finite boxes: their IoU is 0', () => {
    const boxes = [
      [5, 5, 5, 9],
      [5, 5, 5, 9],
      [9, 9, 5, 5],
      [0, 0, NaN, 10],
      [0, 0, Infinity, 10],
      [-Infinity, 0, Infinity, 10],
      [0, 0, 1e200, 1e200],
      [0, 0, 10, 10],
    ] as const;
    const selection = selectHardExamples(
      makeRois(boxes.map((box, i) => ({ box, cls: 9 - i }))),
      resolveConfig('paper', { nmsThreshold: 0 }),
    );
    expect(statusNames(selection)).toEqual(new Array(8).fill('selected'));
  });

  it('refuses a table whose rows are not ordered by image', () => {
    const rows = [
      { image: 1, cls: 1 },
      { image: 0, cls: 1 },
    ];
    expect(() => selectHardExamples(makeRois(rows), resolveConfig('paper'))).toThrow(
      'mining: imageIndex[1]: expected images in ascending order, received 0 after 1',
    );
  });

  it('changes no column of the table', () => {
    const rois = makeRois([{ cls: 1, loc: 2 }, { cls: 3, label: -1 }, { cls: NaN }]);
    const before = structuredClone(rois);
    for (const preset of PRESET_IDS) selectHardExamples(rois, resolveConfig(preset));
    expect(rois).toEqual(before);
  });

  it('reads float32 and float64 tables alike', () => {
    const rows = Array.from({ length: 50 }, (_, i) => ({
      cls: ((i * 37) % 50) / 8,
      loc: i / 4,
      label: i % 4,
      box: [i, 0, i + 20, 9] as const,
    }));
    const selection = selectHardExamples(makeRois(rows, 'float32'), resolveConfig('paper', { batchSize: 20 }));
    expect(selection).toEqual(selectHardExamples(makeRois(rows, 'float64'), resolveConfig('paper', { batchSize: 20 })));
  });

  it('decides 200,000 RoIs', () => {
    const numRois = 200_000;
    const rows = Array.from({ length: numRois }, (_, i) => {
      const x = (i * 7919) % 1920;
      const y = (i * 104_729) % 1080;
      return { box: [x, y, x + 20 + (i % 50), y + 20 + (i % 30)] as const, cls: ((i * 15_485_863) % 1_000_003) / 1e5 };
    });
    const rois = makeRois(rows, 'float32');
    const config = resolveConfig('paper');
    const selection = selectHardExamples(rois, config);
    expect(selection.keepNum).toBe(64);
    expect(selection.order.length).toBe(numRois);
    expect(selection.counts[1]).toBeGreaterThan(10_000);
    expect([...selectHardestRows(rois, config)]).toEqual(
      [...selection.order].filter((row) => selection.status[row] === 0),
    );
  });
});
