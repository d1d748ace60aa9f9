/** Runs of examples: many to a record batch (docs/adr/0028). */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeImage, decodeManifest } from '../../src/arrow/decode-run.js';
import { encodeExamples, encodeIndex, encodeSchema, type RunImage } from '../../src/arrow/encode-run.js';
import { rowFormat } from '../../src/arrow/run-columns.js';
import { MiningError } from '../../src/core/mining-error.js';
import { RunAppender } from '../../src/run/file/run-appender.js';
import { RunOutput } from '../../src/run/file/run-output.js';
import { createRun, openRun, resumeRun, type RunWriter } from '../../src/run/file/run-store.js';
import { EXAMPLES_TOGETHER } from '../../src/run/file/run-writer.js';
import { withRun } from '../../src/run/file/read-run.js';
import { checkRun, salvageRun } from '../../src/run/query/check-run.js';
import { itWith, askPython } from '../python.js';
import { rangeOf } from '../unit/run/range-of.js';
import { readAll } from '../unit/run/read-all.js';
import { exampleManifest, sampleExample, sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';

const manifest = exampleManifest();
const schema = encodeSchema(manifest);
/** Images of each record batch. */
const SIZES = [8, 4, 1];
const images = Array.from({ length: 13 }, (_, i) => sampleExample(i));
let folder: string;
let file: string;
let whole: Buffer;

const imagesOf = async (run: string) => (await readAll(run)).images;
const at = (name: string) => path.join(folder, `${name}.ohem`);

async function write(to: string, some: readonly RunImage[], sizes: readonly number[]): Promise<void> {
  const writer = await createRun(to, manifest);
  for (let first = 0, i = 0; first < some.length; first += sizes[i++])
    await appendTogether(writer, some.slice(first, first + sizes[i]));
  await writer.finish();
  await writer.close();
}

async function appendTogether(writer: RunWriter, some: readonly RunImage[]): Promise<void> {
  for (const image of some) writer.take(image);
  await writer.write();
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-examples-'));
  file = at('whole');
  await write(file, images, SIZES);
  whole = await readFile(file);
});
afterAll(() => rm(folder, { recursive: true }));

