import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Detector } from '../../../../src/checkpoint/detector.js';
import type { RgbImage } from '../../../../src/core/graph.js';
import type { DetectorOutput } from '../../../../src/core/losses/detector-output.js';
import { FAST_RCNN_MEASURE } from '../../../../src/core/measure/measure-config.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { NONE } from '../../../../src/core/tables.js';
import { encodePng } from '../../../../src/dataset/pixels/decode-image.js';
import type { MineOptions } from '../../../../src/protocol/mining-requests.js';
import { readImage, withRun } from '../../../../src/run/file/read-run.js';
import { minedFrom } from '../../../../src/protocol/mining-requests.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';
import { changedOnDisk } from '../../../../src/run/query/changed-since.js';
import { detect } from './fake-output.js';

const model = vi.hoisted(() => ({ seen: [] as number[], fails: false, sha256: 'abc' }));
vi.mock('../../../../src/engine/registry.js', () => ({
  startEngine: () =>
    Promise.resolve({
      engine: { facts: { id: 'fake', version: '1', device: 'CPU' }, dispose: () => Promise.resolve() },
      refused: [],
    }),
}));
vi.mock('../../../../src/checkpoint/open-model.js', () => ({
  openModel: (file: string) =>
    Promise.resolve({ path: file, format: 'onnx', sha256: model.sha256, open: () => Promise.resolve(fakeDetector()) }),
}));

function fakeDetector(): Detector {
  return {
    family: 'fake',
    classes: ['cat', 'dog'],
    numClasses: 2,
    inputWidth: 8,
    inputHeight: 8,
    scoreForm: { activation: 'softmax', given: 'logits' },
    measureDefaults: FAST_RCNN_MEASURE,
    notes: [],
    detect: (image: RgbImage): Promise<DetectorOutput> => {
      model.seen.push(image.data[0] / 10);
      return model.fails ? Promise.reject(new Error('the device is lost')) : detect(image);
    },
    features: () => Promise.reject(new Error('nobody asks for features')),
    dispose: () => undefined,
  };
}

let folder: string;
let options: MineOptions;
const MARK = new Date(Date.now() + 60_000);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-remine-'));
  Object.assign(model, { seen: [], fails: false, sha256: 'abc' });
  for (let i = 0; i < 7; i++) await writePicture(i, i * 10);
  await writeData([0, 1, 2, 3, 4, 5]);
  options = {
    checkpointPath: '/m/net.onnx',
    datasetPath: path.join(folder, 'instances.json'),
    dataset: { images: folder },
    outPath: path.join(folder, 'it.ohem'),
    mining: resolveConfig('paper', { batchSize: 4, imagesPerBatch: 2 }),
    measure: {},
    backend: null,
    limit: null,
    resume: false,
  };
  await mineRun(options, () => undefined);
  model.seen = [];
});
afterEach(() => rm(folder, { recursive: true }));

async function writePicture(i: number, value: number): Promise<void> {
  const data = new Uint8Array(20 * 16 * 3).fill(value);
  await rm(path.join(folder, `${i}.png`), { force: true });
  await encodePng({ width: 20, height: 16, data }, path.join(folder, `${i}.png`));
}

/** @param moved left edge of the object by image, where it is not 2. */
async function writeData(images: readonly number[], moved: Record<number, number> = {}): Promise<void> {
  const file = path.join(folder, 'instances.json');
  const text = JSON.stringify({
    images: images.map((i) => ({ id: i + 1, file_name: `${i}.png`, width: 20, height: 16 })),
    annotations: images.map((i) => ({
      id: i + 1,
      image_id: i + 1,
      category_id: (i % 2) + 1,
      bbox: [moved[i] ?? 2, 2, 10, 10],
      area: 100,
      iscrowd: 0,
    })),
    categories: ['cat', 'dog'].map((name, i) => ({ id: i + 1, name })),
  });
  await writeFile(file, text);
  await utimes(file, MARK, MARK);
}

const again = (remine: 'changed' | readonly string[], signal?: AbortSignal) =>
  mineRun({ ...options, remine: remine === 'changed' ? remine : [...remine] }, () => undefined, signal);

/** All images of a run, decoded. */
const contents = (file = options.outPath) =>
  withRun(file, async (run) => ({
    manifest: run.manifest,
    complete: run.complete,
    images: await Promise.all(run.images.map((_, i) => readImage(run, i))),
  }));

