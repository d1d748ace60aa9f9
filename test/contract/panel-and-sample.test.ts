import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MiningConfig } from '../../src/core/mining/mining-options.js';
import { PRESET_IDS, type PresetId } from '../../src/core/mining/samplers/index.js';
import { defaultConfig, resolveConfig } from '../../src/core/mining/select.js';
import { samplerOf } from '../../src/core/mining/samplers/index.js';
import { seededRandom } from '../../src/core/seeded-random.js';
import type { DecisionTarget } from '../../src/core/triage/decisions.js';
import { targetOfRow } from '../../src/core/triage/placed-decisions.js';
import { Status, STATUS_NAMES } from '../../src/core/tables.js';
import { importDump } from '../../src/run/dump/import-dump.js';
import { decide, readDecisions } from '../../src/run/decisions/decisions.js';
import { exportSelection, selectionText } from '../../src/run/export/export-selection.js';
import { openRun, type RunReader } from '../../src/run/file/run-store.js';
import { hardestRois } from '../../src/run/query/hardest.js';
import { minedColumns } from '../../src/run/query/summarise-run.js';
import { BLANK_SUMMARY } from '../../src/core/facts/run-manifest.js';
import { DerivedImages } from '../../src/core/facts/image-list.js';
import { sampleDump } from '../../src/run/dump/sample-dump.js';
import { PANEL_REQUESTS, type PanelHost } from '../../src/protocol/panel-messages.js';
import { fakeHost } from '../unit/webview/fake-host.js';
import { createActions } from '../../webview/state/actions.js';
import { createModel } from '../../webview/state/create-model.js';
import type { ImageSelection } from '../../webview/rows/image-selection.js';
import { missingImages } from '../../webview/rows/minibatch.js';
import { receiveExamples, receiver, receiveRois } from '../../webview/state/receive.js';

/** What `ohem sample` says of one RoI. */
interface RoiAnswer {
  readonly image: number;
  readonly status: string;
  readonly rank: number | null;
  readonly loss: number | null;
  readonly suppressed_by: number | null;
}
interface BatchAnswer {
  readonly images: readonly string[];
  readonly keep_num: number;
  readonly rois: readonly RoiAnswer[];
}

const NUM_IMAGES = 5;
const folder = { path: '' };
const runs: Partial<Record<'detection' | 'classification', RunReader>> = {};

beforeAll(async () => {
  folder.path = await mkdtemp(path.join(tmpdir(), 'ohem-equal-'));
  await writeFile(dumpOf('detection'), detectionDump(seededRandom(7).next));
  await writeFile(dumpOf('classification'), classificationDump(seededRandom(8).next));
  for (const task of ['detection', 'classification'] as const) {
    const outPath = path.join(folder.path, `${task}.ohem`);
    await importDump({ dumpPath: dumpOf(task), images: null, outPath, miningOf: defaultConfig }, () => {});
    runs[task] = await openRun(outPath);
  }
});
afterAll(async () => {
  await Promise.all(Object.values(runs).map((run) => run.close()));
  await rm(folder.path, { recursive: true });
});

const dumpOf = (task: 'detection' | 'classification') => path.join(folder.path, `${task}.jsonl`);

/**
 * Crowded images, so that mining NMS, every quota and every budget have something to decide; ties, ignored and invalid
 * rows too.
 */
