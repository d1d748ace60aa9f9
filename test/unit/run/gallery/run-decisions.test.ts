import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import { targetOfRow } from '../../../../src/core/triage/placed-decisions.js';
import type { GalleryQuery } from '../../../../src/protocol/gallery-messages.js';
import { decide } from '../../../../src/run/decisions/decisions.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { GalleryShelf } from '../../../../src/run/gallery/open-gallery.js';
import { RunDecisions } from '../../../../src/run/gallery/run-decisions.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
let runPath: string;
const images = [sampleImage('a.jpg', 8, 2), sampleImage('b.jpg', 8, 2)];
const { classes } = sampleManifest();
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-run-decisions-'));
  runPath = path.join(folder, 'it.ohem');
  const writer = await createRun(runPath, sampleManifest());
  for (const image of images) await writer.append(image);
  await writer.finish();
  await writer.close();
});
afterEach(() => rm(folder, { recursive: true }));

const rowOf = (image: number, what: 'object' | 'roi', row: number) => {
  const target = targetOfRow(images[image].summary.id, images[image], classes, what, row);
  if (target === undefined) throw new Error('no such row');
  return target;
};

it('are filtered and counted in the gallery, as they are now', async () => {
  const shelf = new GalleryShelf();
  const source = {
    runPath,
    mining: resolveConfig('top-b', { batchSize: 6, imagesPerBatch: 2 }),
    backgroundBelow: 0.05,
  };
  const watch = { tell: () => undefined, warn: () => undefined };
  const ask = async (query: Partial<GalleryQuery>) => {
    const asked: GalleryQuery = { kind: 'rois', where: {}, sort: 'loss', group: null, ...query };
    const about = { kind: asked.kind, besideOf: runPath };
    const gallery = await shelf.open(source, about, watch, new AbortController().signal);
    const items = gallery.page({ query: asked, first: 0, most: 500 });
    return { items, verdicts: gallery.query(asked).facets.find(({ id }) => id === 'verdict')?.values ?? [] };
  };
  const before = await ask({});
  expect(before.verdicts).toEqual([{ code: 0, name: 'undecided', count: 6 }]);
  const [{ imageIndex, row }] = before.items;
  await decide(runPath, 'Ada', [
    { target: rowOf(imageIndex, 'roi', row), decision: { verdict: 'not-hard', note: 'fine' } },
    { target: { image: 'b.jpg' }, decision: { verdict: 'ignore', note: '' } },
  ]);
  const after = await ask({});
  expect(after.verdicts.map(({ name, count }) => [name, count])).toEqual([
    ['undecided', 5],
    ['not-hard', 1],
  ]);
  expect(after.items[0].decision).toMatchObject({ verdict: 'not-hard', note: 'fine', by: 'Ada' });
  const { items: decided } = await ask({ where: { verdict: [after.verdicts[1].code] } });
  expect(decided).toEqual([after.items[0]]);
  expect((await ask({ kind: 'images' })).items.map(({ decision }) => decision?.verdict)).toContain('ignore');
  await decide(runPath, 'Ada', [{ target: rowOf(imageIndex, 'roi', row), decision: null }]);
  expect((await ask({})).verdicts).toEqual(before.verdicts);
});

it('are the same object until they change', async () => {
  const decisions = new RunDecisions();
  await decide(runPath, 'Ada', [{ target: rowOf(0, 'object', 1), decision: { verdict: 'hard', note: '' } }]);
  const first = await decisions.read(runPath, runPath);
  expect([...first.keys()]).toEqual([0]);
  expect(first.get(0)?.object.get(1)).toMatchObject({ verdict: 'hard' });
  expect(await decisions.read(runPath, runPath)).toBe(first);
  await decide(runPath, 'Ada', [{ target: { image: 'gone.jpg' }, decision: { verdict: 'hard', note: '' } }]);
  expect([...(await decisions.read(runPath, runPath)).keys()]).toEqual([0]);
});