/** What a run of the data as they are now would hold. */
async function fresh() {
  const outPath = path.join(folder, 'fresh.ohem');
  await mineRun({ ...options, outPath, force: true }, () => undefined);
  return contents(outPath);
}

describe('what has changed since a run', () => {
  const changed = () => changedOnDisk(options.outPath);

  it('is nothing where nothing has, also where the file was only written again', async () => {
    expect(await changed()).toEqual({ changed: [], gone: [] });
    await writeData([0, 1, 2, 3, 4, 5]);
    expect(await changed()).toEqual({ changed: [], gone: [] });
  });

  it('is an image whose object moved, one whose pixels are others, one that left', async () => {
    await writeData([0, 1, 2, 3, 5], { 1: 4 });
    await writePicture(3, 200);
    expect(await changed()).toEqual({ changed: [1, 3], gone: [4] });
  });

  it('is an image whose file of labels is gone, one that is gone itself, but none whose pixels alone are', async () => {
    const data = path.join(folder, 'yolo');
    await mkdir(path.join(data, 'images'), { recursive: true });
    await mkdir(path.join(data, 'labels'));
    await writeFile(path.join(data, 'data.yaml'), 'train: images\nnames: [cat, dog]\n');
    for (const i of [0, 1, 2]) {
      await copyFile(path.join(folder, `${i}.png`), path.join(data, 'images', `${i}.png`));
      await writeFile(path.join(data, 'labels', `${i}.txt`), '0 0.5 0.5 0.5 0.5\n');
    }
    const outPath = path.join(folder, 'yolo.ohem');
    await mineRun({ ...options, datasetPath: path.join(data, 'data.yaml'), dataset: {}, outPath }, () => undefined);
    expect(await changedOnDisk(outPath)).toEqual({ changed: [], gone: [] });
    await rm(path.join(data, 'labels', '1.txt'));
    expect(await changedOnDisk(outPath)).toEqual({ changed: [1], gone: [] });
    await rm(path.join(data, 'images', '2.png'));
    expect(await changedOnDisk(outPath)).toEqual({ changed: [1], gone: [2] });
    await rm(path.join(folder, '4.png'));
    expect(await changed()).toEqual({ changed: [], gone: [] });
  });

  it('is not an image whose place in the file alone is another', async () => {
    await writeData([6, 0, 1, 2, 3, 4, 5]);
    expect(await changed()).toEqual({ changed: [], gone: [] });
  });
});

describe('mining what has changed', () => {
  it('measures that alone, and the run is as if it had been mined now', async () => {
    const before = await contents();
    await writeData([0, 1, 2, 3, 4, 5], { 1: 4, 4: 5 });
    const result = await again('changed');
    expect(result).toMatchObject({ state: 'done', numDone: 6, remined: { numAnew: 2, numGone: 0 } });
    expect(model.seen).toEqual([1, 4]);
    const [now, anew] = [await contents(), await fresh()];
    expect(now.images).toEqual(anew.images);
    expect(now.manifest.dataset).toEqual(anew.manifest.dataset);
    expect(now.manifest).toMatchObject({
      createdAt: before.manifest.createdAt,
      remined: [{ numImages: 2, images: ['1.png', '4.png'] }],
    });
    expect(now.complete).toBe(true);
    expect(await changedOnDisk(options.outPath)).toEqual({ changed: [], gone: [] });
  });

  it('leaves out what the data set has no more, adds what it has got, and mends where objects stand', async () => {
    await writeData([6, 0, 1, 3, 4, 5]);
    expect(await again('changed')).toMatchObject({ numDone: 6, remined: { numAnew: 1, numGone: 1 } });
    expect(model.seen).toEqual([6]);
    const { images } = await contents();
    expect(images.map(({ summary }) => summary.id)).toEqual(['0.png', '1.png', '3.png', '4.png', '5.png', '6.png']);
    expect(images.map(({ gts }) => gts.annotation[0])).toEqual([1, 2, 3, 4, 5, 0]);
  });

  it('writes nothing where nothing has changed', async () => {
    const before = await readFile(options.outPath);
    expect(await again('changed')).toMatchObject({ state: 'done', numDone: 6, remined: { numAnew: 0, numGone: 0 } });
    expect(await readFile(options.outPath)).toEqual(before);
  });
});

