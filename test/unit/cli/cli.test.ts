/** The bundled `ohem` as a person calls it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPTION_KEYS, OPTIONS } from '../../../src/core/mining/mining-options.js';
import { flagOf } from '../../../src/core/option-specs.js';
import { lockFile } from '../../../src/files/lock.js';
import { rangeOf } from '../run/range-of.js';
import { createRun, openRun } from '../../../src/run/file/run-store.js';
import { VERSION } from '../../../src/run/file/written-by.js';
import { buildCli } from '../../built-cli.js';
import type { BuiltCli, Outcome } from '../../built-cli.js';
import { sampleImage, sampleManifest } from '../arrow/run-sample.js';

const root = path.join(import.meta.dirname, '../../..');
let built: BuiltCli;
let cli: string;
let ohem: BuiltCli['ohem'];
let folder: string;
let run: string;

beforeAll(async () => {
  built = await buildCli();
  ({ path: cli, ohem } = built);
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-cli-'));
  run = path.join(folder, 'it.ohem');
  const { dataset } = sampleManifest();
  const writer = await createRun(run, sampleManifest({ dataset: { ...dataset, numImages: 2 } }));
  await writer.append(sampleImage('a, "b"\u001b[31m.jpg', 5, 2));
  await writer.append(sampleImage('c.jpg', 3, 0));
  await writer.finish();
  await writer.close();
}, 120_000);
afterAll(async () => {
  await built.remove();
  await rm(folder, { recursive: true, force: true });
});

describe('ohem', () => {
  it('tells every option with its default, out of the one list', async () => {
    const { stdout, status } = await ohem('mine', '--help');
    const text = stdout.replace(/\s+/g, ' ');
    expect(status).toBe(0);
    for (const key of OPTION_KEYS)
      expect(text).toMatch(new RegExp(`--${flagOf(key)} <\\w+> .*default ${OPTIONS[key].default ?? 'none'}`));
  });

  it('ends with 75 where another try may go well: a file that another process writes', async () => {
    const out = path.join(folder, 'busy.ohem');
    const lock = await lockFile(out);
    const { status, stderr } = await ohem('mine', '--checkpoint', 'a', '--data', 'b', '--out', out);
    lock.release();
    expect([status, stderr]).toEqual([75, expect.stringMatching(/one that another process writes/)]);
  });

  it('knows its version', async () => {
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
    expect((await ohem('--version')).stdout).toBe(`${version}\n`);
  });

  const wrong: [args: string[], line: RegExp][] = [
    [['show'], /missing required argument 'run'/],
    [['show', 'x', '--tpo', '3'], /unknown option '--tpo'/],
    [['mien'], /unknown command 'mien'/],
    [['mine'], /required option '--data <path>' not specified/],
    [
      ['mine', '--data', 'b', '--out', 'c'],
      /options: --checkpoint: expected one of --checkpoint and --predictions, rec/,
    ],
    [['mine', '--predictions', 'a.pkl', '--checkpoint', 'a', '--data', 'b', '--out', 'c'], /received both/],
    [['show', 'none.ohem'], /run-file: open: .*ENOENT/],
    [['show', 'RUN', '--batch-size', '-1'], /options: batch-size: expected an integer in \[0, 1000000\], received -1/],
    [['show', 'RUN', '--batch-size', 'many'], /options: batch-size: .*received "many"/],
    [['show', 'RUN', '--keep-rate', '0'], /options: keep-rate: expected a number in \(0, 1\], received 0/],
    [['show', 'RUN', '--preset', 'papper'], /options: preset: expected one of paper, .*received "papper"/],
    [['show', 'RUN', '--top', '1.5'], /expected an integer of at least 0/],
    [
      ['mine', '--checkpoint', 'a', '--data', 'b', '--out', 'c', '--measure', 'sigma=x'],
      /options: measure "sigma": expected a number, received "x"/,
    ],
    [
      ['mine', '--checkpoint', 'a', '--data', 'b', '--out', 'c', '--resume', '--force'],
      /expected one of --resume and --force/,
    ],
  ];
  for (const [args, line] of wrong) {
    it(`says in one line what is wrong: ${args.join(' ')}`, async () => {
      const { status, stdout, stderr } = await ohem(...args.map((arg) => (arg === 'RUN' ? run : arg)));
      expect(stderr).toMatch(line);
      expect(stderr.trim().split('\n')).toHaveLength(1);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    });
  }
});

describe('ohem show', () => {
  it('ranks RoIs over the whole run', async () => {
    const { stdout } = await ohem('show', run, '--preset', 'all', '--top', '3', '--format', 'json');
    const { rois } = JSON.parse(stdout) as { rois: { image: string; row: number; loss: number }[] };
    expect(rois).toHaveLength(3);
    expect(rois.map(({ loss }) => loss)).toEqual(rois.map(({ loss }) => loss).sort((a, b) => b - a));
    expect(rois[0]).toMatchObject({ image: 'a, "b"\u001b[31m.jpg', image_index: 0, rank: 1 });
  });

  it('prints a table in which names cannot move the cursor', async () => {
    const { stdout, status } = await ohem('show', run, '--top', '2');
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toMatch(/offline proxy: frozen checkpoint/);
  });

  it('ranks images', async () => {
    const { stdout } = await ohem('show', run, '--by', 'image', '--format', 'csv');
    expect(stdout.split('\n')[1]).toMatch(/^"a, ""b""\u001b\[31m\.jpg",5,2,/);
  });

  it("decides anew with mining flags, on top of the run's own configuration", async () => {
    const { stdout } = await ohem('show', run, '--batch-size', '2', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ config: { preset: 'paper', batchSize: 2 }, rois: { length: 2 } });
  });
});

describe('ohem export', () => {
  it('writes every selected RoI and no ignored one, to a file or to standard output', async () => {
    const out = path.join(folder, 'rois.csv');
    expect((await ohem('export', run, '--preset', 'all', '--out', out)).stderr).toBe('6 rows\n');
    const text = await readFile(out, 'utf8');
    expect(text.split('\n')[0]).toMatch(/^image,image_index,row,rank,status,label,predicted,/);
    expect((await ohem('export', run, '--preset', 'all')).stdout).toBe(text);
    const { stdout } = await ohem('export', run, '--preset', 'all', '--format', 'json');
    expect((JSON.parse(stdout) as { rois: object[] }).rois).toHaveLength(6);
  });

  it('replaces no file unless told to, and never the run that it reads, however that is spelled', async () => {
    const notes = path.join(folder, 'notes.txt');
    await writeFile(notes, 'mine');
    const linked = path.join(folder, 'linked.csv');
    await symlink(run, linked);
    const before = await readFile(run);
    const same = path.join(folder, '..', path.basename(folder), path.basename(run));
    for (const [out, line] of [
      [[notes], /^options: output: expected a new file, received one that exists .*notes\.txt\)/],
      [[run], /expected a file that is no input, received the input/],
      [[run, '--force'], /expected a file that is no input, received the input/],
      [[same, '--force'], /expected a file that is no input, received the input/],
      [[linked, '--force'], /expected a file that is no input, received the input/],
      [['/dev/full', '--force'], /expected a regular file, received a device/],
      [[folder, '--force'], /expected a regular file, received a folder/],
    ] as const) {
      const { status, stderr } = await ohem('export', run, '--out', ...out);
      expect(stderr).toMatch(line);
      expect({ status, lines: stderr.trim().split('\n').length }).toEqual({ status: 2, lines: 1 });
    }
    expect(await readFile(run)).toEqual(before);
    expect(await readFile(notes, 'utf8')).toBe('mine');
    expect((await ohem('export', run, '--out', notes, '--force')).status).toBe(0);
    expect(await readFile(notes, 'utf8')).toMatch(/^image,image_index/);
  });
});

describe('ohem advise', () => {
  it('gives a verdict with its reason and evidence from the losses that a training wrote', async () => {
    const imported = path.join(folder, 'written.ohem');
    const dump = path.join(root, 'test/reference/dump-writers/detectron2.jsonl');
    expect((await ohem('import', dump, '--out', imported)).status).toBe(0);
    const asked = ['advise', imported, '--preset', 'released-code', '--batch-size', '2'];
    const { status, stdout } = await ohem(...asked, '--format', 'json');
    const told = JSON.parse(stdout) as { verdict: string; text: string; findings: { evidence: string }[] };
    expect(status).toBe(0);
    expect(told.verdict).toBe('against');
    expect(told.text).toMatch(/^mining would train on \d+ % foreground/);
    const { stdout: table } = await ohem(...asked);
    expect(table.split('\n').slice(0, 2)).toEqual([told.text, `evidence: ${told.findings[0].evidence}`]);
  });
});

describe('a run that is not finished', () => {
  const outputs: readonly (readonly string[])[] = [
    ['show', 'RUN'],
    ['show', 'RUN', '--format', 'csv'],
    ['show', 'RUN', '--by', 'image', '--format', 'json'],
    ['export', 'RUN'],
    ['export', 'RUN', '--format', 'json'],
    ['compare', 'RUN'],
    ['compare', 'RUN', '--format', 'json'],
    ['advise', 'RUN'],
    ['advise', 'RUN', '--format', 'json'],
    ['dynamics', 'RUN', 'RUN'],
    ['dynamics', 'RUN', 'RUN', '--format', 'csv'],
    ['dynamics', 'RUN', 'RUN', '--format', 'json'],
  ];

  async function readAll(path: string) {
    return Promise.all(outputs.map((args) => ohem(...args.map((arg) => (arg === 'RUN' ? path : arg)))));
  }
  const jsonsOf = (told: readonly Outcome[]) =>
    told.flatMap(({ stdout }, i) => (outputs[i].at(-1) === 'json' ? [JSON.parse(stdout) as unknown] : []));

  it('says so in every output: stopped by hand', async () => {
    const stopped = path.join(folder, 'stopped.ohem');
    const writer = await createRun(stopped, sampleManifest());
    await writer.append(sampleImage('a.jpg', 5, 2));
    await writer.finish();
    await writer.close();
    const told = await readAll(stopped);
    const lines = /^(run-file: images: expected 3 images of the data set, received 1 \(.*stopped\.ohem\)\n)+$/;
    for (const each of told) expect(each).toMatchObject({ status: 0, stderr: expect.stringMatching(lines) });
    for (const json of jsonsOf(told)) expect(json).toMatchObject({ complete: false });
    expect(jsonsOf(told)[0]).toMatchObject({ num_images: 1, num_in_dataset: 3 });
  });

  it('says so in every output, and by its exit status: killed or cut', async () => {
    const cut = path.join(folder, 'cut.ohem');
    const reader = await openRun(run);
    await reader.close();
    await writeFile(cut, (await readFile(run)).subarray(0, rangeOf(reader, 1).end - 8));
    const told = await readAll(cut);
    for (const each of told)
      expect(each).toMatchObject({ status: 2, stderr: expect.stringMatching(/received 1, and no end/) });
    expect(await ohem('check', cut)).toMatchObject({ status: 2, stdout: expect.stringContaining(', and no end: ') });
    for (const json of jsonsOf(told)) expect(json).toMatchObject({ complete: false });
  });

  it('is one that is, without a word', async () => {
    const told = await readAll(run);
    for (const each of told) expect(each).toMatchObject({ status: 0, stderr: '' });
    for (const json of jsonsOf(told)) expect(json).toMatchObject({ complete: true });
  });
});

describe('losses that are all NaN', () => {
  it('end ohem import with a warning and exit status 2; their images do not look easiest', async () => {
    const dump = path.join(folder, 'nan.jsonl');
    const header = { ohem_dump: 1, task: 'detection', classes: ['cat'], background: 0, activation: 'softmax' };
    const rois = { rois: [[0, 0, 5, 5]], label: [1], loss_loc: [0] };
    const nan = { image: 'nan.jpg', ...rois, loss_cls: ['NaN'] };
    const good = { image: 'good.jpg', ...rois, loss_cls: [0] };
    const lines = (...some: object[]) => some.map((line) => JSON.stringify(line)).join('\n');
    await writeFile(dump, lines(header, nan));
    const out = path.join(folder, 'nan.ohem');
    const all = await ohem('import', dump, '--out', out);
    expect(all.stderr).toMatch(/image nan\.jpg has no finite loss: 1 of 1 RoIs/);
    expect(all.stderr).toMatch(/mining: images: expected at least one with a finite loss, received 1 without one/);
    expect(all).toMatchObject({ status: 2, stdout: expect.stringContaining('1 without a finite loss') });
    await writeFile(dump, lines(header, nan, good));
    expect((await ohem('import', dump, '--out', out, '--force')).status).toBe(0);
    const { stdout } = await ohem('show', out, '--by', 'image', '--format', 'json');
    const { images } = JSON.parse(stdout) as { images: { id: string; error: string }[] };
    expect(images.map(({ id, error }) => [id, error])).toEqual([
      ['good.jpg', ''],
      ['nan.jpg', 'no finite loss'],
    ]);
  });
});

describe('ohem check and ohem salvage', () => {
  it('name what is damaged and keep the rest; show and export tell that they left it out', async () => {
    expect(await ohem('check', run)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^.*it\.ohem: 2 of \d+ images: nothing is damaged\n$/),
    });
    const broken = path.join(folder, 'broken.ohem');
    const bytes = await readFile(run);
    const reader = await openRun(run);
    await reader.close();
    bytes[rangeOf(reader, 0).end - 100] ^= 1;
    await writeFile(broken, bytes);
    expect(await ohem('check', broken)).toMatchObject({
      status: 2,
      stdout: expect.stringMatching(/images: 1 damaged\n {2}image 0 a, .*bytes that have changed.*\n$/),
    });
    for (const command of ['show', 'export']) {
      const told = await ohem(command, broken);
      expect(told).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^run-file: images: .*damage in 0 .*\n$/),
      });
      expect(told.stdout).toContain('c.jpg');
    }
    const kept = path.join(folder, 'kept.ohem');
    expect(await ohem('salvage', broken, '--out', kept)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/kept\.ohem: 1 images, 1 left out\n$/),
    });
    expect((await ohem('check', kept)).status).toBe(0);
    expect(await ohem('salvage', broken, '--out', broken, '--force')).toMatchObject({ status: 2 });
  });
});

describe('ohem sample', () => {
  it('prints nothing when the dump is wrong at its end', async () => {
    const dump = path.join(folder, 'dump.jsonl');
    const header = JSON.stringify({ ohem_dump: 1, task: 'classification', classes: ['a', 'b'], background: null });
    const good = JSON.stringify({ image: 'x', label: 1, loss_cls: 2 });
    await writeFile(dump, [header, ...Array<string>(50).fill(good), '{"image":"y","label":9}'].join('\n'));
    const { status, stdout, stderr } = await ohem('sample', dump, '--preset', 'top-rate');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^dump: line 52: label: expected an integer in \[-1, 1\], received 9 \(.*dump\.jsonl\)\n$/);
  });

  it('prints a table: each minibatch with its counts, hardest first', async () => {
    const dump = path.join(folder, 'table.jsonl');
    const header = { ohem_dump: 1, task: 'detection', classes: ['cat'], background: 0, activation: 'softmax' };
    const images = [
      {
        image: 'a.jpg',
        rois: [
          [0, 0, 10, 10],
          [0, 0, 10, 9],
          [50, 0, 60, 10],
        ],
        label: [1, 1, 0],
        loss_cls: [1, 2, 'NaN'],
        loss_loc: [0.25, 0.5, 0],
      },
      { image: 'b\u001b[31m.jpg', rois: [[0, 0, 5, 5]], label: [-1], loss_cls: [3], loss_loc: [0] },
    ];
    await writeFile(dump, [header, ...images].map((line) => JSON.stringify(line)).join('\n'));
    const { status, stdout } = await ohem('sample', dump, '--preset', 'paper', '--format', 'table');
    expect(status).toBe(0);
    expect(stdout).toBe(`preset paper

a.jpg, b\ufffd[31m.jpg
1 selected, 1 nms-suppressed, 0 below-budget, 1 ignored, 1 invalid; mean over the selected: cls 2.0000, loc 0.5000
rank  image       row  status            loss     cls     loc  suppressed by
   0  a.jpg         1  selected        2.5000  2.0000  0.5000
   1  a.jpg         0  nms-suppressed  1.2500  1.0000  0.2500              1
   –  a.jpg         2  invalid            NaN     NaN  0.0000
   –  b\ufffd[31m.jpg    0  ignored            NaN  3.0000  0.0000
`);
  });
});

const shared = path.join(root, '../shared');
const hasShared =
  existsSync(path.join(shared, 'checkpoints/yolox-nano-onnx')) && existsSync(path.join(shared, 'data/coco-cc-train'));

describe.skipIf(!hasShared)(
  `ohem mine with a real checkpoint${hasShared ? '' : ' (skipped: ../shared is not there)'}`,
  () => {
    const inputs = [
      '--checkpoint',
      path.join(shared, 'checkpoints/yolox-nano-onnx'),
      '--data',
      path.join(shared, 'data/coco-cc-train'),
    ];

    it('mines, and leaves what it wrote alone', async () => {
      const out = path.join(folder, 'three.ohem');
      const { status, stdout, stderr } = await ohem('mine', ...inputs, '--out', out, '--limit', '3');
      expect(stderr).toMatch(/yolox on onnxruntime/);
      expect({ status, stdout }).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/three\.ohem: 3 images, \d/),
      });
      const again = await ohem('mine', ...inputs, '--out', out, '--limit', '3');
      expect(again).toMatchObject({ status: 2, stderr: expect.stringMatching(/expected a new file/) });
    });

    for (const [signal, complete] of [
      ['SIGINT', true],
      ['SIGKILL', false],
    ] as const) {
      it(`keeps what there is at ${signal}, and goes on with --resume`, async () => {
        const out = path.join(folder, `${signal}.ohem`);
        const child = spawn(process.execPath, [cli, 'mine', ...inputs, '--out', out], { stdio: 'ignore' });
        const ended = new Promise((resolve) => child.on('exit', (code, by) => resolve(code ?? by)));
        while ((await stat(out).catch(() => ({ size: 0 }))).size < 1_000_000 && child.exitCode === null)
          await sleep(20);
        child.kill(signal);
        expect(await ended).toBe(signal === 'SIGINT' ? 130 : 'SIGKILL');
        const before = await openRun(out);
        await before.close();
        expect(before.complete).toBe(complete);
        const numBefore = before.images.length;
        expect(numBefore).toBeGreaterThan(1);
        expect((await ohem('mine', ...inputs, '--out', out, '--resume', '--limit', String(numBefore + 2))).status).toBe(
          0,
        );
        const after = await openRun(out);
        await after.close();
        expect(after.images).toHaveLength(numBefore + 2);
        expect(after.images.slice(0, numBefore)).toEqual([...before.images]);
      });
    }
  },
);
