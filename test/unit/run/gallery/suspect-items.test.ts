/** The queue "Check the Label" as the gallery serves it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { allocateGtTable, allocateRoiTable, NONE } from '../../../../src/core/tables.js';
import type { RunManifest } from '../../../../src/core/facts/run-manifest.js';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import type { GalleryQuery } from '../../../../src/protocol/gallery-messages.js';
import { decide } from '../../../../src/run/decisions/decisions.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { GalleryShelf } from '../../../../src/run/gallery/open-gallery.js';
import { sampleImage, sampleManifest, sampleSummary } from '../../arrow/run-sample.js';

let folder: string;
let runPath: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-suspects-'));
  runPath = path.join(folder, 'it.ohem');
});
afterEach(() => rm(folder, { recursive: true }));

const query: GalleryQuery = { kind: 'suspects', where: {}, sort: 'doubt', group: null };
const page = { query, first: 0, most: 9 };

async function write(images: readonly RunImage[], changes: Partial<RunManifest> = {}): Promise<void> {
  const writer = await createRun(runPath, sampleManifest(changes));
  for (const image of images) await writer.append(image);
  await writer.finish();
  await writer.close();
}

/** @param tell is told of images read; what it throws is not caught. */
function open(shelf: GalleryShelf, tell: (numDone: number) => void, signal = new AbortController().signal) {
  const source = { runPath, mining: resolveConfig('top-rate'), backgroundBelow: 0.05 };
  const watch = { tell: ({ numDone }: { readonly numDone: number }) => tell(numDone), warn: () => undefined };
  return shelf.open(source, { kind: 'suspects', besideOf: runPath }, watch, signal);
}

/** An image of a classifier: `label` as it is annotated, `said` what the checkpoint says with the score. */
function example(id: string, label: number, said: number, score: number): RunImage {
  const rois = allocateRoiTable(1, 3, 'float32');
  rois.gtClass[0] = label;
  rois.predClass[0] = rois.topClass[0] = said;
  rois.score[0] = rois.topScore[0] = score;
  rois.lossCls[0] = 1;
  const gts = allocateGtTable(1);
  gts.gtClass[0] = label;
  gts.annotation[0] = 5;
  return { summary: sampleSummary(id, 1, 1), rois, gts };
}

describe('labels to check of a detector', () => {
  const numImages = 120;
  beforeEach(() => write(Array.from({ length: numImages }, (_, i) => sampleImage(`${i}.jpg`, 4, 1))));

  it('tell how far the run is read for them, after it was read for its items, and once', async () => {
    const shelf = new GalleryShelf();
    const told: number[] = [];
    await open(shelf, (numDone) => told.push(numDone));
    expect(told.slice(-2)).toEqual([50, 100]);
    expect(told.length).toBeGreaterThan(2);
    const before = told.length;
    await open(shelf, (numDone) => told.push(numDone));
    expect(told).toHaveLength(before);
  });

  it('are stopped between two images; the next time all are read', async () => {
    const shelf = new GalleryShelf();
    const stop = new AbortController();
    const told: number[] = [];
    // Its items have been read by then.
    const hear = (numDone: number) => told.push(numDone) > 1 && numDone === 50 && stop.abort();
    await expect(open(shelf, hear, stop.signal).then(() => 'opened')).rejects.toThrow('aborted');
    expect(told.at(-1)).toBe(50);
    expect((await open(shelf, () => undefined)).query(query).suspects).toMatchObject({ numImages, complete: true });
  });
});

describe('labels to check of a classifier', () => {
  const surely = example('sure.png', 0, 2, 0.99);
  const hardly = example('unsure.png', 1, 0, 0.4);

  it('are the images that are taken for another class, the surest first; a verdict is on the image', async () => {
    await write([hardly, example('right.png', 2, 2, 0.9), surely], { task: 'classification' });
    const shelf = new GalleryShelf();
    const gallery = await open(shelf, () => undefined);
    const answer = gallery.query(query);
    expect(answer).toMatchObject({ numItems: 2, numShown: 2, suspects: { sure: null, numImages: 3, numFailed: 0 } });
    expect(gallery.page(page)).toMatchObject([
      { imageIndex: 2, row: NONE, gt: NONE, label: 0, prediction: 2, suspicion: { kind: 'disagreement' } },
      { imageIndex: 0, row: NONE, gt: NONE, label: 1, prediction: 0 },
    ]);
    await decide(runPath, 'Ada', [{ target: { image: 'sure.png' }, decision: { verdict: 'label-class', note: '' } }]);
    const [first] = (await open(shelf, () => undefined)).page(page);
    expect(first?.decision).toMatchObject({ image: 'sure.png', verdict: 'label-class' });
  });

  it('are counted by the confusion of label and prediction, and filtered by it', async () => {
    await write([hardly, surely], { task: 'classification' });
    const gallery = await open(new GalleryShelf(), () => undefined);
    expect([...gallery.query(query).confusion].sort()).toEqual([
      [0, 2, 1],
      [1, 0, 1],
    ]);
    expect(gallery.query({ ...query, where: { label: [1] } }).numShown).toBe(1);
  });
});
