/** Runs of many images: to write, to open, to look through. */
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { encodeImage, encodeIndex, encodeSchema, type IndexEntry } from '../../src/arrow/encode-run.js';
import { rowFormat } from '../../src/arrow/run-columns.js';
import type { ImageList } from '../../src/core/facts/image-list.js';
import { orderImages } from '../../src/host/run/image-order.js';
import { encodeEnding } from '../../src/run/file/run-index.js';
import { openRun } from '../../src/run/file/run-store.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';
import { round } from './measure-time.js';
import type { Figures } from './suite.js';

const SIZES = [10_000, 100_000, 1_000_000];
const NUM_ROIS = 20;
/** Images that the tree lists. */
const LISTED = 2000;
/** Images of the data set stand in folders, as large ones do. */
const idOf = (i: number) => `train/${String(i % 1000).padStart(4, '0')}/${String(i).padStart(12, '0')}.jpg`;

/** Opening a run, memory that it takes, an order, a filter and a search over all its images, by size. */
export async function benchLargeRuns(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-large-'));
  const figures: Figures = {};
  const fileOf = (size: number) => join(folder, `${size}.ohem`);
  for (const size of SIZES) await writeRun(fileOf(size), size);
  for (const size of SIZES) {
    figures[`run of ${size} images of ${NUM_ROIS} RoIs`] = await lookThrough(fileOf(size));
  }
  await rm(folder, { recursive: true });
  return figures;
}

/**
 * Milliseconds of processor time, by which a machine that others use can be told, and `openMs` of a clock. `heldMB` is
 * told with `--expose-gc` only: it is what the open run adds after a collection, with its order.
 */
async function lookThrough(file: string): Promise<Figures[string]> {
  const before = await memoryInUse();
  const start = performance.now();
  const [openCpuMs, run] = await timed(() => openRun(file, { isChecked: false }));
  const openMs = performance.now() - start;
  const [orderCpuMs, order] = await timed(() => orderImages(run.images, 'sum'));
  const [listCpuMs] = await timed(() => Array.from(order.subarray(0, LISTED), (image) => run.images.at(image)));
  const [filterCpuMs] = await timed(() => filtered(run.images));
  const [findCpuMs] = await timed(() => run.images.indexOf('id', idOf(run.images.length - 1)));
  const heldMB = globalThis.gc === undefined ? NaN : ((await memoryInUse()) - before) / 1e6;
  await run.close();
  const [checkedCpuMs] = await timed(async () => (await openRun(file)).close());
  const figures = { openMs, openCpuMs, heldMB, orderCpuMs, listCpuMs, filterCpuMs, findCpuMs, checkedCpuMs };
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, round(value)]));
}

/** Images that failed or are easy are left out. */
function filtered(images: ImageList): number {
  const [failed, losses] = [images.given('error'), images.column('lossMax')];
  return failed.reduce((sum, isFailed, i) => sum + (isFailed === 0 && losses[i] > 3 ? 1 : 0), 0);
}

async function memoryInUse(): Promise<number> {
  // Buffers that nobody holds are given back beside the program.
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await rest(200);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function timed<T>(work: () => T | Promise<T>): Promise<[number, T]> {
  const start = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(start);
  return [(user + system) / 1000, result];
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
  await handle.write(encodeEnding(encodeIndex(entries, rowFormat(manifest)), entries.at(-1)?.end ?? schema.byteLength));
  await handle.close();
}
