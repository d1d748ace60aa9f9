import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunImage } from '../../../../src/arrow/encode-run.js';
import { resolveConfig } from '../../../../src/core/mining/select.js';
import type { STATUS_NAMES } from '../../../../src/core/tables.js';
import { Status } from '../../../../src/core/tables.js';
import type { MiningConfig } from '../../../../src/core/mining/mining-options.js';
import { NO_FILTERS } from '../../../../src/core/triage/row-filters.js';
import { detect, DETECTING } from '../../../../src/core/triage/detections.js';
import type { MineOptions } from '../../../../src/protocol/mining-requests.js';
import { decideRun, readImage, withRun } from '../../../../src/run/file/read-run.js';
import { explainRoi } from '../../../../src/run/agents/explain-roi.js';
import { selectionText } from '../../../../src/run/export/export-selection.js';
import { mergeShards } from '../../../../src/run/mine/merge-shards.js';
import { mineRun } from '../../../../src/run/mine/mine-run.js';

const SAMPLE = path.join(import.meta.dirname, '../../../../media/sample');
const NUM_KEPT = 48;
const LATER = new Date(Date.now() + 60_000);
const MINING = resolveConfig('paper', { batchSize: 16 });
let folder: string;
const at = (name: string) => path.join(folder, `${name}.ohem`);

function mine(name: string, changes: Partial<MineOptions> = {}) {
  const options = {
    checkpointPath: path.join(SAMPLE, 'checkpoint'),
    datasetPath: path.join(SAMPLE, 'instances.json'),
    dataset: { images: SAMPLE },
    outPath: at(name),
    mining: MINING,
    measure: {},
    backend: null,
    limit: 4,
    resume: false,
    ...changes,
  };
  return mineRun(options, () => undefined);
}

/** Summaries, and of each image the selected RoIs by their place among all. */
function answers(name: string, mining = MINING) {
  return withRun(at(name), async (run) => {
    const selected: number[][] = [];
    for await (const { rois, selection } of decideRun(run, mining))
      selected.push(
        Array.from(
          selection.order.filter((row) => selection.status[row] === Status.selected),
          (row) => rois.roiIndex[row],
        ),
      );
    return { images: [...run.images], selected };
  });
}

