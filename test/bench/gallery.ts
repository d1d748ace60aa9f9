/** The gallery of a large run: a filter over a million items, and the first page of 100,000 images. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveConfig } from '../../src/core/mining/select.js';
import type { GalleryQuery } from '../../src/protocol/gallery-messages.js';
import { createRun } from '../../src/run/file/run-store.js';
import { galleryPath } from '../../src/run/gallery/gallery-file.js';
import { Gallery } from '../../src/run/gallery/gallery.js';
import { GalleryShelf } from '../../src/run/gallery/open-gallery.js';
import { sampleImage, sampleManifest } from '../unit/arrow/run-sample.js';
import { madeUpGallery, madeUpItems } from '../unit/run/gallery/made-up-items.js';
import { round, timeSync } from './measure-time.js';
import type { Figures } from './suite.js';

const NUM_ITEMS = 1_000_000;
const NUM_IMAGES = 100_000;
const FIRST: GalleryQuery = { kind: 'rois', where: {}, sort: 'loss', group: null };
const classes = Array.from({ length: 80 }, (_, id) => `class ${id}`);

export async function benchGallery(): Promise<Figures> {
  return { ...benchQueries(), ...(await benchRun()) };
}

function benchQueries(): Figures {
  const stored = madeUpGallery(0);
  const items = { ...stored.items, rois: madeUpItems(NUM_ITEMS, classes.length) };
  const gallery = new Gallery({ ...stored, items, classes }, { classes, backgroundBelow: 0.05 });
  gallery.query(FIRST);
  let turn = 0;
  // Another question each time: the answer to the last one is kept.
  const where = () => ({ label: [turn++ % 80, 80], score: [turn % 20, 3, 4], answer: [1, 2, 3] });
  const name = `gallery, ${NUM_ITEMS} items`;
  return {
    [`${name}: filter by three facets, count, first page`]: timeSync(
      () => {
        const query = { ...FIRST, where: where() };
        return [gallery.query(query), gallery.page({ query, first: 0, most: 100 })];
      },
      20,
      3,
    ),
    [`${name}: filter and group by class`]: timeSync(
      () => gallery.query({ ...FIRST, where: where(), group: 'label' }),
      20,
      3,
    ),
  };
}

async function benchRun(): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-gallery-'));
  const runPath = join(folder, 'large.ohem');
  const writer = await createRun(runPath, sampleManifest());
  for (let i = 0; i < NUM_IMAGES; i++) await writer.append(sampleImage(`${i}.jpg`, 30, 6));
  await writer.finish();
  await writer.close();
  const mining = resolveConfig('paper', { batchSize: 20, imagesPerBatch: 2 });
  const watch = { tell: () => undefined, warn: () => undefined };
  const firstPage = async () => {
    const start = performance.now();
    const source = { runPath, mining, backgroundBelow: 0.05 };
    const gallery = await new GalleryShelf().open(
      source,
      { kind: 'rois', besideOf: runPath },
      watch,
      new AbortController().signal,
    );
    const { numItems } = gallery.query(FIRST);
    gallery.page({ query: FIRST, first: 0, most: 100 });
    return { ms: round(performance.now() - start), numItems };
  };
  const [made, read] = [await firstPage(), await firstPage()];
  const megabytes = round((await stat(galleryPath(runPath))).size / 2 ** 20);
  await rm(folder, { recursive: true });
  const name = `gallery, ${NUM_IMAGES} images of 30 RoIs`;
  return { [`${name}: made, first page`]: made, [`${name}: read again, first page`]: { ...read, megabytes } };
}
