import { writeFile } from 'node:fs/promises';
import { encodeImage, encodeIndex, encodeSchema } from '../../../src/arrow/encode-run.js';
import { rowFormat } from '../../../src/arrow/run-columns.js';
import type { ImageSummary } from '../../../src/core/facts/run-manifest.js';
import { encodeEnding } from '../../../src/run/file/run-index.js';
import { sampleImage, sampleManifest } from '../arrow/run-sample.js';

/** A run of small images whose index is so large that it is read when it is asked for. @returns its summaries. */
export async function writeLargeRun(file: string, numImages: number): Promise<ImageSummary[]> {
  const schema = encodeSchema(sampleManifest());
  const sample = sampleImage('0.jpg', 1, 0);
  const batches = Array.from({ length: numImages }, (_, i) => encodeImage(sample, sampleManifest(), i));
  const [image = new Uint8Array()] = batches;
  const name = 'x'.repeat(2000);
  const summaries = Array.from({ length: numImages }, (_, i) => ({
    ...sampleImage('0.jpg', 1, 0).summary,
    id: `${name}/${i}.jpg`,
    path: i % 7 === 0 ? '' : `/${name}/é${i}.jpg`,
    error: i % 100 === 99 ? `image ${i}` : '',
    lossSum: (i * 7919) % 100,
  }));
  const start = (i: number) => schema.byteLength + i * image.byteLength;
  const entries = summaries.map((each, i) => ({ start: start(i), end: start(i + 1), summary: each }));
  const stream = Buffer.concat([schema, ...batches]);
  await writeFile(
    file,
    Buffer.concat([stream, encodeEnding(encodeIndex(entries, rowFormat(sampleManifest())), stream.byteLength)]),
  );
  return summaries;
}
