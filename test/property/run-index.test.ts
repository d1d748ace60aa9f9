import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { xxh32 } from '../../src/arrow/checksum.js';
import { encodeImage, encodeIndex, encodeSchema, type IndexEntry } from '../../src/arrow/encode-run.js';
import { IndexColumns } from '../../src/arrow/index-columns.js';
import { rowFormat, type ByteRange } from '../../src/arrow/run-columns.js';
import { EditedImages, ListedImages, type ImageList } from '../../src/core/facts/image-list.js';
import { BLANK_SUMMARY, type ImageSummary } from '../../src/core/facts/run-manifest.js';
import { MiningError } from '../../src/core/mining-error.js';
import { BLOCK_BYTES } from '../../src/run/file/index-source.js';
import { IndexedImages, IndexedRanges } from '../../src/run/file/indexed-images.js';
import { encodeEnding } from '../../src/run/file/run-index.js';
import { openRun } from '../../src/run/file/run-store.js';
import { indexRows } from '../unit/arrow/index-rows.js';
import { writeLargeRun } from '../unit/run/large-run.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';

const schema = encodeSchema(sampleManifest());
const format = rowFormat(sampleManifest());
const NUMBERS = ['lossSum', 'numRois', 'numInvalid', 'width', 'mistakenness'] as const;
const TEXTS = ['id', 'path', 'annotationPath', 'error'] as const;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-index-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** As it is after a file: no half characters, no mark of the byte order. */
const text = fc.string({ unit: 'grapheme', maxLength: 12 }).map((any) => any.replace(/^\uFEFF+/, ''));
const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const summary: fc.Arbitrary<ImageSummary> = fc
  .record({ id: text, path: text, annotationPath: text, error: text, lossSum: fc.double(), width: int, numRois: int })
  .map((some) => ({ ...BLANK_SUMMARY, ...some }));

function entriesOf(summaries: readonly ImageSummary[]): IndexEntry[] {
  return summaries.map((each, i) => ({ start: i * 3e9, end: (i + 1) * 3e9, summary: each }));
}

function expectAlike(found: ImageList, expected: readonly ImageSummary[]): void {
  expect([...found]).toEqual(expected);
  expect(found.map((image) => image)).toEqual(expected);
  expect(found.slice(1, 3)).toEqual(expected.slice(1, 3));
  expect([found.at(-1), found.at(expected.length), found.last]).toEqual([undefined, undefined, expected.at(-1)]);
  for (const key of NUMBERS) expect([...found.column(key)]).toEqual(expected.map((image) => image[key]));
  for (const key of TEXTS) {
    const texts = expected.map((image) => image[key]);
    expect([...found.texts(key)]).toEqual(texts);
    expect([...found.given(key)]).toEqual(texts.map((each) => (each === '' ? 0 : 1)));
    for (const each of [...texts.slice(0, 3), 'none of them']) {
      expect(found.indexOf(key, each)).toBe(texts.indexOf(each));
      const end = each.slice(-1);
      // The half of a character is none at the end of another.
      if (!/[\uD800-\uDFFF]/.test(end))
        expect(found.indexOf(key, end, 'end')).toBe(texts.findIndex((t) => t.endsWith(end)));
    }
  }
}

describe('the images of a run', () => {
  it('are the same by columns, as objects, and with some in the place of others', () => {
    fc.assert(
      fc.property(fc.array(summary, { maxLength: 30 }), fc.array(summary, { maxLength: 5 }), (images, added) => {
        const index = encodeIndex(entriesOf(images), format);
        expect(indexRows(index, format)).toEqual(entriesOf(images));
        const columns = IndexColumns.open((start, end) => index.slice(start, end), index.byteLength, format);
        const found = new IndexedImages(columns);
        expectAlike(found, images);
        expectAlike(new ListedImages(images), images);
        const edited = new EditedImages(found);
        const expected = [...images, ...added];
        added.forEach((image, i) => edited.set(images.length + i, image));
        expectAlike(edited, expected);
        if (images.length > 0) edited.set(0, (expected[0] = { ...BLANK_SUMMARY, error: 'damaged' }));
        expectAlike(edited, expected);
      }),
      { numRuns: 60 },
    );
  });
});

