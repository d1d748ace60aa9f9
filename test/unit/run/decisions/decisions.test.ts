import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { authorOf } from '../../../../src/run/decisions/author.js';
import { changeDecisionFile } from '../../../../src/run/decisions/decision-file.js';
import { decide, decisionsFolder, readDecisions } from '../../../../src/run/decisions/decisions.js';
import type { Verdict } from '../../../../src/core/triage/decisions.js';
import { createRun } from '../../../../src/run/file/run-store.js';
import { buildCli, type BuiltCli } from '../../../built-cli.js';
import { sampleImage, sampleManifest } from '../../arrow/run-sample.js';

let folder: string;
let run: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'ohem-decisions-'));
  run = path.join(folder, 'it.ohem');
});
afterEach(() => rm(folder, { recursive: true }));

const say = (author: string, image: string, verdict: Verdict | null, now = '2026-11-27T10:00:00.000Z', note = '') =>
  decide(run, author, [{ target: { image }, decision: verdict === null ? null : { verdict, note } }], now);
const verdicts = async () => (await readDecisions(run)).decisions.map(({ image, verdict }) => [image, verdict]);

describe('decisions', () => {
  it('are none beside a run that nobody looked at', async () => {
    expect(await readDecisions(run)).toEqual({ decisions: [], faults: [] });
  });

  it('are a sorted line a target and author; the latest counts, and is taken back by its author', async () => {
    await say('Ada L.', 'b.jpg', 'hard');
    await say('Ada L.', 'a.jpg', 'ignore');
    await say('Ada L.', 'b.jpg', 'not-hard', '2026-11-27T11:00:00.000Z');
    await say('李雷', 'b.jpg', 'label-class', '2026-11-27T12:00:00.000Z');
    expect((await readdir(decisionsFolder(run))).sort()).toEqual(['.gitattributes', 'ada-l.jsonl', '李雷.jsonl']);
    const lines = (await readFile(path.join(decisionsFolder(run), 'ada-l.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).image)).toEqual(['a.jpg', 'b.jpg']);
    expect(await verdicts()).toEqual([
      ['a.jpg', 'ignore'],
      ['b.jpg', 'label-class'],
    ]);
    await say('李雷', 'b.jpg', null);
    expect(await verdicts()).toEqual([
      ['a.jpg', 'ignore'],
      ['b.jpg', 'not-hard'],
    ]);
  });

  it('that git left on two lines are one, the later, after a write of another target', async () => {
    await say('Ada', 'a.jpg', 'hard', '2026-11-27T12:00:00.000Z');
    const file = path.join(decisionsFolder(run), 'ada.jsonl');
    const line = (await readFile(file, 'utf8')).replace('"hard"', '"ignore"').replace('T12', 'T11');
    await appendFile(file, line);
    await say('Ada', 'b.jpg', 'hard');
    expect(await verdicts()).toEqual([
      ['a.jpg', 'hard'],
      ['b.jpg', 'hard'],
    ]);
  });

  it('of people whose names make the same file name are kept apart', async () => {
    await say('J. Doe', 'a.jpg', 'hard');
    await say('J Doe', 'a.jpg', 'ignore', '2026-11-27T11:00:00.000Z');
    expect(await verdicts()).toEqual([['a.jpg', 'ignore']]);
    await say('J Doe', 'a.jpg', null);
    expect(await verdicts()).toEqual([['a.jpg', 'hard']]);
  });

  it('whose time no clock tells hide no others', async () => {
    await say('Ada', 'a.jpg', 'hard');
    const file = path.join(decisionsFolder(run), 'aaa.jsonl');
    await writeFile(
      file,
      (await readFile(path.join(decisionsFolder(run), 'ada.jsonl'), 'utf8'))
        .replace('"hard"', '"ignore"')
        .replace('10:00:00.000Z', '10:00:00+01'),
    );
    const { decisions, faults } = await readDecisions(run);
    expect(decisions.map(({ verdict }) => verdict)).toEqual(['hard']);
    expect(faults).toEqual([expect.stringMatching(/at: expected a time.*aaa\.jsonl:1/)]);
  });

  it('are not asked of a file that is none', async () => {
    await say('Ada', 'a.jpg', 'hard');
    await writeFile(path.join(decisionsFolder(run), 'junk.jsonl'), 'x\n'.repeat(1000));
    const { decisions, faults } = await readDecisions(run);
    expect(decisions).toHaveLength(1);
    expect(faults).toHaveLength(101);
    expect(faults[100]).toContain('line 101');
  });

  it('in a folder that cannot be listed are not none', async () => {
    await writeFile(decisionsFolder(run), '');
    expect((await readDecisions(run)).faults).toEqual([expect.stringContaining('ENOTDIR')]);
  });

  it('of one process at once wait for each other', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, i) => say('Ada', `${i}.jpg`, 'hard')));
    expect(await verdicts()).toHaveLength(12);
  });

  it('that could not be read again are refused, and nothing is written', async () => {
    const box = [Number.NaN, 0, 1, 1] as const;
    const change = { target: { image: 'a.jpg', roi: { label: 'cat', box } }, decision: { verdict: 'hard', note: '' } };
    await expect(decide(run, 'Ada', [change as never])).rejects.toThrow('roi.box.0');
    expect(await verdicts()).toEqual([]);
  });

  it('are read past what is damaged, but a file with such a line is not replaced', async () => {
    await say('Ada', 'a.jpg', 'hard');
    const file = path.join(decisionsFolder(run), 'ada.jsonl');
    await appendFile(file, '<<<<<<< HEAD\n{"image":"b.jpg","verdict":"maybe"}\n');
    const { decisions, faults } = await readDecisions(run);
    expect(decisions).toHaveLength(1);
    expect(faults).toEqual([expect.stringContaining('line 2'), expect.stringContaining('verdict')]);
    await expect(say('Ada', 'c.jpg', 'hard')).rejects.toThrow('Mend or remove the line');
    expect(await readFile(file, 'utf8')).toContain('<<<<<<< HEAD');
  });

  it('that git brings between reading and replacing are kept; where it never ends, the write is refused', async () => {
    await say('Ada', 'a.jpg', 'hard');
    const file = path.join(decisionsFolder(run), 'ada.jsonl');
    const line = await readFile(file, 'utf8');
    const lineOf = (n: number) => line.replace('a.jpg', `${n}.jpg`);
    let calls = 0;
    const merging = (times: number) =>
      changeDecisionFile(file, (decisions) => {
        if (calls++ < times) writeFileSync(file, line + lineOf(calls));
        return decisions.map((each) => ({ ...each, note: 'mine' }));
      });
    await merging(1);
    const found = (await readFile(file, 'utf8'))
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    expect(found.map(({ image, note }) => [image, note])).toEqual([
      ['1.jpg', 'mine'],
      ['a.jpg', 'mine'],
    ]);
    await expect(merging(Infinity)).rejects.toThrow(/expected a file that nobody writes/);
    expect(await readFile(file, 'utf8')).toBe(line + lineOf(calls));
    expect(await readdir(decisionsFolder(run))).toHaveLength(2);
  });

  it.skipIf(process.platform === 'win32')('names what is no file', async () => {
    await mkdir(path.join(decisionsFolder(run), 'folder.jsonl'), { recursive: true });
    await symlink('/dev/zero', path.join(decisionsFolder(run), 'zero.jsonl'));
    expect(await readDecisions(run)).toEqual({
      decisions: [],
      faults: [expect.stringContaining('a folder'), expect.stringContaining('a device')],
    });
  });
});