function detectionDump(random: () => number): string {
  const image = (name: number) => {
    const rows = Array.from({ length: name === 2 ? 0 : 60 + 10 * name }, (_, row) => row);
    const label = rows.map(() => (random() < 0.05 ? -1 : random() < 0.3 ? 1 + Math.floor(2 * random()) : 0));
    const corner = rows.map(() => [Math.floor(30 * random()), Math.floor(20 * random())]);
    return {
      image: `${name}.png`,
      width: 100,
      height: 80,
      rois: corner.map(([x, y]) => [x, y, x + 20, y + 20 + Math.floor(4 * random())]),
      label,
      logits: rows.map((row) =>
        row % 17 === 3 ? [1, 2, 3] : row === 11 ? ['NaN', 0, 0] : [4 * random(), 4 * random(), 4 * random()],
      ),
      loss_loc: rows.map(() => 2 * random()),
      iou: label.map((id) => (id > 0 ? 0.5 + random() / 2 : random() / 2)),
    };
  };
  return lines(
    { ohem_dump: 1, task: 'detection', classes: ['cat', 'dog'], background: 0, activation: 'softmax' },
    Array.from({ length: NUM_IMAGES }, (_, i) => image(i)),
  );
}

function classificationDump(random: () => number): string {
  const example = (name: number) => ({
    image: `${name}.png`,
    label: name % 13 === 5 ? -1 : name % 3,
    logits: name % 10 === 1 ? [1, 0, 0] : [random(), 3 * random(), random()],
  });
  return lines(
    { ohem_dump: 1, task: 'classification', classes: ['a', 'b', 'c'], activation: 'softmax' },
    Array.from({ length: 90 }, (_, i) => example(i)),
  );
}

const lines = (header: object, rows: readonly object[]) =>
  [header, ...rows].map((line) => `${JSON.stringify(line)}\n`).join('');

async function sampled(task: 'detection' | 'classification', config: MiningConfig): Promise<BatchAnswer[]> {
  const { text } = await sampleDump(dumpOf(task), config);
  return (JSON.parse(text.join('')) as { batches: BatchAnswer[] }).batches;
}

/** The panel with a run open in it and the extension host's answers at hand. */
function openPanel(run: RunReader) {
  const model = createModel();
  const hear = receiver(model, null);
  const { host, said } = fakeHost<PanelHost>();
  const actions = createActions(model, host);
  hear.run({
    manifest: run.manifest,
    schema: run.schemaBytes,
    settings: { dim: 0, colourMap: 'inferno', backgroundBelow: 0 },
  });
  return { model, hear, actions, said };
}
type OpenPanel = ReturnType<typeof openPanel>;

async function selectionOf(run: RunReader, imageIndex: number, config: MiningConfig): Promise<ImageSelection> {
  const panel = openPanel(run);
  panel.actions.setMining(config);
  await showImage(panel, run, imageIndex);
  return decided(panel.model.selection.value, panel.model.decision.value.error);
}

/** Goes to an image and reads as many of its minibatch as the preset asks for. */
async function showImage({ model, hear }: OpenPanel, run: RunReader, imageIndex: number): Promise<void> {
  const imageBytes = async (index: number) => ({
    bytes: new Uint8Array(await run.readImageBytes(index)),
    row: run.rowOf(index),
  });
  hear.image({
    imageIndex,
    position: imageIndex,
    numImages: run.images.length,
    summary: run.images.at(imageIndex) ?? BLANK_SUMMARY,
    imageUri: null,
    imageNote: '',
    isElsewhere: false,
    ...(await imageBytes(imageIndex)),
  });
  for (const index of missingImages(model.minibatch.value, imageIndex, model.others.value))
    receiveRois(model, index, await imageBytes(index));
}

async function wholeSelection(run: RunReader, config: MiningConfig): Promise<ImageSelection> {
  const panel = openPanel(run);
  panel.actions.setMining(config);
  await showExamples(panel, run);
  return decided(panel.model.selection.value, panel.model.decision.value.error);
}

async function showExamples({ model }: OpenPanel, run: RunReader): Promise<void> {
  const { start: first = 0 } = run.ranges.at(0) ?? {};
  const end = run.ranges.last?.end ?? first;
  receiveExamples(model, {
    first: 0,
    places: run.ranges.map((range, i) => ({ start: range.start - first, end: range.end - first, row: run.rowOf(i) })),
    bytes: await run.readRange({ start: first, end }),
    uris: run.ranges.map(() => null),
    numImages: run.images.length,
  });
}

