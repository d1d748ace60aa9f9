import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MiningError } from '../../src/core/mining-error.js';
import { readImage, withRun } from '../../src/run/file/read-run.js';
import { createRun, resumeRun } from '../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';

const manifest = sampleManifest();
const NUM_IMAGES = 4;
let folder: string;
let broken: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-damage-'));
  broken = path.join(folder, 'broken.ohem');
});
afterAll(() => rm(folder, { recursive: true }));

/** Everything that a reader is told; null: it is told of damage. */
async function contents(file: string) {
  try {
    return await withRun(file, async (run) => {
      const images = [];
      for (let i = 0; i < run.images.length; i++)
        images.push({ end: run.ranges.at(i)?.end ?? NaN, ...(await readImage(run, i)) });
      return { manifest: run.manifest, images };
    });
  } catch (error) {
    expect(error).toBeInstanceOf(MiningError);
    return null;
  }
}

for (const finish of [true, false]) {
  describe(`a ${finish ? 'finished' : 'killed'} run`, () => {
    let bytes: Buffer;
    let whole: Awaited<ReturnType<typeof contents>>;
    const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

    beforeAll(async () => {
      const file = path.join(folder, `${finish}.ohem`);
      const writer = await createRun(file, manifest);
      for (let i = 0; i < NUM_IMAGES; i++) await writer.append(sampleImage(`${i}.jpg`, 60, 2));
      if (finish) await writer.finish();
      await writer.close();
      bytes = await readFile(file);
      whole = await contents(file);
    });

    async function damaged(change: (copy: Buffer) => Buffer) {
      await writeFile(broken, change(Buffer.from(bytes)));
      return contents(broken);
    }

    it('with a changed bit is never read as another', async () => {
      const flip = fc.asyncProperty(at, fc.nat(7), async (where, bit) => {
        const found = await damaged((copy) => {
          copy[Math.floor(where * copy.length)] ^= 1 << bit;
          return copy;
        });
        if (found !== null) expect(found).toEqual(whole);
      });
      await fc.assert(flip, { numRuns: 150 });
    });

    it('with zeros in it is never read as another, and no resume cuts whole images off', async () => {
      const zero = fc.asyncProperty(at, async (where) => {
        const from = Math.floor(where * bytes.length);
        const found = await damaged((copy) => copy.fill(0, from, Math.min(copy.length, from + 3000)));
        if (found !== null) expect(found.images).toEqual(whole?.images.slice(0, found.images.length));
        const writer = await resumeRun(broken, manifest).catch(() => null);
        await writer?.close();
        // An image that ends before the zeros is whole.
        const before = whole?.images.filter(({ end }) => end <= from).length ?? 0;
        if (writer !== null) expect(writer.entries.length).toBeGreaterThanOrEqual(before);
      });
      await fc.assert(zero, { numRuns: 60 });
    });

    it('that was cut gives its first images, and their number', async () => {
      const cut = fc.asyncProperty(at, async (where) => {
        const found = await damaged((copy) => copy.subarray(0, Math.floor(where * copy.length)));
        if (found !== null) expect(found.images).toEqual(whole?.images.slice(0, found.images.length));
      });
      await fc.assert(cut, { numRuns: 60 });
    });
  });
}