describe('where the images of a run lie', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 });
  const rangesOf = (columns: IndexColumns, end: number, isShared: boolean) =>
    new IndexedRanges(columns, 100, end, { path: 'it.ohem', isShared });
  const columnsOf = (ranges: readonly ByteRange[]) => {
    const index = encodeIndex(
      ranges.map((range) => ({ ...range, summary: { ...BLANK_SUMMARY, id: 'a' } })),
      format,
    );
    return IndexColumns.open((from, to) => index.slice(from, to), index.byteLength, format);
  };

  it('are record batches without a gap, of which only examples share one', () => {
    fc.assert(
      fc.property(sizes, fc.nat(60), fc.nat(60), (batches, from, to) => {
        const ranges = batches.flatMap((size, i) =>
          Array.from({ length: size }, () => ({ start: 100 + 50 * i, end: 150 + 50 * i })),
        );
        const end = 100 + 50 * batches.length;
        const columns = columnsOf(ranges);
        const found = rangesOf(columns, end, true);
        expect(found.isAtEnds).toBe(true);
        expect(found.slice(from, to)).toEqual(ranges.slice(from, to));
        if (ranges.length > batches.length)
          expect(() => [...rangesOf(columns, end, false)]).toThrow(/index: image \d+/);
      }),
      { numRuns: 60 },
    );
  });

  it('with any one of them changed are not believed', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.boolean(), fc.constantFrom(-50, -1, 1, 50), (batches, at, isStart, change) => {
        const ranges = batches.flatMap((size, i) =>
          Array.from({ length: size }, () => ({ start: 100 + 50 * i, end: 150 + 50 * i })),
        );
        const index = at % ranges.length;
        const range = ranges[index];
        ranges[index] = isStart ? { ...range, start: range.start + change } : { ...range, end: range.end + change };
        const found = rangesOf(columnsOf(ranges), 100 + 50 * batches.length, true);
        expect(() => {
          if (!found.isAtEnds) throw new MiningError('run-file', 'ends', '', '');
          // As it is used: one at a time.
          for (let i = 0; i < found.length; i++) found.at(i);
        }).toThrow(MiningError);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a large index', () => {
  const numImages = 1200;
  let file: string;
  let bytes: Buffer;
  let expected: ImageSummary[];
  let at: number;
  let length: number;

  beforeAll(async () => {
    file = path.join(folder, 'large.ohem');
    expected = await writeLargeRun(file, numImages);
    bytes = await readFile(file);
    const trailer = bytes.subarray(-32);
    [at, length] = [Number(trailer.readBigUInt64LE(0)), Number(trailer.readBigUInt64LE(8))];
    expect(length).toBeGreaterThan(4 << 20);
  });

  it('tells what it was made of, opened either way', async () => {
    for (const isChecked of [true, false]) {
      const run = await openRun(file, { isChecked });
      expect({ isLazy: run.isLazy, complete: run.complete, isEndWhole: run.isEndWhole }).toEqual({
        isLazy: true,
        complete: true,
        isEndWhole: true,
      });
      expectAlike(run.images, expected);
      expect(run.ranges.at(1199)?.end).toBe(at - 8);
      await run.close();
      expect(() => run.images.at(0)).toThrow(/is closed/);
    }
  });

  it('with the one checksum of before opens as it did', async () => {
    const old = path.join(folder, 'old.ohem');
    const index = Buffer.from(bytes.subarray(at, at + length));
    const trailer = Buffer.alloc(32);
    trailer.writeBigUInt64LE(BigInt(at), 0);
    trailer.writeBigUInt64LE(BigInt(length), 8);
    const ending = Buffer.concat([index, trailer.subarray(0, 16)]);
    trailer.writeUInt32LE(xxh32(new Uint8Array(ending)), 16);
    trailer.write('OHEMIDX2', 24, 'latin1');
    await writeFile(old, Buffer.concat([bytes.subarray(0, at), index, trailer]));
    const run = await openRun(old, { isChecked: false });
    expect([run.isLazy, run.complete, run.isEndWhole]).toEqual([true, true, true]);
    expect(run.images.slice(5, 8)).toEqual(expected.slice(5, 8));
    await run.close();
    index[300_000] ^= 1;
    await writeFile(old, Buffer.concat([bytes.subarray(0, at), index, trailer]));
    const damaged = await openRun(old, { isChecked: false });
    expect([damaged.isLazy, damaged.complete, damaged.isEndWhole]).toEqual([false, true, false]);
    await damaged.close();
  });

  it('with a changed bit says so where that block is read, or is scanned, and never tells another', async () => {
    const broken = path.join(folder, 'broken.ohem');
    const numBlocks = Math.ceil(length / BLOCK_BYTES);
    const where = fc.tuple(fc.nat(numBlocks - 1), fc.nat(BLOCK_BYTES - 1), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(where, async ([block, byte, bit]) => {
        const copy = Buffer.from(bytes);
        copy[at + Math.min(length - 1, block * BLOCK_BYTES + byte)] ^= 1 << bit;
        await writeFile(broken, copy);
        const run = await openRun(broken, { isChecked: false });
        let numTold = 0;
        for (const look of [
          () => [...run.images],
          () => TEXTS.map((key) => [...run.images.texts(key)]),
          () => [...run.ranges],
        ])
          try {
            const found = look();
            if (run.isLazy && found.length === numImages && 'id' in (found[0] as object))
              expect(found).toEqual(expected);
          } catch (error) {
            expect(error).toBeInstanceOf(MiningError);
            expect((error as MiningError).message).toMatch(
              /^run-file: byte \d+: .* damage .*broken\.ohem.*ohem salvage/,
            );
            numTold++;
          }
        // Behind the last column and between two of them are bytes of which nothing depends.
        if (!run.isLazy) expect(run.isEndWhole).toBe(false);
        else expect(numTold).toBeLessThanOrEqual(3);
        await run.close();
      }),
      { numRuns: 25 },
    );
  });

  it('is scanned by whoever reads all of the run, where a bit of it has changed', async () => {
    const broken = path.join(folder, 'checked.ohem');
    const copy = Buffer.from(bytes);
    copy[at + length - 9000] ^= 1;
    await writeFile(broken, copy);
    const run = await openRun(broken);
    expect([run.isLazy, run.images.length > 0, run.isEndWhole]).toEqual([false, true, false]);
    await run.close();
  });

  it('whose checksums have changed, or that was cut, is scanned', async () => {
    const broken = path.join(folder, 'sums.ohem');
    const copy = Buffer.from(bytes);
    copy[at + length + 17] ^= 1;
    await writeFile(broken, copy);
    const run = await openRun(broken, { isChecked: false });
    expect([run.isLazy, run.complete, run.isEndWhole]).toEqual([false, true, false]);
    await run.close();
    await writeFile(broken, bytes);
    await truncate(broken, at + 5000);
    const cut = await openRun(broken, { isChecked: false });
    expect([cut.isLazy, cut.complete, cut.isEndWhole]).toEqual([false, true, false]);
    await cut.close();
  });

  it('that describes another file is not believed', async () => {
    const gap = path.join(folder, 'gap.ohem');
    const image = encodeImage(sampleImage('0.jpg', 1, 0), sampleManifest());
    const start = (i: number) => schema.byteLength + i * image.byteLength + (i > 500 ? 8 : 0);
    const entries = expected.map((each, i) => ({
      start: start(i),
      end: i === numImages - 1 ? at - 8 : start(i) + image.byteLength,
      summary: each,
    }));
    await writeFile(
      gap,
      Buffer.concat([bytes.subarray(0, at - 8), encodeEnding(encodeIndex(entries, format), at - 8)]),
    );
    const run = await openRun(gap, { isChecked: false });
    expect(run.ranges.at(400)).toEqual({ start: start(400), end: start(401) });
    await expect(run.readImageBytes(501)).rejects.toThrow(
      /index: image 501: expected bytes from \d+ on, .*ohem salvage/,
    );
    await run.close();
    const checked = await openRun(gap);
    expect([checked.isLazy, checked.images.length]).toEqual([false, numImages]);
    await checked.close();
  });
});
