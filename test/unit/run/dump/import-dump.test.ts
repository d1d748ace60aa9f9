import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { concatRoiTables } from '../../../../src/core/concat-roi-tables.js';
import type { MiningConfig } from '../../../../src/core/mining/mining-options.js';
import type { PresetId } from '../../../../src/core/mining/samplers/index.js';
import { defaultConfig, resolveConfig, selectHardExamples } from '../../../../src/core/mining/select.js';
import { NUM_TOP, STATUS_NAMES } from '../../../../src/core/tables.js';
import { encodePng } from '../../../../src/dataset/pixels/decode-image.js';
import type { WorkerEvent } from '../../../../src/protocol/worker-messages.js';
import { readDumpFileFacts } from '../../../../src/run/dump/dump-file-facts.js';
import { importDump } from '../../../../src/run/dump/import-dump.js';
import type { ImportOptions } from '../../../../src/run/dump/import-dump.js';
import { sampleDump } from '../../../../src/run/dump/sample-dump.js';
import { readAll } from '../read-all.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-import-'));
});
afterEach(() => rm(folder, { recursive: true }));

const HEADER = { ohem_dump: 1, task: 'detection', classes: ['cat', 'dog'], background: 0, activation: 'softmax' };
const IMAGE = {
  image: 'a.png',
  width: 60,
  height: 40,
  rois: [
    [0, 0, 10, 10],
    [20, 0, 30, 12],
  ],
  label: [1, 0],
  loss_cls: [0.5, 0.1234567890123],
  loss_loc: [0.25, 3],
};

