import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import type { RunManifest } from '../../../../src/core/facts/run-manifest.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { allocateGtTable } from '../../../../src/core/tables.js';
import { compareBefore, fatesOnImage } from '../../../../src/run/query/compare-before.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { sampleManifest, sampleSummary } from '../../arrow/run-sample.js';
import { makeRois, type RoiRow } from '../../core/make-rois.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ohem-before-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One object; each row's loss decides who is hard: one RoI an image. */
function image(id: string, rows: readonly (RoiRow & { gt?: number; predicted?: number })[], error = ''): RunImage {
  const rois = { ...makeRois(rows, 'float32') };
  rows.forEach(({ gt = -1, predicted = 0 }, row) => {
    rois.gtIndex[row] = gt;
    rois.predClass[row] = predicted;
  });
  const gts = allocateGtTable(1);
  gts.gtClass[0] = 1;
  return { summary: { ...sampleSummary(id, rows.length, 1), error }, rois, gts };
}

const mining = resolveConfig('paper', { batchSize: 1, imagesPerBatch: 1 });
async function write(name: string, images: readonly RunImage[], changes: Partial<RunManifest> = {}): Promise<string> {
  const path = join(folder, `${name}.ohem`);
  const writer = await createRun(path, sampleManifest({ mining, ...changes }));
  for (const one of images) await writer.append(one);
  await writer.finish();
  await writer.close();
  return path;
}

const object = {
  box: [0, 0, 10, 10],
  label: 1,
  gt: 0,
  top: [
    [1, 0.9],
    [3, 0.1],
  ],
  predicted: 1,
} as const;
const wrong = {
  ...object,
  top: [
    [3, 0.9],
    [1, 0.1],
  ],
  predicted: 0,
} as const;

describe('compareBefore', () => {
  it('sums fates, losses of both sides, and objects', async () => {
    const before = await write('before', [
      image('a', [
        { ...wrong, cls: 4, loc: 1 },
        { box: [50, 0, 60, 10], cls: 1 },
      ]),
      image('b', [{ box: [50, 0, 60, 10], cls: 2 }]),
      image('c', [], 'gone'),
    ]);
    const after = await write('after', [
      image('a', [
        { ...object, cls: 0.5, loc: 0.25 },
        { box: [51, 0, 61, 10], cls: 3 },
      ]),
      image('b', [{ box: [50, 0, 60, 10], cls: 1 }]),
      image('c', []),
    ]);
    const { total, images } = await compareBefore(before, after);
    expect(
      images.map(({ imageIndex, id, numEasy, numStayed, numNew }) => [imageIndex, id, numEasy, numStayed, numNew]),
    ).toEqual([
      [0, 'a', 1, 0, 1],
      [1, 'b', 0, 1, 0],
    ]);
    expect(total).toMatchObject({
      numEasy: 1,
      numStayed: 1,
      numNew: 1,
      numObjects: 2,
      numKnownBefore: 0,
      numKnownAfter: 1,
      numKnownBoth: 0,
    });
    expect(total.lossBefore).toEqual({ easy: 5, stayed: 2, new: 1 });
    expect(total.lossAfter).toEqual({ easy: 0.75, stayed: 1, new: 3 });
  });

  it('says where a run keeps the hardest RoIs only', async () => {
    const whole = await write('whole', [image('a', [{ ...wrong, cls: 4 }])]);
    const kept = await write('kept', [image('a', [{ ...wrong, cls: 4 }])], { ohemRun: 2, keepRois: 10 });
    expect((await compareBefore(whole, whole)).isKept).toBe(false);
    expect((await compareBefore(whole, kept)).isKept).toBe(true);
  });

  it('compares as far as the run after goes', async () => {
    const before = await write('long', [image('a', [{ ...wrong, cls: 4 }]), image('b', [])]);
    const after = await write('short', [image('a', [{ ...wrong, cls: 3 }])]);
    expect((await compareBefore(before, after)).images.map(({ id }) => id)).toEqual(['a']);
  });

  it('tells one image example by example, each fate hardest first', async () => {
    const before = await write('one', [
      image('a', [
        { ...wrong, cls: 4, loc: 1 },
        { box: [50, 0, 60, 10], cls: 1 },
      ]),
    ]);
    const after = await write('other', [
      image('a', [
        { ...object, cls: 0.5 },
        { box: [80, 0, 90, 10], cls: 3 },
      ]),
    ]);
    expect(await fatesOnImage(before, after, 0)).toEqual({
      imageIndex: 0,
      fate: [0, 2],
      x1: [0, 80],
      y1: [0, 0],
      x2: [10, 90],
      y2: [10, 10],
      gtClass: [1, 3],
      lossBefore: [5, null],
      lossAfter: [0.5, 3],
    });
    await expect(fatesOnImage(before, after, 1)).rejects.toThrow('image 1 of 1');
  });

  it('refuses other data, other classes, other images', async () => {
    const before = await write('mine', [image('a', [])]);
    const { dataset } = sampleManifest();
    await expect(
      compareBefore(before, await write('data', [image('a', [])], { dataset: { ...dataset, sha256: 'ef' } })),
    ).rejects.toThrow('run-file: compare with before: data set (sha256): expected "cd", received "ef"');
    await expect(compareBefore(before, await write('classes', [image('a', [])], { classes: ['cat'] }))).rejects.toThrow(
      'compare with before: classes',
    );
    await expect(compareBefore(before, await write('images', [image('z', [])]))).rejects.toThrow(
      'run-file: image 0: expected "a", received "z"',
    );
  });
});
