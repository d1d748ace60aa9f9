/** Runs of many images: to write, to open, to look through. */
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeImage, encodeIndex, encodeSchema, type IndexEntry } from '../../src/arrow/encode-run.js';
import { orderImages } from '../../src/host/run/image-order.js';
import { encodeEnding } from '../../src/run/file/run-index.js';
import { openRun } from '../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';
import { round } from './measure-time.js';
import type { Figures } from './suite.js';

const SIZES = [10_000, 100_000, 1_000_000];
const NUM_ROIS = 20;
/** Images of the data set stand in folders, as large ones do. */
const idOf = (i: number) => `train/${String(i % 1000).padStart(4, '0')}/${String(i).padStart(12, '0')}.jpg`;

/** Opening a run, memory that it takes, an order, a filter and a search over all its images, by size. */
export async function benchLargeRuns(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-large-'));
  const figures: Figures = {};
  for (const size of SIZES) {
    const file = join(folder, `${size}.ohem`);
    await writeRun(file, size);
    figures[`run of ${size} images of ${NUM_ROIS} RoIs`] = await lookThrough(file);
    await rm(file);
  }
  await rm(folder, { recursive: true });
  return figures;
}

/** `heldMB` is told with `--expose-gc` only: it is what the open run adds after a collection. */
async function lookThrough(file: string): Promise<Figures[string]> {
  const before = memoryInUse();
  const [openMs, run] = await timed(() => openRun(file));
  const heldMB = globalThis.gc === undefined ? NaN : (memoryInUse() - before) / 1e6;
  const [orderMs] = await timed(() => orderImages(run.images, 'sum'));
  const [filterMs] = await timed(() => run.images.filter(({ error, lossMax }) => error === '' && lossMax > 3).length);
  const [findMs] = await timed(() => run.images.findIndex(({ id }) => id === idOf(run.images.length - 1)));
  await run.close();
  const [openAgainMs] = await timed(async () => (await openRun(file)).close());
  const figures = { openMs, openAgainMs, heldMB, orderMs, filterMs, findMs, fileMB: (await stat(file)).size / 1e6 };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
}

function memoryInUse(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function timed<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  return [performance.now() - start, result];
}

/** Every image has the same RoIs, so that a million are written in minutes: only the index tells them apart. */
async function writeRun(file: string, size: number): Promise<void> {
  const manifest = sampleManifest();
  const schema = encodeSchema(manifest);
  const image = encodeImage(sampleImage('0.jpg', NUM_ROIS, 3), manifest);
  const { summary } = sampleImage('0.jpg', NUM_ROIS, 3);
  const handle = await open(file, 'w');
  await handle.write(schema);
  const chunk = new Uint8Array(1000 * image.byteLength);
  for (let i = 0; i < 1000; i++) chunk.set(image, i * image.byteLength);
  const entries: IndexEntry[] = [];
  for (let i = 0; i < size; i++) {
    if (i % 1000 === 0) await handle.write(chunk);
    const start = schema.byteLength + i * image.byteLength;
    const id = idOf(i);
    const own = { ...summary, id, path: `/data/set/${id}`, lossSum: (i * 7919) % 1000, lossMax: (i * 31) % 7 };
    entries.push({ start, end: start + image.byteLength, summary: own });
  }
  await handle.write(encodeEnding(encodeIndex(entries), entries.at(-1)?.end ?? schema.byteLength));
  await handle.close();
}
