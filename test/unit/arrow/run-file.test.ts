import { tableFromIPC } from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { decodeImage, decodeManifest, decodeSummaries, summaryBodyLength } from '../../../src/arrow/decode-run.js';
import { encodeImage, encodeIndex, encodeSchema } from '../../../src/arrow/encode-run.js';
import { metadataLength } from '../../../src/arrow/ipc-message.js';
import { rowFormat } from '../../../src/arrow/run-columns.js';
import { MiningError } from '../../../src/core/mining-error.js';
import { indexRows } from './index-rows.js';
import { exampleManifest, sampleExample, sampleImage, sampleManifest, sampleSummary } from './run-sample.js';

const manifest = sampleManifest();
const format = rowFormat(manifest);

describe('schema', () => {
  it('gives the manifest back', () => {
    expect(decodeManifest(encodeSchema(manifest))).toEqual(manifest);
  });

  it('is refused when a field of the manifest is wrong, by the name of the field', () => {
    const wrong = sampleManifest({ mining: { ...manifest.mining, batchSize: -3 } });
    expect(() => decodeManifest(encodeSchema(wrong))).toThrow(
      /run-file: manifest\.mining\.batch-size: expected an integer in \[0/,
    );
    const newer = Buffer.from(encodeSchema(manifest)).toString('latin1').replace('"ohemRun":1', '"ohemRun":4');
    expect(() => decodeManifest(new Uint8Array(Buffer.from(newer, 'latin1')))).toThrow(/manifest\.ohemRun/);
  });

  it('is refused when the columns are not those of its precision', () => {
    const schema = encodeSchema(manifest);
    const text = Buffer.from(schema).toString('latin1').replace('"precision":"float32"', '"precision":"float64"');
    expect(() => decodeManifest(new Uint8Array(Buffer.from(text, 'latin1')))).toThrow(/other columns/);
  });

  it('is refused in another Arrow stream', () => {
    const index = encodeIndex([], format);
    expect(() => decodeManifest(index)).toThrow(MiningError);
  });
});

describe('image', () => {
  for (const [numRois, numGts] of [
    [0, 0],
    [1, 0],
    [0, 2],
    [7, 3],
    [1001, 1],
  ] as const) {
    for (const precision of ['float32', 'float64'] as const) {
      it(`gives ${numRois} RoIs and ${numGts} objects back in ${precision}`, () => {
        const own = sampleManifest({ precision });
        const image = sampleImage('a/b "c".jpg', numRois, numGts, precision);
        expect(decodeImage(encodeSchema(own), encodeImage(image, own))).toEqual(image);
      });
    }
  }

  it('decodes as views of aligned bytes and of a copy of others', () => {
    const schema = encodeSchema(manifest);
    const bytes = encodeImage(sampleImage('a.jpg', 9, 2), manifest);
    const exact = new Uint8Array(bytes);
    expect(decodeImage(schema, exact).rois.lossCls.buffer).toBe(exact.buffer);
    const odd = new Uint8Array(bytes.byteLength + 3);
    odd.set(bytes, 3);
    expect(decodeImage(schema, odd.subarray(3)).rois).toEqual(sampleImage('a.jpg', 9, 2).rois);
  });

  it('keeps NaN and infinite losses', () => {
    const image = sampleImage('a.jpg', 3, 0);
    image.rois.lossCls.set([Number.NaN, Infinity, -Infinity]);
    expect([...decodeImage(encodeSchema(manifest), encodeImage(image, manifest)).rois.lossCls]).toEqual([
      Number.NaN,
      Infinity,
      -Infinity,
    ]);
  });

  it('converts real columns to the precision of the run', () => {
    const own = sampleManifest({ precision: 'float64' });
    const { rois } = decodeImage(encodeSchema(own), encodeImage(sampleImage('a.jpg', 2, 0), own));
    expect(rois.x1).toBeInstanceOf(Float64Array);
    expect(rois.x1[1]).toBe(Math.fround(100.1));
  });

  it('refuses labels and matches outside their tables', () => {
    const image = sampleImage('a.jpg', 3, 1);
    image.rois.gtIndex[1] = 1;
    expect(() => decodeImage(encodeSchema(manifest), encodeImage(image, manifest))).toThrow(/gt_index 1 at row 1/);
    const other = sampleImage('a.jpg', 3, 1);
    other.rois.predClass[2] = 3;
    expect(() => decodeImage(encodeSchema(manifest), encodeImage(other, manifest))).toThrow(/pred_class 3 at row 2/);
  });

  it('is read by the Arrow library as written', () => {
    const image = sampleImage('a.jpg', 4, 2);
    const bytes = [encodeSchema(manifest), encodeImage(image, manifest)];
    const row = tableFromIPC(bytes).toArray()[0] as Record<string, unknown>;
    expect(row).toMatchObject({ id: 'a.jpg', num_rois: 4, loss_mean: 1.5, error: '' });
    const rois = row['rois'] as { x1: number; top_class: Int16Array }[];
    expect(rois.map(({ x1 }) => x1)).toEqual([...image.rois.x1]);
    expect([...rois[3].top_class]).toEqual([0, 1, 2, -1, -1]);
  });

  it('tells its summary without its RoIs', () => {
    const bytes = encodeImage(sampleImage('é🦓.jpg', 500, 3), manifest);
    const bodyStart = 8 + metadataLength(bytes);
    const metadata = bytes.subarray(8, bodyStart);
    const length = summaryBodyLength(encodeSchema(manifest), metadata);
    expect(length).toBeLessThan(1000);
    expect(decodeSummaries(encodeSchema(manifest), metadata, bytes.subarray(bodyStart, bodyStart + length))).toEqual([
      sampleSummary('é🦓.jpg', 500, 3),
    ]);
  });
});

describe('index', () => {
  it('gives its rows back, none and many', () => {
    expect(indexRows(encodeIndex([], format), format)).toEqual([]);
    const entries = Array.from({ length: 100 }, (_, i) => ({
      summary: sampleSummary(`${i}.jpg`, i, 1),
      start: i * 1e12,
      end: i * 1e12 + 8,
    }));
    expect(indexRows(encodeIndex(entries, format), format)).toEqual(entries);
  });

  it('of examples stores what is not known of them, and gives the rows back whole', () => {
    const examples = rowFormat(exampleManifest());
    const entries = Array.from({ length: 256 }, (_, i) => ({ summary: sampleExample(i).summary, start: 8, end: 1e12 }));
    const bytes = encodeIndex(entries, examples);
    expect(indexRows(bytes, examples)).toEqual(entries);
    expect(() => indexRows(bytes, format)).toThrow(/other columns/);
    const names = entries.reduce((sum, { summary: { id, path, annotationPath, error } }) => {
      return sum + id.length + path.length + annotationPath.length + error.length;
    }, 0);
    const headers = encodeIndex([], examples).byteLength;
    expect((bytes.byteLength - headers - names) / entries.length).toBeLessThan(71);
  });
});
