import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Verdict } from '../../../../src/core/triage/decisions.js';
import { decide, decisionsFolder } from '../../../../src/run/decisions/decisions.js';

const { vscode, changed } = await vi.hoisted(async () => {
  const { FakeEventEmitter, FakeUri } = await import('../fake-vscode.js');
  const changed = new FakeEventEmitter<{ readonly fsPath: string }>();
  const watcher = {
    onDidCreate: changed.event,
    onDidChange: changed.event,
    onDidDelete: changed.event,
    dispose: () => undefined,
  };
  const RelativePattern = class {};
  const workspace = { createFileSystemWatcher: () => watcher };
  return { vscode: { EventEmitter: FakeEventEmitter, Uri: FakeUri, RelativePattern, workspace }, changed };
});
vi.mock('vscode', () => vscode);
const { DecisionBook } = await import('../../../../src/host/run/decision-book.js');

let folder: string;
let run: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ohem-book-'));
  execFileSync('git', ['init', '-q', folder]);
  execFileSync('git', ['-C', folder, 'config', 'user.name', 'Ada']);
  run = join(folder, 'it.ohem');
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = { showError: vi.fn() };
const open = () => new DecisionBook(run, log as never);
const say = (verdict: Verdict, image = 'a.jpg') => [{ target: { image }, decision: { verdict, note: '' } }];
const onDisk = () => readFileSync(join(decisionsFolder(run), 'ada.jsonl'), 'utf8');

it('has a decision on the disk when it has told of it, at every one of them', async () => {
  const book = open();
  for (const verdict of ['hard', 'ignore', 'label-box'] as const) {
    let told = '';
    const stop = book.onDidChange(() => (told = onDisk()));
    await book.decide(say(verdict));
    stop.dispose();
    // A process that ends here has lost nothing: what the person sees is what another process reads.
    expect(told).toBe(onDisk());
    expect(told).toContain(`"verdict":"${verdict}"`);
    expect(book.ofImage('a.jpg').map((each) => each.verdict)).toEqual([verdict]);
  }
});

it('undoes and redoes in the order of the presses, and forgets what was undone at the next decision', async () => {
  const book = open();
  const verdict = () =>
    book
      .ofImage('a.jpg')
      .map((each) => each.verdict)
      .join();
  await Promise.all([book.decide(say('hard')), book.decide(say('ignore'))]);
  expect(book.verdicts).toMatchObject({ author: 'Ada', canUndo: true, canRedo: false });
  const seen = [verdict()];
  for (const step of ['undo', 'undo', 'undo', 'redo', 'redo', 'redo', 'undo'] as const) {
    await book[step]();
    seen.push(verdict());
  }
  expect(seen).toEqual(['ignore', 'hard', '', '', 'hard', 'ignore', 'ignore', 'hard']);
  await book.decide(say('label-box'));
  expect(book.verdicts.canRedo).toBe(false);
});

it('shows what others decide, and undoes only its own', async () => {
  const book = open();
  await book.decide(say('hard'));
  const later = new Date(Date.now() + 60_000).toISOString();
  await decide(run, 'Li', say('not-hard'), later);
  const told = vi.fn();
  book.onDidChange(told);
  changed.fire({ fsPath: decisionsFolder(run) });
  await vi.waitFor(() => expect(told).toHaveBeenCalled());
  expect(book.ofImage('a.jpg')).toMatchObject([{ verdict: 'not-hard', by: 'Li' }]);
  await book.undo();
  expect(book.ofImage('a.jpg')).toMatchObject([{ verdict: 'not-hard', by: 'Li' }]);
  expect(onDisk()).toBe('');
});

it('says once which lines are no decisions, and writes nothing over them', async () => {
  await decide(run, 'Ada', say('hard'));
  const { appendFileSync } = await import('node:fs');
  appendFileSync(join(decisionsFolder(run), 'ada.jsonl'), '<<<<<<< ours\n');
  const book = open();
  await expect(book.decide(say('ignore'))).rejects.toThrow('Mend or remove the line');
  expect(book.verdicts).toMatchObject({ canUndo: false });
  expect(log.showError).toHaveBeenCalledOnce();
  expect(onDisk()).toContain('<<<<<<< ours');
});
