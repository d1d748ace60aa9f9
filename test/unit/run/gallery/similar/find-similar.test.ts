import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RunImage } from '../../../../../src/arrow/encode-run.js';
import type { FeatureSource } from '../../../../../src/checkpoint/detector.js';
import type { Move } from '../../../../../src/core/moved-images.js';
import { resolveConfig } from '../../../../../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable } from '../../../../../src/core/tables.js';
import { encodePng } from '../../../../../src/dataset/pixels/decode-image.js';
import type { GalleryQuery, SimilarTo } from '../../../../../src/protocol/gallery-messages.js';
import { createRun } from '../../../../../src/run/file/run-store.js';
import { GalleryShelf } from '../../../../../src/run/gallery/open-gallery.js';
import { featuresPath } from '../../../../../src/run/gallery/similar/feature-store.js';
import { sampleManifest, sampleSummary } from '../../../arrow/run-sample.js';

const SIDE = 40;
/** Grey of each image, and left edges of its objects, which are as wide as `gt` + 1 times 4 px. */
const GREYS = [10, 200, 20, 190];
const model = vi.hoisted(() => ({ looked: [] as number[], sha256: 'ab', fails: false, becomes: '' }));

vi.mock('../../../../../src/run/gallery/similar/run-checkpoint.js', async (actual) => ({
  ...(await actual<object>()),
  hashNow: () => Promise.resolve(model.sha256),
  withFeatures: (_: unknown, __: string, use: (source: FeatureSource) => Promise<unknown>) =>
    use({
      name: 'p3',
      at(image, { x1, x2 }) {
        const grey = image.data[0] ?? 0;
        model.looked.push(grey);
        if (model.becomes !== '') model.sha256 = model.becomes;
        if (model.fails) return Promise.reject(new Error('the device is lost'));
        const rows = Array.from(x1, (left, i) => [grey, 255 - grey, ((x2[i] ?? 0) - left) * 4]);
        return Promise.resolve({ size: 3, data: Float32Array.from(rows.flat()) });
      },
      dispose: () => undefined,
    }),
}));

let folder: string;
let runPath: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-similar-'));
  runPath = path.join(folder, 'it.ohem');
  Object.assign(model, { looked: [], sha256: 'ab', fails: false, becomes: '' });
  const writer = await createRun(runPath, sampleManifest());
  for (const [i, grey] of GREYS.entries()) await writer.append(await made(i, grey));
  await writer.finish();
  await writer.close();
});
afterEach(() => rm(folder, { recursive: true }));

/** Two objects an image, with a RoI each; the loss falls with the image. */
async function made(i: number, grey: number): Promise<RunImage> {
  const file = path.join(folder, `${i}.png`);
  await encodePng({ width: SIDE, height: SIDE, data: new Uint8Array(SIDE * SIDE * 3).fill(grey) }, file);
  const [rois, gts] = [allocateRoiTable(2, 3, 'float32', 'regressed'), allocateGtTable(2)];
  for (let row = 0; row < 2; row++) {
    for (const table of [rois, gts]) table.x2.fill((row + 1) * 4, row, row + 1);
    for (const table of [rois, gts]) table.y2[row] = 4;
    rois.predX2[row] = (row + 1) * 4;
    rois.predY2[row] = 4;
    rois.gtIndex[row] = row;
    rois.lossCls[row] = 9 - i;
    rois.iou[row] = 1;
    rois.score[row] = 0.5;
    rois.predClass[row] = 0;
    rois.gtClass[row] = 0;
  }
  const summary = { ...sampleSummary(`${i}.png`, 2, 2), path: file, width: SIDE, height: SIDE };
  return { summary, rois, gts };
}

const first: SimilarTo = { imageIndex: 0, what: 'object', row: 0, most: 9 };
const base: Omit<GalleryQuery, 'similarTo'> = { kind: 'objects', where: {}, sort: 'loss', group: null };
const never = new AbortController().signal;

async function ask(
  shelf: GalleryShelf,
  query: GalleryQuery,
  tell: (numDone: number, numTotal: number) => void = () => undefined,
  signal = never,
  moves: readonly Move[] = [],
) {
  const source = {
    runPath,
    mining: resolveConfig('top-b', { batchSize: 8, imagesPerBatch: 4 }),
    backgroundBelow: 0.05,
  };
  const warned: string[] = [];
  const watch = {
    tell: ({ numDone, numTotal }: { readonly numDone: number; readonly numTotal: number }) => tell(numDone, numTotal),
    warn: (text: string) => void warned.push(text),
  };
  const gallery = await shelf.open(source, { ...query, besideOf: runPath, moves }, watch, signal);
  const items = gallery.page({ query, first: 0, most: 99 });
  return { warned, answer: gallery.query(query), places: items.map(({ imageIndex, gt }) => [imageIndex, gt]), items };
}