describe('decisions of two people', () => {
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: 'pipe' });
  const commit = (message: string) => {
    git('add', '-A');
    git('commit', '-qm', message);
  };

  it('merge without a conflict, those of one on two machines too', async () => {
    git('init', '-q', '-b', 'main');
    git('config', 'user.name', 'Ada');
    git('config', 'user.email', 'ada@example.com');
    expect(await authorOf(run)).toBe('Ada');
    await say('Ada', 'a.jpg', 'hard');
    commit('start');
    git('checkout', '-qb', 'bob');
    await say('Bob', 'a.jpg', 'not-hard', '2026-11-27T11:00:00.000Z');
    await say('Ada', 'a.jpg', 'ignore', '2026-11-27T12:00:00.000Z', 'at home');
    commit('bob');
    git('checkout', '-q', 'main');
    await say('Ada', 'a.jpg', 'label-box', '2026-11-27T10:30:00.000Z');
    await say('Ada', 'c.jpg', 'hard');
    commit('ada');
    git('merge', '-q', '--no-edit', 'bob');
    expect(git('status', '--porcelain')).toBe('');
    const { decisions, faults } = await readDecisions(run);
    expect(faults).toEqual([]);
    expect(decisions.map(({ image, verdict, by }) => [image, verdict, by])).toEqual([
      ['a.jpg', 'ignore', 'Ada'],
      ['c.jpg', 'hard', 'Ada'],
    ]);
  });
});