function decided(selection: ImageSelection | null, error: string): ImageSelection {
  if (selection === null) throw new Error(`no decision: ${error}`);
  return selection;
}

/** The panel's answer in the words of `ohem sample`. */
function answerOf({ status, lossRank, suppressedBy, rankLoss }: ImageSelection): Omit<RoiAnswer, 'image'>[] {
  const orNull = (index: number) => (index < 0 ? null : index);
  return Array.from(status, (code, row) => ({
    status: STATUS_NAMES[code],
    rank: orNull(lossRank[row]),
    loss: Number.isFinite(rankLoss[row]) ? rankLoss[row] : null,
    suppressed_by: orNull(suppressedBy[row]),
  }));
}

/**
 * The same for one image of a minibatch. A preset that decides each image alone is shown with the ranks of that image
 * alone.
 */
function expectedOf({ rois }: BatchAnswer, image: number, preset: PresetId): Omit<RoiAnswer, 'image'>[] {
  const own = rois.filter((roi) => roi.image === image);
  const ranks = own.flatMap(({ rank }) => rank ?? []).sort((a, b) => a - b);
  const rankOf = (rank: number | null) =>
    rank === null || samplerOf(preset).scope === 'minibatch' ? rank : ranks.indexOf(rank);
  return own.map(({ status, rank, loss, suppressed_by }) => ({ status, rank: rankOf(rank), loss, suppressed_by }));
}

const opened = (task: 'detection' | 'classification'): RunReader => {
  const run = runs[task];
  if (run === undefined) throw new Error('no run');
  return run;
};

/** Budgets that cut, for every preset; options that a preset does not read change nothing. */
const CUTTING = { batchSize: 31, num: 20, seed: 5, nmsThreshold: 0.6, scoreThreshold: 0.4 };

describe.each(PRESET_IDS)('%s: the panel decides what `ohem sample` decides', (preset) => {
  it.each([1, 2, 3])('in detection, %i images a minibatch', async (imagesPerBatch) => {
    for (const given of [
      { imagesPerBatch },
      { ...CUTTING, imagesPerBatch },
      { ...CUTTING, imagesPerBatch, keepRate: 0.29 },
    ]) {
      const config = resolveConfig(preset, given);
      const batches = await sampled('detection', config);
      expect(batches.flatMap(({ images }) => images)).toHaveLength(NUM_IMAGES);
      for (let index = 0; index < NUM_IMAGES; index++) {
        const selection = await selectionOf(opened('detection'), index, config);
        const batch = batches[Math.floor(index / imagesPerBatch)];
        expect(answerOf(selection)).toEqual(expectedOf(batch, index % imagesPerBatch, preset));
      }
    }
  });

  it.each([32, 90])('in classification, minibatches of %i images', async (imagesPerBatch) => {
    for (const given of [{}, { ...CUTTING, keepRate: 0.58 }]) {
      const config = resolveConfig(preset, { ...given, imagesPerBatch });
      const batches = await sampled('classification', config);
      const selection = await wholeSelection(opened('classification'), config);
      const expected = batches.flatMap((batch) => batch.images.flatMap((_, i) => expectedOf(batch, i, preset)));
      expect(answerOf(selection)).toEqual(expected);
      expect(selection.batchSelected).toBe(batches.reduce((sum, { keep_num }) => sum + keep_num, 0));
    }
  });
});

