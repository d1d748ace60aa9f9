import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import { decide } from '../../../../src/run/decisions/decisions.js';
import type { Run } from '../../../../src/host/run/run.js';

const dialog = vi.hoisted(() => ({
  answer: undefined as undefined | { fsPath: string },
  asked: vi.fn(),
  picks: vi.fn(),
  pick: 0,
  opens: false,
}));
const executeCommand = vi.hoisted(() => vi.fn(async () => undefined));
const writeText = vi.hoisted(() => vi.fn());
vi.mock('vscode', () => ({
  workspace: {
    getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }),
    getWorkspaceFolder: ({ fsPath }: { fsPath: string }) => (fsPath.startsWith('/work/') ? {} : undefined),
  },
  l10n: { t: (text: string) => text },
  env: { clipboard: { writeText } },
  Uri: { file: (fsPath: string) => ({ fsPath }) },
  commands: { executeCommand },
  window: {
    showQuickPick: async (items: readonly object[]) => (dialog.picks(items), items[dialog.pick]),
    showSaveDialog: async (options: object) => (dialog.asked(options), dialog.answer),
    showInformationMessage: async (_text: string, open?: string) => (dialog.opens ? open : undefined),
  },
}));
const { copyPython, exportSelection } = await import('../../../../src/host/run/export-run.js');

beforeEach(() => {
  dialog.pick = 0;
  dialog.opens = false;
  executeCommand.mockClear();
});

describe('exporting', () => {
  const run = { path: '/a/run.ohem' } as Run;
  const formats = [
    { id: 'csv', title: 'CSV', extension: 'csv' },
    { id: 'lines', title: 'JSON Lines', extension: 'jsonl' },
    { id: 'yolo', title: 'YOLO', extension: null },
  ];
  const engineThatSays = () => {
    const call = vi.fn(async (method: string, _request?: object) =>
      method === 'exportFormats' ? { formats } : { numRows: 3 },
    );
    return { call, engine: { call } as unknown as EngineService };
  };

  it('offers the formats of the engine process, and asks where to', async () => {
    const { call, engine } = engineThatSays();
    dialog.pick = 1;
    dialog.answer = { fsPath: '/b/some.txt' };
    await exportSelection(engine, run, DEFAULT_CONFIG);
    expect(dialog.asked.mock.lastCall?.[0]).toMatchObject({
      defaultUri: { fsPath: '/a/run-selected.jsonl' },
      filters: { 'JSON Lines': ['jsonl'] },
    });
    expect(call.mock.lastCall).toEqual([
      'exportSelection',
      {
        runPath: run.path,
        mining: DEFAULT_CONFIG,
        backgroundBelow: 0.05,
        outPath: '/b/some.txt',
        force: true,
        order: 'sum',
        most: null,
        format: 'lines',
      },
    ]);
  });

  it('takes the format of a given file’s extension, else the first; writes nothing where one gives up', async () => {
    const { call, engine } = engineThatSays();
    await exportSelection(engine, run, DEFAULT_CONFIG, { out: { fsPath: '/b/some.txt' } as never });
    expect(call.mock.lastCall).toMatchObject(['exportSelection', { format: 'csv', force: false }]);
    await exportSelection(engine, run, DEFAULT_CONFIG, { out: { fsPath: '/b/some.JSONL' } as never });
    expect(call.mock.lastCall).toMatchObject(['exportSelection', { format: 'lines' }]);
    dialog.answer = undefined;
    call.mockClear();
    await exportSelection(engine, run, DEFAULT_CONFIG);
    expect(call.mock.calls.map(([method]) => method)).toEqual(['exportFormats']);
  });

  it('asks of which images where somebody decided, unless it is told what', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'ohem-export-'));
    const decided = { path: path.join(folder, 'run.ohem') } as Run;
    await decide(decided.path, 'Ada', [
      { target: { image: 'a.jpg' }, decision: { verdict: 'hard', note: '' } },
      { target: { image: 'b.jpg' }, decision: { verdict: 'ignore', note: '' } },
    ]);
    Object.assign(dialog, { pick: 1, answer: { fsPath: '/b/it.jsonl' } });
    const { call, engine } = engineThatSays();
    await exportSelection(engine, decided, DEFAULT_CONFIG);
    expect(dialog.picks.mock.lastCall?.[0]).toMatchObject([
      { verdict: null },
      { label: 'hard', verdict: 'hard' },
      { verdict: 'ignore' },
    ]);
    expect(call.mock.lastCall).toMatchObject(['exportSelection', { verdicts: ['hard'] }]);
    const scope = { of: 'items', query: { kind: 'rois', where: {}, sort: 'loss', group: null } } as const;
    await exportSelection(engine, decided, DEFAULT_CONFIG, { scope });
    expect(call.mock.lastCall?.[1]).not.toHaveProperty('verdicts');
    await rm(folder, { recursive: true });
  });

  it.each([
    ['a file in the editor', 0, '/b/it.csv', 'vscode.open'],
    ['a folder in the explorer', 2, '/work/it-yolo', 'revealInExplorer'],
    ['a folder of elsewhere where the system shows it', 2, '/b/it-yolo', 'revealFileInOS'],
  ])('Open shows %s', async (_, pick, fsPath, command) => {
    Object.assign(dialog, { pick, opens: true, answer: { fsPath } });
    await exportSelection(engineThatSays().engine, run, DEFAULT_CONFIG);
    await vi.waitFor(() => expect(executeCommand.mock.calls).toEqual([[command, { fsPath }]]));
  });
});

describe('Copy as Python', () => {
  it('puts what the engine process says of the same scope onto the clipboard', async () => {
    const call = vi.fn(async () => ({ numRows: 3, text: 'RUN = 1' }));
    const scope = { of: 'items', query: { kind: 'rois', where: {}, sort: 'loss', group: null } } as const;
    await copyPython({ call } as unknown as EngineService, { path: '/a/run.ohem' } as Run, DEFAULT_CONFIG, scope);
    expect(call.mock.calls).toMatchObject([
      ['exportText', { runPath: '/a/run.ohem', mining: DEFAULT_CONFIG, scope, format: 'python' }],
    ]);
    expect(writeText.mock.calls).toEqual([['RUN = 1']]);
  });
});