describe('a record batch of examples', () => {
  it('gives each of them back, failed ones too, in both precisions', () => {
    const some = fc.array(fc.nat(200), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(some, fc.constantFrom('float32' as const, 'float64' as const), (numbers, precision) => {
        const own = exampleManifest({ precision });
        const examples = numbers.map((i) => sampleExample(i, precision));
        const bytes = encodeExamples(examples, own, 5);
        const ownSchema = encodeSchema(own);
        for (const [row, example] of examples.entries()) expect(decodeImage(ownSchema, bytes, row)).toEqual(example);
        expect(() => decodeImage(ownSchema, bytes, examples.length)).toThrow(MiningError);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses what it could not give back', () => {
    const wrong = sampleExample(1);
    wrong.rois.predX1[0] = 3;
    for (const image of [wrong, sampleImage('a.jpg', 2, 1), sampleImage('b.jpg', 1, 1)])
      expect(() => encodeExamples([sampleExample(0), image], manifest, 0)).toThrow(/is no example/);
  });

  it('is refused in a run of detections, and without its checksum', () => {
    const patched = (from: string, to: string) =>
      new Uint8Array(Buffer.from(Buffer.from(schema).toString('latin1').replace(from, to), 'latin1'));
    expect(() => decodeManifest(patched('"task":"classification"', '"task":"detection"     '))).toThrow(
      /manifest\.task: expected classification/,
    );
    expect(() => decodeManifest(patched('ohem_xxh32', 'ohem_xxh33'))).toThrow(MiningError);
  });

  it('takes less than 200 bytes of an example with its line of the index, beside names and top scores', () => {
    const many = Array.from({ length: EXAMPLES_TOGETHER }, (_, i) => sampleExample(i));
    const names = many.reduce((sum, { summary: s }) => sum + `${s.id}${s.path}${s.annotationPath}${s.error}`.length, 0);
    const tops = many.reduce((sum, { rois }) => sum + rois.numRois * 30, 0);
    const entries = many.map(({ summary }) => ({ start: 0, end: 1, summary }));
    const [batch, index] = [encodeExamples(many, manifest, 0), encodeIndex(entries, rowFormat(manifest))];
    const headOfIndex = encodeIndex([], rowFormat(manifest)).byteLength;
    const each = (batch.byteLength + index.byteLength - headOfIndex - 2 * names - tops) / many.length;
    expect(each).toBeLessThan(200);
  });

  it('with damage gives a MiningError or tables that hold together', () => {
    const bytes = encodeExamples(images, manifest, 0);
    const flips = fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(flips, fc.nat(bytes.byteLength), (changes, keep) => {
        const broken = new Uint8Array(bytes);
        for (const [place, value] of changes) broken[place] = value;
        const cut = keep % 2 === 0 ? broken : broken.subarray(0, keep);
        try {
          expect(decodeImage(schema, cut, 3).rois.topScore).toHaveLength(5);
        } catch (error) {
          expect(error).toBeInstanceOf(MiningError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a run of examples', () => {
  it('opens finished, and cut behind its last record batch, with every image', async () => {
    const { end } = await withRun(file, (run) => Promise.resolve(rangeOf(run, 12)));
    await writeFile(at('growing'), whole.subarray(0, end));
    for (const [name, complete] of [
      ['whole', true],
      ['growing', false],
    ] as const) {
      const run = await openRun(at(name));
      expect(run.complete).toBe(complete);
      expect(run.images.map(({ id }) => id)).toEqual(images.map(({ summary }) => summary.id));
      expect([0, 7, 8, 11, 12].map((i) => run.rowOf(i))).toEqual([0, 7, 0, 3, 0]);
      await run.close();
      expect(await imagesOf(at(name))).toEqual(images);
    }
  });

  it('cut at any byte behind its schema keeps whole record batches, and resumed ends as the whole', async () => {
    const starts = await withRun(file, (run) => Promise.resolve(run.ranges.map(({ end }) => end)));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: schema.byteLength, max: whole.byteLength }), async (cut) => {
        await writeFile(at('cut'), whole.subarray(0, cut));
        const writer = await resumeRun(at('cut'), manifest, 4);
        const numKept = writer.entries.length;
        // The last one is of a minibatch that is not whole.
        expect(numKept).toBe(Math.min(12, starts.filter((end) => end <= cut).length));
        for (let i = numKept === 0 ? 0 : numKept === 8 ? 1 : 2, first = numKept; first < 13; first += SIZES[i++])
          await appendTogether(writer, images.slice(first, first + SIZES[i]));
        await writer.finish();
        await writer.close();
        expect((await readFile(at('cut'))).equals(whole)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('where one record batch is damaged names its images; the others are kept by salvage', async () => {
    const ranges = await withRun(file, (run) => Promise.resolve(run.ranges.slice()));
    const broken = Buffer.from(whole);
    broken[ranges[8].end - 120] ^= 1;
    await writeFile(at('broken'), broken);
    const ids = ['8.png', '9.png', '10.png', '11.png'];
    expect((await checkRun(at('broken'))).damaged.map(({ id }) => id)).toEqual(ids);
    // Without an index the summaries are whole still.
    await writeFile(at('broken-growing'), broken.subarray(0, ranges[12].end));
    expect((await checkRun(at('broken-growing'))).damaged.map(({ id }) => id)).toEqual(ids);
    await rm(at('salvaged'), { force: true });
    const kept = await salvageRun(at('broken'), { outPath: at('salvaged'), force: false });
    expect(kept).toEqual({ numKept: 9, numLost: 4 });
    expect((await imagesOf(at('salvaged'))).map(({ rois }) => rois)).toEqual(
      images.filter((_, i) => i < 8 || i === 12).map(({ rois }) => rois),
    );
    await expect(resumeRun(at('broken'), manifest, 4)).rejects.toThrow(/a damaged one before the 4 after it/);
  });

  it('with a damaged head counts the images that are lost', async () => {
    const ranges = await withRun(file, (run) => Promise.resolve(run.ranges.slice()));
    for (const [image, lost] of [
      [0, [0, 1, 2, 3, 4, 5, 6, 7]],
      [8, [8, 9, 10, 11]],
      [12, [12]],
    ] as const) {
      const broken = Buffer.from(whole.subarray(0, ranges[12].end));
      broken.fill(0, ranges[image].start + 8, ranges[image].start + 200);
      await writeFile(at('headless'), broken);
      const { numImages, damaged } = await checkRun(at('headless'));
      expect([numImages, damaged.map(({ imageIndex }) => imageIndex)]).toEqual([13, lost]);
    }
  });

  it('opens whole or with damage that is told, whatever byte is changed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.byteLength - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const broken = Buffer.from(whole);
        broken[place] ^= change;
        await writeFile(at('flipped'), broken);
        const check = await checkRun(at('flipped')).catch((error: unknown) => {
          expect(error).toBeInstanceOf(MiningError);
          return null;
        });
        if (check === null) return;
        const found = await imagesOf(at('flipped')).catch(() => null);
        if (check.damaged.length === 0) expect(found).toEqual(images);
      }),
      { numRuns: 80 },
    );
  });

  it('gathers examples: the first minibatch alone, then some hundred, an unfinished one apart', async () => {
    const outPath = at('gathered');
    const some = Array.from({ length: 2 * EXAMPLES_TOGETHER + 3 }, (_, i) => sampleExample(i));
    const output = await RunOutput.claim({ outPath, force: false, resume: false });
    const events: number[] = [];
    const out = new RunAppender(output, manifest, some.length, (event) => {
      if (event.event === 'image') events.push(event.imageIndex);
    });
    for (const example of some) await out.add(example);
    expect(events.length).toBeGreaterThanOrEqual(EXAMPLES_TOGETHER + 4);
    await out.finish('stopped');
    await out.close();
    output.release();
    expect(events).toEqual([...some.keys()]);
    await withRun(outPath, (run) => {
      const starts = run.ranges.slice().flatMap(({ start }, i) => (run.ranges.at(i - 1)?.start === start ? [] : [i]));
      expect(starts.slice(0, 2)).toEqual([0, 4]);
      expect(starts.at(-1)).toBe(2 * EXAMPLES_TOGETHER);
      return Promise.resolve();
    });
    expect((await imagesOf(outPath)).map(({ rois }) => rois)).toEqual(some.map(({ rois }) => rois));
    const writer = await resumeRun(outPath, manifest, 4);
    expect(writer.entries).toHaveLength(2 * EXAMPLES_TOGETHER);
    await writer.close();
  });

  itWith(['pyarrow', 'pandas'], 'is read by the lines of docs/run-file.md', async () => {
    const text = await readFile('docs/run-file.md', 'utf8');
    const [, program = ''] = /```python\n([\s\S]*?)```/.exec(text) ?? [];
    const asked = `${program.replace('"run.ohem"', JSON.stringify(file))}
print(json.dumps([run.num_rows, *rois[rois.gt_class >= 0].nlargest(3, "loss")["image"]]))`;
    expect(askPython(asked)).toEqual([13, '12.png', '11.png', '10.png']);
  });

  it('of one record batch an image, as before, keeps that form', async () => {
    const old = sampleManifest({ task: 'classification', measure: null } as object);
    const writer = await createRun(at('old'), old);
    for (const image of images) await writer.append(image);
    await writer.finish();
    await writer.close();
    expect((await imagesOf(at('old'))).map(({ rois }) => rois)).toEqual(images.map(({ rois }) => rois));
    const resumed = await resumeRun(at('old'), old);
    expect([resumed.isOfExamples, resumed.entries.length]).toEqual([false, 13]);
    await resumed.close();
  });
});