describe('a classification is decided in the same minibatches everywhere', () => {
  it.each([
    ['its own', undefined],
    ['others', 32],
  ])('%s: panel, tree, command line and exports', async (_, imagesPerBatch) => {
    const run = opened('classification');
    const config = imagesPerBatch === undefined ? run.manifest.mining : { ...run.manifest.mining, imagesPerBatch };
    const { status, lossRank } = await wholeSelection(run, config);
    const inPanel = [...status.keys()].filter((row) => status[row] === Status.selected);

    const inTree = new DerivedImages(run.images, await minedColumns(run.path, config));
    expect(indicesOf([...inTree], ({ numSelected }) => numSelected === 1)).toEqual(inPanel);

    const shown = await hardestRois(run, { mining: config, top: 90, classes: [], backgroundBelow: 0 });
    expect(shown.map(({ image_index, rank }) => [image_index, rank]).sort(([a = 0], [b = 0]) => a - b)).toEqual(
      inPanel.map((row) => [row, lossRank[row] + 1]),
    );

    const out = path.join(folder.path, `${imagesPerBatch}.json`);
    const choice = { mining: config, backgroundBelow: 0, order: 'sum', most: null } as const;
    await exportSelection(run.path, choice, { path: out, force: true, link: false }, 'json');
    const { rois } = JSON.parse(await readFile(out, 'utf8')) as { rois: { image_index: number }[] };
    expect(rois.map(({ image_index }) => image_index).sort((a, b) => a - b)).toEqual(inPanel);
  });
});

describe('what a panel shows is what it exports, by verdict too', () => {
  const hard = { verdict: 'hard', note: '' } as const;
  const decideOn = async ({ hear }: OpenPanel, run: RunReader, targets: readonly DecisionTarget[]) => {
    await decide(
      run.path,
      'Ada',
      targets.map((target) => ({ target, decision: hard })),
    );
    const { decisions } = await readDecisions(run.path);
    hear.decisions({ decisions, author: 'Ada', canUndo: false, canRedo: false });
  };
  /** Of what the panel has told the host to export, as the host and the engine process take it. */
  const exported = async ({ actions, said }: OpenPanel, run: RunReader) => {
    actions.exportSelection();
    const { mining, scope } = v.parse(PANEL_REQUESTS.exportSelection, said.at(-1));
    const { text } = await selectionText(
      run.path,
      { mining, scope, backgroundBelow: 0, order: 'sum', most: null },
      'json',
    );
    const { rois } = JSON.parse(text) as { rois: { image_index: number; row: number }[] };
    return rois.map(({ image_index, row }) => `${image_index} ${row}`).sort();
  };

  it.each(['hard', 'undecided'] as const)('RoIs of a list: %s', async (verdict) => {
    const run = opened('detection');
    const panel = openPanel(run);
    panel.actions.setMining(run.manifest.mining);
    await showImage(panel, run, 1);
    const { image, selection } = panel.model;
    const [first = 0, , third = 0] = selection.value?.order ?? [];
    const targets = [first, third].flatMap((row) =>
      image.value === null ? [] : (targetOfRow('1.png', image.value, run.manifest.classes, 'roi', row) ?? []),
    );
    await decideOn(panel, run, targets);
    panel.actions.setFilters({ verdict });
    const shown: string[] = [];
    for (let index = 0; index < NUM_IMAGES; index++) {
      await showImage(panel, run, index);
      panel.model.shown.value.forEach((is, row) => is === 1 && shown.push(`${index} ${row}`));
    }
    expect(shown.length).toBeGreaterThan(0);
    expect(await exported(panel, run)).toEqual(shown.sort());
  });

  it.each(['hard', 'undecided'] as const)('the grid of a classification: %s', async (verdict) => {
    const run = opened('classification');
    const panel = openPanel(run);
    panel.actions.setMining(run.manifest.mining);
    await showExamples(panel, run);
    await decideOn(panel, run, [{ image: '3.png' }, { image: '40.png' }]);
    panel.actions.setFilters({ verdict });
    const shown = [...panel.model.gridRows.value].map((row) => `${row} 0`).sort();
    expect(shown).toHaveLength(verdict === 'hard' ? 2 : 88);
    expect(await exported(panel, run)).toEqual(shown);
  });
});

function indicesOf<T>(items: readonly T[], keep: (item: T) => boolean): number[] {
  return [...items.keys()].filter((i) => keep(items[i]));
}
