import { describe, expect, it, vi } from 'vitest';
import type { Run } from '../../../../src/host/run/run.js';

vi.mock('vscode', () => ({
  EventEmitter: class {},
  Uri: { file: (path: string) => ({ fsPath: path }) },
  l10n: { t: (text: string) => text },
  workspace: { asRelativePath: (path: string) => path },
}));
const { showManyPick, showQuickPick } = vi.hoisted(() => ({ showManyPick: vi.fn(), showQuickPick: vi.fn() }));
vi.mock('../../../../src/host/base/speak.js', () => ({ showManyPick, showQuickPick }));
const { CompareCheckpoints, inTrainingOrder } = await import('../../../../src/host/checkpoints/compare-command.js');

const run = (checkpoint: string | null, createdAt: string, dataset = '') =>
  ({
    manifest: {
      checkpoint: checkpoint === null ? null : { path: checkpoint },
      createdAt,
      classes: [],
      dataset: { path: dataset },
    },
  }) as unknown as Run;
const names = (runs: Run[]) =>
  inTrainingOrder(runs).map(
    ({ manifest }) => `${manifest.checkpoint?.path ?? manifest.dataset.path} ${manifest.createdAt}`,
  );

describe('the order of training', () => {
  it('is that of the checkpoints’ names, numbers by value, then of time', () => {
    const runs = [run('/m/epoch-10.onnx', '1'), run('/m/epoch-2.onnx', '3'), run('/m/epoch-2.onnx', '2')];
    expect(names(runs)).toEqual(['/m/epoch-2.onnx 2', '/m/epoch-2.onnx 3', '/m/epoch-10.onnx 1']);
    expect(inTrainingOrder([])).toEqual([]);
  });

  it('of imported losses: that of the dumps’ names', () => {
    expect(names([run(null, '1', '/d/e3.jsonl'), run(null, '2', '/d/e1.jsonl')])).toEqual([
      '/d/e1.jsonl 2',
      '/d/e3.jsonl 1',
    ]);
  });
});

describe('the questions', () => {
  it('are two, as they say, and none is asked after one that is left', async () => {
    const known = new Map(
      ['a', 'b'].map((name) => [`/r/${name}.ohem`, { ...run(name, '1'), path: `/r/${name}.ohem` }]),
    );
    const runs = { paths: async () => [...known.keys()], open: async (path: string) => known.get(path) };
    const panels = { show: vi.fn() };
    const command = new CompareCheckpoints({} as never, runs as never, {} as never, panels as never);
    showManyPick.mockImplementation(async (items: readonly unknown[]) => items);
    showQuickPick.mockImplementation(async ([first]: readonly unknown[]) => first);
    await command.run();
    const titles = [...showManyPick.mock.calls, ...showQuickPick.mock.calls].map(([, { title }]) => title as string);
    expect(titles.map((title) => /\(\d\/\d\)/.exec(title)?.[0])).toEqual(['(1/2)', '(2/2)']);
    expect(panels.show).toHaveBeenCalledWith(['/r/a.ohem', '/r/b.ohem']);

    showManyPick.mockResolvedValueOnce(undefined);
    expect(await command.run()).toBeUndefined();
    expect(showQuickPick).toHaveBeenCalledTimes(1);
  });
});