describe('ohem decide', () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await buildCli();
  }, 60_000);
  afterAll(() => cli.remove());
  beforeEach(async () => {
    const writer = await createRun(run, sampleManifest());
    await writer.append(sampleImage('x.jpg', 9, 2));
    await writer.append(sampleImage('y.jpg', 9, 2));
    await writer.finish();
    await writer.close();
  });

  it('names objects and RoIs, and chooses what is exported', async () => {
    const by = ['--author', 'Ada'];
    expect(await cli.ohem('decide', run, '--image', 'x.jpg', '--object', '1', '--verdict', 'label-box', ...by)).toEqual(
      { status: 0, stdout: 'x.jpg: label-box (Ada)\n', stderr: '' },
    );
    await cli.ohem('decide', run, '--image', 'y.jpg', '--roi', '2', '--verdict', 'hard', '--note', 'a bus', ...by);
    const { stdout } = await cli.ohem('decisions', run, '--format', 'json');
    expect(JSON.parse(stdout).decisions).toMatchObject([
      { image: 'x.jpg', object: { annotation: 8, label: 'dog' }, verdict: 'label-box', by: 'Ada' },
      { image: 'y.jpg', roi: { box: expect.any(Array) } },
    ]);
    const exported = await cli.ohem('export', run, '--format', 'image-list', '--verdict', 'label-box,ignore');
    expect(exported.stdout).toMatch(/^\S*x\.jpg\n$/);
    const wrong = await cli.ohem('export', run, '--verdict', 'maybe');
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('expected some of hard, not-hard')]);
    const beyond = await cli.ohem('decide', run, '--image', 'x.jpg', '--roi', '9', '--verdict', 'hard');
    expect([beyond.status, beyond.stderr]).toEqual([2, expect.stringContaining('row: expected below 9')]);
  }, 60_000);

  it('finds an object again in a run that was made again, where it stands a little elsewhere', async () => {
    const of = (...args: string[]) => cli.ohem('decide', run, '--image', 'x.jpg', '--author', 'Ada', ...args);
    await of('--object', '1', '--verdict', 'label-box');
    await of('--object', '0', '--verdict', 'hard');
    await rm(run);
    const writer = await createRun(run, sampleManifest());
    const { summary, rois, gts } = sampleImage('x.jpg', 9, 2);
    await writer.append({ summary, rois, gts: { ...gts, x1: gts.x1.map((x) => x + 0.2) } });
    await writer.finish();
    await writer.close();
    await of('--object', '1', '--clear');
    await of('--object', '0', '--verdict', 'ignore');
    const { decisions } = await readDecisions(run);
    expect(decisions).toMatchObject([{ object: { annotation: 7, box: [0.5, 1.3, 2.3, 3.3] }, verdict: 'ignore' }]);
  }, 60_000);

  it('that is killed costs no decision', async () => {
    await say('Ada', 'x.jpg', 'hard');
    const args = [
      'decide',
      run,
      '--image',
      'y.jpg',
      '--author',
      'Ada',
      '--verdict',
      'hard',
      '--note',
      'x'.repeat(1999),
    ];
    for (let delay = 100; delay <= 450; delay += 50) {
      const child = spawn(process.execPath, [cli.path, ...args], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await sleep(delay);
      child.kill('SIGKILL');
      await ended;
      const { decisions, faults } = await readDecisions(run);
      expect(faults).toEqual([]);
      expect(decisions[0]).toMatchObject({ image: 'x.jpg', verdict: 'hard' });
    }
    await say('Ada', 'z.jpg', 'hard');
    expect((await verdicts()).map(([image]) => image)).toContain('z.jpg');
  }, 60_000);

  it('survives a run that is made again', async () => {
    await say('Ada', 'x.jpg', 'hard');
    await rm(run);
    await writeFile(run, '');
    expect(await verdicts()).toEqual([['x.jpg', 'hard']]);
  });
});