describe('items like one', () => {
  it('have the order of their cosines, the thing itself first', async () => {
    const { answer, places, items } = await ask(new GalleryShelf(), { ...base, similarTo: first });
    expect(places.slice(0, 4)).toEqual([
      [0, 0],
      [2, 0],
      [0, 1],
      [2, 1],
    ]);
    expect(items[0]?.similarity).toBeCloseTo(1, 6);
    // numpy: a = [10, 245, 16]; b = [20, 235, 16]; a @ b / (norm(a) * norm(b))
    expect(items[1]?.similarity).toBeCloseTo(0.999028, 5);
    expect(answer.similar).toEqual({ numLooked: 4, numImages: 4, numFailed: 0, features: 'p3', isOther: false });
  });

  it('are known as far as it has been looked: the hardest first, the rest last and without a number', async () => {
    const shelf = new GalleryShelf();
    const { answer, places, items } = await ask(shelf, { ...base, similarTo: { ...first, most: 2 } });
    expect(answer.similar).toMatchObject({ numLooked: 2, numImages: 4 });
    expect(places.map(([image]) => image)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(items[4]?.similarity).toBeNull();
    model.looked.length = 0;
    expect((await ask(shelf, { ...base, similarTo: first })).answer.similar?.numLooked).toBe(4);
    expect(model.looked).toEqual([20, 190]);
  });

  it('are sought among those that pass the filters', async () => {
    const where = { label: [1] };
    const { answer } = await ask(new GalleryShelf(), { ...base, where, similarTo: first });
    expect(answer.similar).toMatchObject({ numLooked: 0, numImages: 0 });
    expect(model.looked).toEqual([10]);
  });

  it('can be of another kind than the thing, which is looked at once', async () => {
    const shelf = new GalleryShelf();
    const query: GalleryQuery = { ...base, kind: 'images', similarTo: { ...first, row: 1 } };
    const { places, items } = await ask(shelf, query);
    expect(places.map(([image]) => image)).toEqual([0, 2, 3, 1]);
    expect(items[0]?.similarity).toBeLessThan(1);
    await ask(shelf, query);
    expect(model.looked).toEqual([10, 200, 20, 190, 10]);
  });

  it('are kept beside the run', async () => {
    const query: GalleryQuery = { ...base, similarTo: first };
    const { places } = await ask(new GalleryShelf(), query);
    expect((await stat(featuresPath(runPath, 'objects'))).size).toBeGreaterThan(0);
    model.looked.length = 0;
    const again = await ask(new GalleryShelf(), query);
    expect(again.places).toEqual(places);
    expect(again.answer.similar?.features).toBe('p3');
    expect(model.looked).toEqual([]);
  });

  it('are looked for anew by another checkpoint, which the answer tells', async () => {
    const query: GalleryQuery = { ...base, similarTo: first };
    await ask(new GalleryShelf(), query);
    Object.assign(model, { looked: [], sha256: 'other' });
    expect((await ask(new GalleryShelf(), query)).answer.similar).toMatchObject({ isOther: true });
    expect(model.looked).toHaveLength(4);
  });

  it('are looked for anew where the checkpoint has changed while the run is open', async () => {
    const shelf = new GalleryShelf();
    const query: GalleryQuery = { ...base, similarTo: first };
    await ask(shelf, query);
    Object.assign(model, { looked: [], sha256: 'other' });
    expect((await ask(shelf, query)).answer.similar).toMatchObject({ isOther: true, numLooked: 4 });
    expect(model.looked).toHaveLength(4);
  });

  it('are of one checkpoint: what is seen while it changes counts for none', async () => {
    const shelf = new GalleryShelf();
    await ask(shelf, { ...base, similarTo: { ...first, most: 1 } });
    const before = await readFile(featuresPath(runPath, 'objects'));
    model.becomes = 'other';
    await expect(ask(shelf, { ...base, similarTo: first })).rejects.toThrow(/checkpoint: features: .*changed/);
    expect(await readFile(featuresPath(runPath, 'objects'))).toEqual(before);
    model.looked.length = 0;
    const { answer } = await ask(shelf, { ...base, similarTo: first });
    expect(answer.similar).toMatchObject({ isOther: true, numLooked: 4 });
    expect(model.looked).toHaveLength(4);
  });

  it('take an image that is there again, or elsewhere, and look for none twice that is not', async () => {
    const [file, away] = [path.join(folder, '1.png'), path.join(folder, 'away')];
    await mkdir(away);
    await rename(file, path.join(away, '1.png'));
    const shelf = new GalleryShelf();
    const query: GalleryQuery = { ...base, similarTo: first };
    expect((await ask(shelf, query)).answer.similar).toMatchObject({ numFailed: 1 });
    model.looked.length = 0;
    expect((await ask(shelf, query)).answer.similar).toMatchObject({ numFailed: 1, numLooked: 4 });
    const moves = [{ from: folder, to: away }];
    expect((await ask(shelf, query, undefined, never, moves)).answer.similar).toMatchObject({ numFailed: 0 });
    expect(model.looked).toEqual([200]);
    await rename(path.join(away, '1.png'), file);
    expect((await ask(new GalleryShelf(), query)).answer.similar).toMatchObject({ numFailed: 0 });
    expect(model.looked).toEqual([200]);
  });

  it('take an image that comes back in its place, also after the run was opened anew', async () => {
    const file = path.join(folder, '1.png');
    await rename(file, `${file}.away`);
    const query: GalleryQuery = { ...base, similarTo: first };
    for (const shelf of [new GalleryShelf(), new GalleryShelf()])
      expect((await ask(shelf, query)).answer.similar).toMatchObject({ numFailed: 1 });
    await rename(`${file}.away`, file);
    expect((await ask(new GalleryShelf(), query)).answer.similar).toMatchObject({ numFailed: 0 });
  });

  it('keep what was seen where somebody stops it, and warn where it cannot be kept', async () => {
    const stop = new AbortController();
    const told: string[] = [];
    const shelf = new GalleryShelf();
    const tell = (numDone: number, numTotal: number) => {
      told.push(`${numDone}/${numTotal}`);
      if (numDone === 2) stop.abort(new Error('stopped'));
    };
    await expect(ask(shelf, { ...base, similarTo: first }, tell, stop.signal)).rejects.toThrow('stopped');
    expect(told).toEqual(['0/4', '1/4', '2/4']);
    const { answer } = await ask(new GalleryShelf(), { ...base, similarTo: { ...first, most: 0 } });
    expect(answer.similar).toMatchObject({ numLooked: 2 });
    await rm(featuresPath(runPath, 'images'), { force: true });
    await writeFile(featuresPath(runPath, 'images'), 'of a person');
    const { warned } = await ask(shelf, { ...base, kind: 'images', similarTo: { ...first, what: 'image', row: -1 } });
    expect(warned.join()).toContain('expected a new file');
  });

  it('leave out images that cannot be read, and end where the model fails', async () => {
    await rm(path.join(folder, '1.png'));
    const { answer, items } = await ask(new GalleryShelf(), { ...base, similarTo: first });
    expect(answer.similar).toMatchObject({ numLooked: 4, numFailed: 1 });
    expect(items.filter(({ similarity }) => similarity === null).map(({ imageIndex }) => imageIndex)).toEqual([1, 1]);
    model.fails = true;
    await expect(ask(new GalleryShelf(), { ...base, kind: 'images', similarTo: first })).rejects.toThrow('device');
  });

  it.each([
    [{ imageIndex: 7 }, 'options: image: expected [0, 4), received 7'],
    [{ row: 5 }, 'options: object: expected a row in [0, 2), received 5'],
    [{ what: 'roi', row: -1 }, 'options: roi: expected a row in [0, 2), received -1'],
  ] as const)('refuses a place that the run has not: %j', async (change, expected) => {
    const query: GalleryQuery = { ...base, similarTo: { ...first, ...change } };
    await expect(ask(new GalleryShelf(), query)).rejects.toThrow(expected);
  });

  it('has nothing to do with labels to check', async () => {
    const { answer } = await ask(new GalleryShelf(), { ...base, kind: 'suspects', sort: 'doubt', similarTo: first });
    expect(answer.similar).toBeNull();
    expect(model.looked).toEqual([]);
  });
});