describe('mining one image anew', () => {
  it('keeps the others, and the run stays one of the old data while another has changed', async () => {
    const before = await contents();
    await writeData([0, 1, 2, 3, 4, 5], { 1: 4, 4: 5 });
    await again(['4.png']);
    const now = await contents();
    expect(model.seen).toEqual([4]);
    // Its objects are those of before; where they would stand now, nobody knows.
    expect(now.images[1].gts).toEqual({ ...before.images[1].gts, annotation: Int32Array.of(NONE) });
    expect(now.manifest.dataset).toEqual(before.manifest.dataset);
    expect(await changedOnDisk(options.outPath)).toEqual({ changed: [1], gone: [] });
    await again(['1.png']);
    expect((await contents()).manifest.dataset).toEqual((await fresh()).manifest.dataset);
    expect((await contents()).manifest.remined?.map(({ images }) => images)).toEqual([['4.png'], ['1.png']]);
  });

  it('does not know where the objects of an image stand that is left with others than the data set has', async () => {
    const file = path.join(folder, 'instances.json');
    await writeData([0, 1, 2, 3, 4, 5], { 4: 5 });
    const data = JSON.parse(await readFile(file, 'utf8')) as { annotations: object[] };
    const more = { id: 9, image_id: 2, category_id: 1, bbox: [0, 0, 5, 5], area: 25, iscrowd: 0 };
    await writeFile(file, JSON.stringify({ ...data, annotations: [more, ...data.annotations] }));
    await again(['4.png']);
    const { images } = await contents();
    expect(images.map(({ gts }) => gts.annotation[0])).toEqual([1, -1, 3, 4, 5, 6]);
  });

  it('refuses an image that is not there, and a run of another checkpoint', async () => {
    await expect(again(['9.png'])).rejects.toThrow('an id of the run and of its data set');
    model.sha256 = 'other';
    await expect(again(['4.png'])).rejects.toThrow('mine anew: checkpoint (sha256)');
  });
});

describe('a shard', () => {
  it('is mined anew as the shard it is, and expects no image that has left', async () => {
    await mineRun({ ...options, shard: { index: 0, count: 2 }, force: true }, () => undefined);
    const before = await contents();
    const ids = before.images.map(({ summary }) => summary.id);
    expect(ids.length).toBeGreaterThan(1);
    const [first, gone] = ids.map((id) => Number.parseInt(id, 10));
    await writeData(
      [0, 1, 2, 3, 4, 5].filter((i) => i !== gone),
      { [first]: 4 },
    );
    const mined = { ...minedFrom({ path: options.outPath, manifest: before.manifest }), resume: false };
    const result = await mineRun({ ...mined, remine: 'changed' }, () => undefined);
    expect(result).toMatchObject({ numDone: ids.length - 1, remined: { numAnew: 1, numGone: 1 } });
    const { shard } = (await contents()).manifest.dataset;
    expect(shard).toEqual({ index: 0, count: 2, numImages: ids.length - 1 });
  });
});

describe('the old run', () => {
  const files = async () => (await readdir(folder)).filter((name) => name.includes('ohem')).sort();

  it('is as it was where the model fails, and where a person stops it', async () => {
    const before = await readFile(options.outPath);
    await writeData([0, 1, 2, 3, 4, 5], { 4: 5 });
    model.fails = true;
    await expect(again('changed')).rejects.toThrow('the device is lost');
    model.fails = false;
    const stop = new AbortController();
    stop.abort();
    expect(await again('changed', stop.signal)).toMatchObject({ state: 'stopped', numDone: 6 });
    expect(await readFile(options.outPath)).toEqual(before);
    expect(await files()).toEqual(['it.ohem']);
  });

  it('gets its place from what a killed attempt left, but not over another unfinished run', async () => {
    await writeData([0, 1, 2, 3, 4, 5], { 4: 5 });
    const old = await readFile(options.outPath);
    await writeFile(`${options.outPath}.part`, old.subarray(0, old.length / 2));
    await again('changed');
    expect(await files()).toEqual(['it.ohem']);
    await mineRun({ ...options, outPath: path.join(folder, 'other.ohem') }, () => undefined);
    await writeFile(`${options.outPath}.part`, await readFile(path.join(folder, 'other.ohem')));
    await expect(again(['4.png'])).rejects.toThrow('an unfinished run that is to replace this one');
    expect(await files()).toContain('it.ohem.part');
  });

  it('must be there', async () => {
    await rm(options.outPath);
    await expect(again('changed')).rejects.toThrow('run-file: open');
  });
});
