import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, decodeManifest } from '../../src/arrow/decode-run.js';
import type { RunImage } from '../../src/arrow/encode-run.js';
import { encodeImage, encodeIndex, encodeSchema } from '../../src/arrow/encode-run.js';
import { rowFormat } from '../../src/arrow/run-columns.js';
import { MiningError } from '../../src/core/mining-error.js';
import { createRun, openRun, resumeRun } from '../../src/run/file/run-store.js';
import { indexRows } from '../unit/arrow/index-rows.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';

const manifest = sampleManifest();
const format = rowFormat(manifest);
const schema = encodeSchema(manifest);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-fuzz-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Images with any text and any numbers in them. */
const anyImage: fc.Arbitrary<RunImage> = fc
  .tuple(fc.string({ unit: 'binary' }), fc.nat(40), fc.nat(5), fc.array(fc.float(), { minLength: 40, maxLength: 40 }))
  .map(([id, numRois, numGts, losses]) => {
    const image = sampleImage('x', numRois, numGts);
    image.rois.lossCls.set(losses.slice(0, numRois));
    return { ...image, summary: { ...image.summary, id, error: id } };
  });

/** Bytes with some of them changed, then cut. */
const damage = fc.record({
  flips: fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
    minLength: 1,
    maxLength: 8,
  }),
  keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
});

function damaged(bytes: Uint8Array, { flips, keep }: { flips: [number, number][]; keep: number }): Uint8Array {
  const broken = new Uint8Array(bytes);
  for (const [at, value] of flips) broken[Math.floor(at * broken.length)] = value;
  return broken.subarray(0, Math.floor(keep * broken.length));
}

function onlyMiningErrors(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(MiningError);
  }
}

describe('run file', () => {
  it('saves and loads any image as it was', () => {
    fc.assert(
      fc.property(anyImage, (image) => {
        const text = (value: string) => new TextDecoder().decode(new TextEncoder().encode(value));
        const summary = { ...image.summary, id: text(image.summary.id), error: text(image.summary.error) };
        expect(decodeImage(schema, encodeImage(image, manifest))).toEqual({ ...image, summary });
      }),
    );
  });

  it('with damaged messages gives a MiningError or a table that holds together', () => {
    const image = encodeImage(sampleImage('a.jpg', 9, 3), manifest);
    const index = encodeIndex([{ summary: sampleImage('a.jpg', 9, 3).summary, start: 1, end: 9 }], format);
    fc.assert(
      fc.property(damage, (how) => {
        onlyMiningErrors(() => {
          const { rois, gts } = decodeImage(schema, damaged(image, how));
          expect(rois.topScore).toHaveLength(rois.numRois * 5);
          expect(gts.x1).toHaveLength(gts.numGts);
        });
        onlyMiningErrors(() => indexRows(damaged(index, how), format));
        onlyMiningErrors(() => decodeManifest(damaged(schema, how)));
      }),
      { numRuns: 2000 },
    );
  });

  it('damaged anywhere opens with whole images or is refused in one line', async () => {
    const file = path.join(folder, 'whole.ohem');
    const bytes = await writeAll(
      file,
      ['a', 'b', 'c'].map((name) => sampleImage(name, 4, 1)),
    );
    const broken = path.join(folder, 'broken.ohem');
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        await writeFile(broken, damaged(bytes, how));
        try {
          const run = await openRun(broken);
          for (let i = 0; i < run.images.length; i++) await run.readImageBytes(i);
          await run.close();
        } catch (error) {
          expect(error).toBeInstanceOf(MiningError);
          expect((error as MiningError).message).toMatch(/^run-file: [^\n]*broken\.ohem\)$/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('cut at any byte behind its schema can be resumed and ends as the whole', async () => {
    const file = path.join(folder, 'cut.ohem');
    const images = ['a', 'b', 'c'].map((name) => sampleImage(name, 3, 1));
    const whole = await writeAll(file, images);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: schema.byteLength, max: whole.byteLength }), async (cut) => {
        await writeFile(file, whole.subarray(0, cut));
        const writer = await resumeRun(file, manifest);
        for (const image of images.slice(writer.entries.length)) await writer.append(image);
        await writer.finish();
        await writer.close();
        expect((await readFile(file)).equals(whole)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of other content is refused', async () => {
    const file = path.join(folder, 'other.ohem');
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await writeFile(file, bytes);
        await expect(openRun(file)).rejects.toThrow(MiningError);
      }),
      { numRuns: 100 },
    );
  });
});

async function writeAll(file: string, images: readonly RunImage[]): Promise<Buffer> {
  const writer = await createRun(file, manifest);
  for (const image of images) await writer.append(image);
  await writer.finish();
  await writer.close();
  return readFile(file);
}
