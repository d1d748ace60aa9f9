/** import, compare, dynamics and show of examples, as a person calls them. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
// Inside the repository, so that native packages are found.
const cli = path.join(root, 'out', `test-measures-${process.pid}.mjs`);
let folder: string;

beforeAll(async () => {
  const { BUNDLES } = (await import('../../../esbuild.mjs')) as { BUNDLES: Record<string, object> };
  await build({
    ...BUNDLES['cli'],
    absWorkingDir: root,
    outdir: path.dirname(cli),
    entryPoints: { [path.basename(cli, '.mjs')]: 'src/cli/cli.ts' },
    logLevel: 'error',
    sourcemap: false,
    legalComments: 'none',
  });
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-measures-'));
}, 120_000);
afterAll(async () => {
  await rm(cli, { force: true });
  await rm(folder, { recursive: true, force: true });
});

function ohem(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [cli, ...args], { encoding: 'utf8', cwd: folder }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** Imports one epoch of a classifier. */
async function epoch(name: string, logits: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const header = { ohem_dump: 1, task: 'classification', classes: ['cat', 'dog'], activation: 'softmax' };
  const lines = Object.entries(logits).map(([image, row]) => ({
    image,
    label: image.startsWith('cat') ? 0 : 1,
    logits: row,
  }));
  await writeFile(
    path.join(folder, `${name}.jsonl`),
    [header, ...lines].map((line) => JSON.stringify(line)).join('\n'),
  );
  expect(await ohem('import', `${name}.jsonl`, '--out', `${name}.ohem`)).toMatchObject({
    status: 0,
    stdout: `${name}.ohem: 3 images\n`,
  });
}

describe("a classifier's epochs", () => {
  beforeAll(async () => {
    await epoch('one', { 'cat-1.png': [2, 0], 'cat-2.png': [0, 3], 'dog.png': [0, 4] });
    await epoch('two', { 'cat-1.png': [-1, 0], 'cat-2.png': [0, 1], 'dog.png': [0, 5] });
  }, 60_000);

  it('are imported with notes, and never over a file', async () => {
    const again = await ohem('import', 'one.jsonl', '--out', 'one.ohem');
    expect(again).toMatchObject({ status: 2, stdout: '' });
    expect(again.stderr).toMatch('run-file: create: expected a new file, received one that exists');
    const { stderr } = await ohem('import', 'one.jsonl', '--out', 'one.ohem', '--force');
    expect(stderr).toContain('note: class losses from the logits');
  });

  it('show their examples hardest first', async () => {
    const { stdout } = await ohem('show', 'one.ohem', '--preset', 'all');
    const [head, header, first, second] = stdout.split('\n');
    expect(head).toBe('3 images · preset all · losses from training');
    expect(header.trim().split(/ {2,}/)).toEqual([
      'image',
      'label → predicted',
      'score',
      'loss',
      'entropy',
      'margin',
      'EL2N',
      'status',
    ]);
    expect(first.split(/ {2,}/)).toEqual([
      '1',
      'cat-2.png',
      'cat → dog',
      '0.95',
      '3.049',
      '0.191',
      '-0.905',
      '1.347',
      'selected',
    ]);
    expect(second).toContain('cat-1.png');
  });

  it('show images by mistakenness', async () => {
    const { stdout } = await ohem(
      'show',
      'one.ohem',
      '--by',
      'image',
      '--order',
      'mistakenness',
      '--format',
      'csv',
      '--top',
      '1',
    );
    expect(stdout.split('\n')[1]).toMatch(/^cat-2\.png,.*,0\.97/);
  });

  it('give the dynamics of every example', async () => {
    const { stdout, stderr } = await ohem('dynamics', 'one.ohem', 'two.ohem');
    expect(stderr).toBe('');
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['2 runs · 3 images, 2 learned at some run, 1 forgotten at least once'],
      ['image', 'label', 'AUM', 'forgotten', 'first learned'],
      ['1', 'cat-2.png', 'cat', '-2.000', '0', 'never'],
      ['2', 'cat-1.png', 'cat', '0.500', '1', 'run 1'],
      ['3', 'dog.png', 'dog', '4.500', '0', 'run 1'],
      [''],
    ]);
    const csv = await ohem(
      'dynamics',
      'one.ohem',
      'two.ohem',
      '--order',
      'forgetting',
      '--format',
      'csv',
      '--top',
      '2',
    );
    expect(csv.stdout.split('\n')[0]).toBe('image,gt_index,label,aum,forgotten,first_learned');
    expect(csv.stdout.split('\n')[1]).toMatch(/^cat-2\.png,,cat,-[12]\.\d+,0,$/);
    const json = JSON.parse((await ohem('dynamics', 'one.ohem', 'two.ohem', '--format', 'json')).stdout) as {
      examples: { image: string; gt_index: null }[];
    };
    expect(json.examples.map(({ image, gt_index }) => [image, gt_index])).toEqual([
      ['cat-2.png', null],
      ['cat-1.png', null],
      ['dog.png', null],
    ]);
    expect(await ohem('dynamics', 'one.ohem')).toMatchObject({ status: 2, stdout: '' });
  });

  it('are compared under two presets', async () => {
    const { stdout } = await ohem(
      'compare',
      'one.ohem',
      '--a',
      'all',
      '--b',
      'top-rate:keep-rate=0.34,images-per-batch=3',
    );
    expect(stdout).toContain('both 1 · only a 2 · only b 0 · neither 0 · overlap (Jaccard) 0.333');
    expect(stdout.split('\n')[1].trim().split(/ {2,}/)).toEqual(['preset', 'all', 'top-rate']);
    const { total } = JSON.parse(
      (await ohem('compare', 'one.ohem', '--a', 'all', '--b', 'all', '--format', 'json')).stdout,
    ) as { total: object };
    expect(total).toMatchObject({ both: 3, overlap: 1, a: { lossCovered: 1 } });
  });

  it.each([
    [['--b', 'nothing'], 'options: preset: expected one of paper'],
    [['--a', 'all:nothing=1'], 'options: a: expected options of batch-size'],
    [['--a', 'paper:batch-size=-1'], 'options: batch-size: expected an integer in [0, 1000000], received -1'],
    [['--top', '-1'], 'expected an integer of at least 0'],
  ])('refuse %j', async (flags, expected) => {
    const { status, stdout, stderr } = await ohem('compare', 'one.ohem', ...flags);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

it('a dump that is no dump is refused in one line', async () => {
  await writeFile(path.join(folder, 'no.jsonl'), '{"images": []}');
  const { status, stderr } = await ohem('import', 'no.jsonl', '--out', 'no.ohem');
  expect(status).toBe(2);
  expect(stderr).toMatch(/^dump: line 1: ohem_dump: expected 1, received nothing \(.*no\.jsonl\)\n$/);
});
