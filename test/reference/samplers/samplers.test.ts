import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { OptionKey } from '../../../src/core/mining/mining-options.js';
import type { PresetId } from '../../../src/core/mining/samplers/index.js';
import { resolveConfig, selectHardestRows, selectHardExamples } from '../../../src/core/mining/select.js';
import { Status, type RoiTable } from '../../../src/core/tables.js';
import { makeRois } from '../../unit/core/make-rois.js';

interface Expected {
  readonly status: readonly number[];
  readonly lossRank: readonly number[];
  readonly suppressedBy: readonly number[];
  readonly keepNum: number;
  readonly clsLoss: number;
  readonly locLoss: number;
  /** Random presets: foreground and background of each image. */
  readonly quotas?: readonly (readonly [number, number])[];
}
interface Case {
  readonly table: string;
  readonly preset: PresetId;
  readonly options: Partial<Record<OptionKey, unknown>>;
  readonly expected: Expected;
}
type Columns = Readonly<Record<string, readonly (number | string)[]>>;

const { tables, cases } = JSON.parse(readFileSync(new URL('./samplers.json', import.meta.url), 'utf8')) as {
  readonly tables: Readonly<Record<string, Columns>>;
  readonly cases: readonly Case[];
};

/** JSON lacks NaN and infinities: Python's words stand for them. */
const real = (value: number | string) =>
  value === 'nan' ? NaN : value === 'inf' ? Infinity : value === '-inf' ? -Infinity : Number(value);

function roisOf(columns: Columns): RoiTable {
  const at = (key: string, i: number) => real(columns[key][i]);
  return makeRois(
    columns['lossCls'].map((_, i) => ({
      image: at('imageIndex', i),
      box: [at('x1', i), at('y1', i), at('x2', i), at('y2', i)],
      pred: [at('predX1', i), at('predY1', i), at('predX2', i), at('predY2', i)],
      label: at('gtClass', i),
      cls: at('lossCls', i),
      loc: at('lossLoc', i),
      iou: at('iou', i),
      score: at('score', i),
    })),
  );
}

describe.each(Object.keys(tables))('%s', (table) => {
  const ofTable = cases.filter((one) => one.table === table);
  it.each(ofTable.map((one) => [one.preset, JSON.stringify(one.options), one] as const))('%s %s', (preset, _, one) => {
    const rois = roisOf(tables[table]);
    const config = resolveConfig(preset, one.options);
    const selection = selectHardExamples(rois, config);
    expect([...selection.lossRank]).toEqual(one.expected.lossRank);
    if (one.expected.quotas) {
      expect(quotasOf(rois, selection.status)).toEqual(one.expected.quotas);
      return;
    }
    expect([...selection.status]).toEqual(one.expected.status);
    expect([...selection.suppressedBy]).toEqual(one.expected.suppressedBy);
    expect(selection.keepNum).toBe(one.expected.keepNum);
    expectClose(selection.clsLoss, one.expected.clsLoss);
    expectClose(selection.locLoss, one.expected.locLoss);
    const selected = one.expected.status.flatMap((status, row) => (status === Status.selected ? [row] : []));
    expect([...selectHardestRows(rois, config)].sort((a, b) => a - b)).toEqual(selected);
  });
});

function quotasOf(rois: RoiTable, status: Uint8Array): number[][] {
  const images = [...new Set(rois.imageIndex)];
  const count = (image: number, foreground: boolean) =>
    status.filter(
      (s, i) =>
        s === Status.selected && rois.imageIndex[i] === image && rois.gtClass[i] < rois.numClasses === foreground,
    ).length;
  return images.map((image) => [count(image, true), count(image, false)]);
}

/** To 1e-12 of the number's size: the sums run in another order. */
function expectClose(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
}
