import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OptionKey } from '../../../src/core/mining/mining-options.js';
import type { PresetId } from '../../../src/core/mining/samplers/index.js';
import { resolveConfig } from '../../../src/core/mining/select.js';
import { sampleDump } from '../../../src/run/dump/sample-dump.js';

type Roi = [
  image: number,
  row: number,
  cls: number,
  loc: number,
  loss: number | null,
  rank: number | undefined,
  status: string,
  suppressor: number | null,
];
interface Batch {
  images: string[];
  keep_num: number;
  cls_loss: number;
  loc_loss: number;
  rois: Roi[];
}
interface Case {
  name: string;
  runs: { preset: PresetId; options: Record<string, number>; batches: Batch[] }[];
}

const cases = JSON.parse(readFileSync(path.join(import.meta.dirname, 'answers.json'), 'utf8')) as Case[];
const camel = (flag: string) => flag.replace(/-./g, (match) => match[1].toUpperCase()) as OptionKey;

for (const { name, runs } of cases) {
  for (const form of ['jsonl', 'npz']) {
    describe(`${name}.${form}`, () => {
      for (const { preset, options, batches } of runs) {
        it(`is sampled as NumPy does: ${preset} ${JSON.stringify(options)}`, async () => {
          const config = resolveConfig(
            preset,
            Object.fromEntries(Object.entries(options).map(([flag, value]) => [camel(flag), value])),
          );
          const { text: json } = await sampleDump(path.join(import.meta.dirname, `${name}.${form}`), config);
          const answer = JSON.parse(json.join('')) as {
            preset: string;
            batches: (Omit<Batch, 'rois'> & { counts: Record<string, number>; rois: Record<string, unknown>[] })[];
          };
          expect(answer.batches).toHaveLength(batches.length);
          answer.batches.forEach((batch, b) => checkBatch(batch, batches[b]));
        });
      }
    });
  }
}

function checkBatch(
  batch: Omit<Batch, 'rois'> & { counts: Record<string, number>; rois: Record<string, unknown>[] },
  expected: Batch,
): void {
  expect(batch.images).toEqual(expected.images);
  expect(batch.keep_num).toBe(expected.keep_num);
  near(batch.cls_loss, expected.cls_loss);
  near(batch.loc_loss, expected.loc_loss);
  expect(batch.rois).toHaveLength(expected.rois.length);
  batch.rois.forEach((roi, i) => {
    const [image, row, cls, loc, loss, rank, status, suppressor] = expected.rois[i];
    expect(roi).toMatchObject({ image, row, rank: rank ?? null, status, suppressed_by: suppressor });
    near(roi['loss_cls'], cls);
    near(roi['loss_loc'], loc);
    near(roi['loss'], loss);
  });
  for (const [status, count] of Object.entries(batch.counts)) {
    expect(count).toBe(expected.rois.filter((roi) => roi[6] === status).length);
  }
}

function near(received: unknown, expected: number | null): void {
  if (expected === null) expect(received).toBeNull();
  else expect(Math.abs((received as number) - expected)).toBeLessThanOrEqual(1e-9);
}
