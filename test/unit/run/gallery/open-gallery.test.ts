import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { GalleryQuery } from '../../../../src/protocol/gallery-messages.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { galleryPath, readGallery, writeGallery } from '../../../../src/run/gallery/gallery-file.js';
import { GalleryShelf } from '../../../../src/run/gallery/open-gallery.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';
import { madeUpGallery } from './made-up-items.js';

let folder: string;
let runPath: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-gallery-'));
  runPath = path.join(folder, 'it.ohem');
  await writeRun(true);
});
afterEach(() => rm(folder, { recursive: true }));

async function writeRun(isFinished: boolean): Promise<void> {
  await rm(runPath, { force: true });
  const writer = await createRun(runPath, sampleManifest());
  for (const image of [sampleImage('a.jpg', 9, 2), sampleImage('none.jpg', 0, 0), sampleImage('b.jpg', 14, 3)])
    await writer.append(image);
  if (isFinished) await writer.finish();
  await writer.close();
}

const mining = resolveConfig('top-b', { batchSize: 6, imagesPerBatch: 3 });
const query: GalleryQuery = { kind: 'rois', where: {}, sort: 'loss', group: null };
const never = new AbortController().signal;

function watched() {
  const told: number[] = [];
  const warned: string[] = [];
  return {
    told,
    warned,
    tell: ({ numDone }: { readonly numDone: number }) => void told.push(numDone),
    warn: (text: string) => void warned.push(text),
  };
}
const asked = () => ({ kind: query.kind, besideOf: runPath });
const open = (shelf = new GalleryShelf(), given = mining, watch = watched()) =>
  shelf.open({ runPath, mining: given, backgroundBelow: 0.05 }, asked(), watch, never);

describe('GalleryShelf', () => {
  it('lists what the configuration selects, its objects and its images', async () => {
    const gallery = await open();
    expect(gallery.query(query)).toMatchObject({ numItems: 6, numImages: 3 });
    expect(gallery.query({ ...query, kind: 'objects' }).numItems).toBe(0);
    const images = gallery.page({ query: { ...query, kind: 'images' }, first: 0, most: 9 });
    expect(images.map(({ imageIndex }) => imageIndex)).toEqual([2, 0, 1]);
    expect(images[2]).toMatchObject({ row: -1, loss: null, box: [0, 0, 640, 480] });
  });

  it('keeps the items beside the run, and reads them the next time', async () => {
    const first = (await open()).page({ query, first: 0, most: 9 });
    const { mtimeMs } = await stat(galleryPath(runPath));
    const watch = watched();
    expect((await open(new GalleryShelf(), mining, watch)).page({ query, first: 0, most: 9 })).toEqual(first);
    expect((await stat(galleryPath(runPath))).mtimeMs).toBe(mtimeMs);
    expect(watch.told).toEqual([]);
  });

  it('makes them anew for another configuration, and when the run has changed', async () => {
    const shelf = new GalleryShelf();
    await open(shelf);
    expect((await open(shelf, resolveConfig('top-b', { batchSize: 3, imagesPerBatch: 3 }))).query(query).numItems).toBe(
      3,
    );
    await utimes(runPath, new Date(), new Date(Date.now() + 5000));
    const gallery = await open(shelf);
    expect(gallery.query(query).numItems).toBe(6);
    expect(await open(shelf)).toBe(gallery);
  });

  it.each([0, 9, 13, 40, 700, -1])('makes them anew where byte %i of the cache has changed', async (at) => {
    const first = (await open()).page({ query, first: 0, most: 9 });
    const bytes = await readFile(galleryPath(runPath));
    bytes[at < 0 ? bytes.length + at : at] ^= 0x40;
    await writeFile(galleryPath(runPath), bytes);
    expect((await open()).page({ query, first: 0, most: 9 })).toEqual(first);
  });

  it('keeps nothing of a run that still grows', async () => {
    await writeRun(false);
    expect((await open()).query(query).numItems).toBe(6);
    await expect(stat(galleryPath(runPath))).rejects.toThrow('ENOENT');
  });

  it('leaves a file of another kind under the name of its cache as it is, and says so', async () => {
    await writeFile(galleryPath(runPath), 'what a person wrote');
    const watch = watched();
    expect((await open(new GalleryShelf(), mining, watch)).query(query).numItems).toBe(6);
    expect(await readFile(galleryPath(runPath), 'utf8')).toBe('what a person wrote');
    expect(watch.warned[0]).toContain('expected a new file');
  });

  it('gives pages of the answer before them, also when the run has grown since', async () => {
    await writeRun(false);
    const shelf = new GalleryShelf();
    const gallery = await open(shelf);
    await utimes(runPath, new Date(), new Date(Date.now() + 5000));
    const source = { runPath, mining, backgroundBelow: 0.05 };
    expect(await shelf.latest(source, asked(), watched(), never)).toBe(gallery);
    expect(await open(shelf)).not.toBe(gallery);
  });

  it('makes them once where several ask at a time; who gives up stops nobody else', async () => {
    const shelf = new GalleryShelf();
    const source = { runPath, mining, backgroundBelow: 0.05 };
    const stopped = shelf.open(source, asked(), watched(), AbortSignal.abort(new Error('enough')));
    const [first, second] = [open(shelf), open(shelf)];
    await expect(stopped).rejects.toThrow('enough');
    expect(await first).toBe(await second);
  });

  it('works where it can keep nothing, and says so', async () => {
    await (await import('node:fs/promises')).mkdir(galleryPath(runPath));
    const watch = watched();
    expect((await open(new GalleryShelf(), mining, watch)).query(query).numItems).toBe(6);
    expect(watch.warned).toHaveLength(1);
  });

  it('stops when told to', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    await expect(
      new GalleryShelf().open({ runPath, mining, backgroundBelow: 0 }, asked(), watched(), stop),
    ).rejects.toThrow('enough');
  });

  it('says where there is no run', async () => {
    runPath = path.join(folder, 'none.ohem');
    await expect(open()).rejects.toThrow('run-file: open: expected a file that can be read');
  });
});

describe('the cache', () => {
  it('gives back what was written', async () => {
    const gallery = madeUpGallery(333);
    const key = { size: 7, mtimeMs: 12.5, mining };
    await writeGallery(runPath, key, gallery);
    const read = await readGallery(runPath, key);
    expect(read).toEqual(gallery);
    expect(await readGallery(runPath, { ...key, size: 8 })).toBeNull();
  });
});