function imagesOf(name: string): Promise<RunImage[]> {
  return withRun(at(name), (run) => Promise.all(run.images.map((_, i) => readImage(run, i))));
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-keep-'));
  await mine('all', { keepRois: null });
  await mine('kept', { keepRois: NUM_KEPT });
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

it('a run with the hardest RoIs has the summaries and the selection of the whole one, in fewer bytes', async () => {
  expect(await answers('kept')).toEqual(await answers('all'));
  const [all, kept] = await Promise.all([stat(at('all')), stat(at('kept'))]);
  expect(kept.size).toBeLessThan(0.8 * all.size);
});

it('a smaller budget is answered as by the whole run, one that needs more is refused', async () => {
  const fewer = resolveConfig('paper', { batchSize: 8, nmsThreshold: 0.5 });
  expect(await answers('kept', fewer)).toEqual(await answers('all', fewer));
  await expect(answers('kept', resolveConfig('all'))).rejects.toThrow(
    /^mining: budget: .*hardest RoIs that the run keeps.*--keep-rois all/,
  );
});

it('says in its manifest how many it keeps; a run of all RoIs is as it was before', async () => {
  await withRun(at('kept'), async ({ manifest }) => expect(manifest).toMatchObject({ ohemRun: 2, keepRois: NUM_KEPT }));
  await withRun(at('all'), async ({ manifest }) => {
    expect(manifest.ohemRun).toBe(1);
    expect(manifest).not.toHaveProperty('keepRois');
  });
});

it('has the detections of the whole image, or says that it has not', async () => {
  const sure = { ...DETECTING, scoreThreshold: 0.6 };
  const found = (name: string) => withRun(at(name), async (run) => detect((await readImage(run, 0)).rois, sure).score);
  expect(await found('kept')).toEqual(await found('all'));
  const any = { scoreThreshold: 0, iouThreshold: 1, most: 10_000 };
  await withRun(at('kept'), async (run) => {
    const { rois } = await readImage(run, 0);
    expect(() => detect(rois, any)).toThrow(/^mining: detections: .*--keep-rois all/);
  });
});

it('a resumed run keeps what it kept, and refuses another number', async () => {
  await mine('resumed', { keepRois: NUM_KEPT, limit: 2 });
  await expect(mine('resumed', { resume: true, keepRois: 100 })).rejects.toThrow('RoIs kept of an image: expected 48');
  await mine('resumed', { resume: true });
  expect(await answers('resumed')).toEqual(await answers('kept'));
});

it('a run with the hardest RoIs, mined anew where data changed, is as if mined now; so are merged shards', async () => {
  const datasetPath = path.join(folder, 'instances.json');
  const text = await readFile(path.join(SAMPLE, 'instances.json'), 'utf8');
  const mining = resolveConfig('released-code', { batchSize: 16, imagesPerBatch: 2, keepRate: 0.05 });
  const changes = { datasetPath, keepRois: NUM_KEPT, mining };
  const shards = [0, 1].map((index) => ({ name: `renewed-${index}`, shard: { index, count: 2 } }));
  const mineAll = async (more: Partial<MineOptions>) => {
    await mine('renewed', { ...changes, ...more });
    for (const { name, shard } of shards) await mine(name, { ...changes, shard, ...more });
  };
  await writeFile(datasetPath, text);
  await mineAll({});
  const before = await imagesOf('renewed');
  expect(before.some(({ rois }) => rois.rests !== undefined)).toBe(true);
  const data = JSON.parse(text) as { images: { id: number }[]; annotations: { image_id: number; bbox: number[] }[] };
  const moved = new Set([0, 2, 3].map((i) => data.images[i].id));
  for (const { image_id: image, bbox } of data.annotations) if (moved.has(image)) bbox[2] *= 0.7;
  await writeFile(datasetPath, JSON.stringify(data));
  await utimes(datasetPath, LATER, LATER);
  await mineAll({ remine: 'changed' });
  await mine('now', changes);
  const now = await imagesOf('now');
  expect(now).not.toEqual(before);
  expect(await imagesOf('renewed')).toEqual(now);
  await mergeShards({ shards: shards.map(({ name }) => at(name)), outPath: at('renewed-merged') }, () => undefined);
  expect(await imagesOf('renewed-merged')).toEqual(now);
  expect(await answers('renewed-merged', mining)).toEqual(await answers('now', mining));
});

it('a run whose preset looks at no loss keeps all', async () => {
  await mine('random', { keepRois: NUM_KEPT, mining: resolveConfig('random'), limit: 1 });
  await withRun(at('random'), async (run) => expect((await readImage(run, 0)).rois.rests).toBeUndefined());
});

it('says where ranks, rows or a draw differ from those of all RoIs', async () => {
  const explained = async (name: string) => {
    const runs = { root: folder, list: () => Promise.resolve([at(name)]) };
    return JSON.stringify(await explainRoi.answer({ image: 0, row: 0 }, runs));
  };
  expect(await explained('kept')).toContain('the run keeps the hardest RoIs of an image only');
  expect(await explained('all')).not.toContain('"note"');
  const lines = async (name: string, mining: MiningConfig, statuses: readonly (typeof STATUS_NAMES)[number][]) => {
    const scope = { of: 'rows', background: 'background', statuses, filters: NO_FILTERS } as const;
    const choice = { mining, backgroundBelow: 0.5, order: 'sum', most: null, scope } as const;
    return (await selectionText(at(name), choice, 'csv')).shortfall.lines.join('\n');
  };
  const draw = resolveConfig('random', { batchSize: 4, imagesPerBatch: 2 });
  expect(await lines('kept', draw, ['selected'])).toMatch(/random draws background from the sample/);
  expect(await lines('all', draw, ['selected'])).not.toContain('draws');
  expect(await lines('kept', MINING, ['selected', 'below-budget'])).toContain('those that the run keeps');
  expect(await lines('kept', MINING, ['selected'])).not.toContain('keeps');
});
