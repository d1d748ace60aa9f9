import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { createRun, openRun } from '../../../../src/run/file/run-store.js';
import { checkRun, salvageRun } from '../../../../src/run/query/check-run.js';
import { compareRun } from '../../../../src/run/query/compare-run.js';
import { summarise } from '../../../../src/run/query/summarise-run.js';
import { withRun } from '../../../../src/run/file/read-run.js';
import { rangeOf } from '../range-of.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

const imagesPerBatch = 2;
const manifest = sampleManifest({ mining: resolveConfig('top-b', { imagesPerBatch, batchSize: 4 }) });
const NAMES = ['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg', 'e.jpg'];
let folder: string;
let file: string;

/** A run whose image 2 has a changed bit among its RoIs. */
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-check-'));
  file = path.join(folder, 'it.ohem');
  const writer = await createRun(file, manifest);
  for (const name of NAMES) await writer.append(sampleImage(name, 9, 1));
  await writer.finish();
  await writer.close();
  const bytes = await readFile(file);
  bytes[writer.entries[2].end - 200] ^= 16;
  await writeFile(file, bytes);
});
afterEach(() => rm(folder, { recursive: true }));

describe('checkRun', () => {
  it('names what is damaged', async () => {
    expect(await checkRun(file)).toMatchObject({
      numImages: 5,
      complete: true,
      isEndDamaged: false,
      sealed: true,
      damaged: [{ imageIndex: 2, id: 'c.jpg', reason: expect.stringMatching(/bytes that have changed/) }],
    });
  });

  it('names images of which nothing is left', async () => {
    const bytes = await readFile(file);
    const run = await openRun(file);
    await run.close();
    bytes.fill(0, rangeOf(run, 1).start, rangeOf(run, 2).end - 500);
    await writeFile(file, bytes.subarray(0, bytes.length - 1));
    const { damaged, complete, numImages } = await checkRun(file);
    expect({ complete, numImages, places: damaged.map(({ imageIndex }) => imageIndex) }).toEqual({
      complete: true,
      numImages: 5,
      places: [1, 2],
    });
  });
});

describe('behind the last image', () => {
  it.each([
    ['its end marker', (bytes: Buffer, end: number) => (bytes[end + 5] ^= 1)],
    ['the index', (bytes: Buffer, end: number) => (bytes[end + 300] ^= 1)],
    ['the trailer', (bytes: Buffer) => (bytes[bytes.length - 10] ^= 1)],
  ])('%s is damaged: that is told, and every image is read', async (_, change) => {
    const run = await openRun(file);
    await run.close();
    const bytes = await readFile(file);
    change(bytes, rangeOf(run, 4).end);
    await writeFile(file, bytes);
    const { isEndDamaged, complete, numImages, damaged } = await checkRun(file);
    expect({ isEndDamaged, complete, numImages }).toEqual({ isEndDamaged: true, complete: true, numImages: 5 });
    expect(damaged).toHaveLength(1);
  });
});

describe('salvageRun', () => {
  it('keeps the minibatches that are whole, and the damaged run', async () => {
    const before = await readFile(file);
    const outPath = path.join(folder, 'kept.ohem');
    expect(await salvageRun(file, { outPath, force: false })).toEqual({ numKept: 3, numLost: 2 });
    const kept = await openRun(outPath);
    await kept.close();
    expect(kept.images.map(({ id }) => id)).toEqual(['a.jpg', 'b.jpg', 'e.jpg']);
    expect(kept.manifest.notes.at(-1)).toBe(`salvaged from ${file}`);
    expect((await checkRun(outPath)).damaged).toEqual([]);
    expect((await readFile(file)).equals(before)).toBe(true);
    await expect(salvageRun(file, { outPath: file, force: true })).rejects.toThrow(/that is no input/);
  });
});

describe('a damaged image', () => {
  it('costs its minibatch only, and says so', async () => {
    const images = await withRun(file, (run) => summarise(run, manifest.mining));
    expect(images.map(({ id, numRois, error }) => [id, numRois, error === ''])).toEqual([
      ['a.jpg', 9, true],
      ['b.jpg', 9, true],
      ['c.jpg', 0, false],
      ['d.jpg', 0, false],
      ['e.jpg', 9, true],
    ]);
    expect(images[3].error).toBe('image c.jpg of the same minibatch is damaged');
  });

  it('is left out of a comparison whose minibatches differ', async () => {
    const { images } = await compareRun(file, resolveConfig('paper'), manifest.mining);
    expect(images.map(({ id }) => id)).toEqual(['a.jpg', 'b.jpg', 'e.jpg']);
  });
});