async function writeDump(lines: readonly object[]): Promise<string> {
  const file = path.join(folder, 'dump.jsonl');
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

interface Imported extends Awaited<ReturnType<typeof readAll>> {
  readonly events: readonly WorkerEvent[];
}

async function imported(dumpPath: string, changes: Partial<ImportOptions> = {}): Promise<Imported> {
  const events: WorkerEvent[] = [];
  const outPath = path.join(folder, 'run.ohem');
  await importDump({ dumpPath, images: null, outPath, miningOf: defaultConfig, force: true, ...changes }, (event) =>
    events.push(event),
  );
  return { events, ...(await readAll(outPath)) };
}

describe('an import that was stopped', () => {
  it('goes on to the images of an uninterrupted one, of the same dump only', async () => {
    const lines = [HEADER, ...['a.png', 'b.png', 'a.png', 'c.png'].map((image) => ({ ...IMAGE, image }))];
    const dumpPath = await writeDump(lines);
    const options = { dumpPath, images: null, miningOf: () => resolveConfig('paper', { imagesPerBatch: 1 }) };
    const whole = path.join(folder, 'whole.ohem');
    await importDump({ ...options, outPath: whole }, () => {});
    const outPath = path.join(folder, 'stopped.ohem');
    const stop = new AbortController();
    const stopAt = (event: WorkerEvent) => event.event === 'image' && stop.abort();
    expect(await importDump({ ...options, outPath }, stopAt, stop.signal)).toMatchObject({ state: 'stopped' });
    expect(await importDump({ ...options, outPath, resume: true }, () => {})).toMatchObject({ numDone: 4 });
    expect((await readAll(outPath)).images).toEqual((await readAll(whole)).images);

    await writeDump([...lines, { ...IMAGE, image: 'd.png' }]);
    const before = await readFile(outPath);
    await expect(importDump({ ...options, outPath, resume: true }, () => {})).rejects.toThrow('data set (sha256)');
    expect(await readFile(outPath)).toEqual(before);
  });
});

describe('importDump', () => {
  it("keeps a training run's own numbers, in float64", async () => {
    const { manifest, images, complete } = await imported(await writeDump([HEADER, IMAGE]));
    expect(manifest).toMatchObject({
      task: 'detection',
      precision: 'float64',
      lossSource: 'training',
      checkpoint: null,
      backend: null,
      measure: null,
      classes: ['cat', 'dog'],
    });
    expect(manifest.dataset).toMatchObject({ kind: 'dump', imageRoot: folder, numImages: 1 });
    expect(manifest.mining).toEqual(resolveConfig('paper'));
    expect(complete).toBe(true);
    const [{ rois, gts, summary }] = images;
    expect([...rois.lossCls]).toEqual([0.5, 0.1234567890123]);
    expect([...rois.lossLoc]).toEqual([0.25, 3]);
    // Background 0 of the dump is K here.
    expect([...rois.gtClass]).toEqual([0, 2]);
    expect([...rois.entropy, ...rois.el2n].every(Number.isNaN)).toBe(true);
    expect(gts.numGts).toBe(0);
    expect(summary).toMatchObject({
      id: 'a.png',
      path: '',
      width: 60,
      height: 40,
      numRois: 2,
      numForeground: 1,
      numSelected: 2,
      lossMax: 0.75,
      entropy: -1,
      mistakenness: -1,
    });
  });

  it('fills scores, entropy and EL2N from logits', async () => {
    const logits = [
      [0, 0, 0],
      [5, 0, -5],
    ];
    const { images, manifest } = await imported(await writeDump([HEADER, { ...IMAGE, loss_cls: undefined, logits }]));
    const [{ rois, summary }] = images;
    expect(rois.lossCls[0]).toBeCloseTo(Math.log(3), 14);
    expect(rois.entropy[0]).toBeCloseTo(Math.log(3), 6);
    expect(rois.el2n[0]).toBeCloseTo(Math.sqrt(4 / 9 + 1 / 9 + 1 / 9), 6);
    expect(rois.el2n[1]).toBeLessThan(0.02);
    expect([...rois.topClass.subarray(NUM_TOP, NUM_TOP + 3)]).toEqual([2, 0, 1]);
    expect(summary.entropy).toBeCloseTo(Math.log(3), 6);
    expect(manifest.notes).toContain('class losses from the logits');
  });

  it('shows foreground with the object that it overlaps most where the dump does not match', async () => {
    const gt = [
      { box: [18, 0, 30, 12], label: 1 },
      { box: [0, 0, 9, 10], label: 2 },
      { box: [0, 0, 10, 8], label: 1, crowd: true },
    ];
    const dump = {
      ...IMAGE,
      rois: [
        [0, 0, 10, 10],
        [20, 0, 30, 12],
        [20, 0, 30, 12],
      ],
      label: [1, 1, 0],
      loss_cls: [1, 1, 1],
      loss_loc: [0, 0, 0],
      gt,
    };
    const { images, manifest } = await imported(
      await writeDump([HEADER, dump, { ...dump, matched_gt: [1, -1, -1], image: 'b.png' }]),
    );
    expect([...images[0].rois.gtIndex]).toEqual([2, 0, -1]);
    expect([...images[1].rois.gtIndex]).toEqual([1, -1, -1]);
    expect([...images[0].gts.gtClass]).toEqual([0, 1, 0]);
    expect(manifest.notes.join()).toContain('no matched_gt');
  });

  it('makes a classified example one RoI that covers its image', async () => {
    await encodePng({ width: 5, height: 3, data: new Uint8Array(45) }, path.join(folder, 'x.png'));
    const header = { ohem_dump: 1, task: 'classification', classes: ['no', 'yes'], activation: 'softmax' };
    const lines = [
      { image: 'x.png', label: 1, logits: [0, 0] },
      { image: 'gone.png', label: 0, loss_cls: 2 },
      { image: 'x.png', label: -1, logits: [9, 0] },
    ];
    const { images, manifest } = await imported(await writeDump([header, ...lines]));
    expect(manifest).toMatchObject({ task: 'classification', mining: defaultConfig('classification') });
    expect(images.map(({ summary }) => summary.id)).toEqual(['x.png', 'gone.png', 'x.png (2)']);
    const [first, second, third] = images;
    expect(first.summary).toMatchObject({
      path: path.join(folder, 'x.png'),
      width: 5,
      height: 3,
      numGts: 1,
      numForeground: 1,
    });
    expect([
      first.rois.x2[0],
      first.rois.y2[0],
      first.gts.x2[0],
      first.gts.y2[0],
      first.rois.gtIndex[0],
      first.rois.iou[0],
    ]).toEqual([5, 3, 5, 3, 0, 1]);
    expect(first.rois.lossCls[0]).toBeCloseTo(Math.LN2, 14);
    expect(first.rois.entropy[0]).toBeCloseTo(Math.LN2, 6);
    expect(second.summary).toMatchObject({ path: '', width: 0, numForeground: 1 });
    expect(second.rois.entropy[0]).toBeNaN();
    expect(third.summary).toMatchObject({ numForeground: 0, numGts: 0 });
    expect(third.rois.gtClass[0]).toBe(-1);
  });

  it('finds images in the given folder, by absolute names, and never outside by relative ones', async () => {
    await mkdir(path.join(folder, 'images'));
    await writeFile(path.join(folder, 'images', 'a.png'), 'no picture');
    await writeFile(path.join(folder, 'secret.png'), 'no picture');
    const names = ['a.png', '../secret.png', path.join(folder, 'secret.png'), 'images', 'no\0.png', 'sub/../a.png'];
    const { images } = await imported(await writeDump([HEADER, ...names.map((image) => ({ ...IMAGE, image }))]), {
      images: path.join(folder, 'images'),
    });
    const a = path.join(folder, 'images', 'a.png');
    expect(images.map(({ summary }) => summary.path)).toEqual([a, '', path.join(folder, 'secret.png'), '', '', a]);
    expect(images[0].summary).toMatchObject({ id: 'a.png', width: 60 });
  });

  it('takes images without RoIs, ignored RoIs and losses that are no numbers', async () => {
    const none = { image: 'none.png', rois: [], label: [], loss_cls: [] };
    const odd = {
      image: 'odd.png',
      rois: [
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [5, 5, 5, 5],
      ],
      label: [-1, 0, 1],
      loss_cls: [1, 'NaN', 'Infinity'],
    };
    const { images } = await imported(await writeDump([HEADER, none, odd]));
    expect(images[0].summary).toMatchObject({ numRois: 0, numSelected: 0, lossSum: 0 });
    expect(images[1].summary).toMatchObject({ numRois: 3, numIgnored: 1, numInvalid: 2, numSelected: 0 });
    expect([...images[1].rois.lossCls]).toEqual([1, Number.NaN, Infinity]);
  });

  it('tells the watcher what mining tells', async () => {
    const { events } = await imported(await writeDump([HEADER, IMAGE, { ...IMAGE, image: 'b.png' }]));
    expect(events.map(({ event }) => event)).toEqual(['progress', 'opened', 'image', 'image', 'progress']);
    expect(events.at(-1)).toMatchObject({ progress: { state: 'done', numDone: 2, numTotal: 2, backend: '' } });
  });

  it('stops when asked and keeps what it has', async () => {
    const dumpPath = await writeDump([
      HEADER,
      ...Array.from({ length: 9 }, (_, i) => ({ ...IMAGE, image: `${i}.png` })),
    ]);
    const stop = new AbortController();
    const outPath = path.join(folder, 'stopped.ohem');
    const result = await importDump(
      { dumpPath, images: null, outPath, miningOf: defaultConfig },
      ({ event }) => event === 'image' && stop.abort(),
      stop.signal,
    );
    expect(result).toEqual({ state: 'stopped', numDone: 1, numFailed: 0, numWithoutLoss: 0 });
    expect((await readAll(outPath)).complete).toBe(true);
  });

  it('names the line that is wrong and keeps the images before it', async () => {
    const dumpPath = await writeDump([HEADER, IMAGE, { ...IMAGE, label: [7, 0] }]);
    await expect(imported(dumpPath)).rejects.toThrow(
      'dump: line 3: label[0]: expected an integer in [-1, 2], received 7',
    );
    const { images, complete } = await readAll(path.join(folder, 'run.ohem'));
    expect([images.length, complete]).toEqual([1, false]);
  });

  it.each([
    ['an empty dump', [HEADER], 'images: expected at least one image, received none'],
    ['a broken header', [{ ohem_dump: 2 }], 'ohem_dump: expected 1, received 2'],
    ['a broken first line', [HEADER, { image: 'a.png' }], 'line 2: rois: expected a list, received nothing'],
  ])('leaves nothing behind for %s', async (_, lines, expected) => {
    await expect(imported(await writeDump(lines))).rejects.toThrow(expected);
    await expect(stat(path.join(folder, 'run.ohem'))).rejects.toThrow('ENOENT');
  });

  it('leaves an existing run alone unless told', async () => {
    const dumpPath = await writeDump([HEADER, IMAGE]);
    await imported(dumpPath);
    await expect(imported(dumpPath, { force: false })).rejects.toThrow('expected a new file, received one that exists');
    expect((await imported(dumpPath)).images).toHaveLength(1);
  });
});

describe('an imported dump', () => {
  const dumps = path.join(import.meta.dirname, '../../../reference/dump');
  const presets: [PresetId, Partial<MiningConfig>][] = [
    ['paper', { batchSize: 8 }],
    ['released-code', { batchSize: 8 }],
    ['top-b', { batchSize: 8 }],
    ['top-rate', { keepRate: 0.3 }],
    ['mmdet', { num: 6 }],
    ['tf-od', {}],
    ['random', { seed: 3, batchSize: 6 }],
    ['all', {}],
  ];

  it.each(presets)('is decided as ohem sample decides the dump: %s', async (preset, options) => {
    const config = resolveConfig(preset, options);
    const dumpPath = path.join(dumps, 'case-0.jsonl');
    const { text: json } = await sampleDump(dumpPath, config);
    const expected = (JSON.parse(json.join('')) as { batches: { keep_num: number; rois: { status: string }[] }[] })
      .batches;
    const { images } = await imported(dumpPath, { miningOf: () => config });
    for (const [b, { keep_num, rois }] of expected.entries()) {
      const batch = images.slice(b * config.imagesPerBatch, (b + 1) * config.imagesPerBatch);
      const selection = selectHardExamples(concatRoiTables(batch.map((image) => image.rois)), config);
      expect(Array.from(selection.status, (status) => STATUS_NAMES[status])).toEqual(rois.map(({ status }) => status));
      expect(batch.reduce((sum, { summary }) => sum + summary.numSelected, 0)).toBe(keep_num);
    }
  });

  it('is the same from NPZ', async () => {
    const fromLines = await imported(path.join(dumps, 'case-0.jsonl'));
    const fromArrays = await imported(path.join(dumps, 'case-0.npz'));
    expect(
      fromArrays.images.map(({ rois, summary }) => [
        summary.id,
        [...rois.lossCls],
        [...rois.lossLoc],
        [...rois.gtClass],
        [...rois.entropy],
      ]),
    ).toEqual(
      fromLines.images.map(({ rois, summary }) => [
        summary.id,
        [...rois.lossCls],
        [...rois.lossLoc],
        [...rois.gtClass],
        [...rois.entropy],
      ]),
    );
    expect(fromArrays.manifest.dataset.numImages).toBe(fromLines.manifest.dataset.numImages);
  });
});

describe('readDumpFileFacts', () => {
  it.each([
    ['', 0],
    ['a', 1],
    ['a\n', 1],
    ['a\n\n  \r\nb\r\n \t', 2],
    [`${'x'.repeat(3_000_000)}\n${' '.repeat(2_000_000)}y`, 2],
  ])('counts lines and hashes', async (text, numLines) => {
    const file = path.join(folder, 'lines.txt');
    await writeFile(file, text);
    expect(await readDumpFileFacts(file)).toEqual({
      numLines,
      sha256: createHash('sha256')
        .update(await readFile(file))
        .digest('hex'),
    });
  });

  it('says when there is no file', async () => {
    await expect(readDumpFileFacts(path.join(folder, 'none'))).rejects.toThrow(
      'dump: file: expected a file that can be read',
    );
  });
});
