import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_CONFIG } from '../../../../src/core/mining/mining-options.js';
import type { EngineService } from '../../../../src/host/engine/engine-service.js';
import type { Run } from '../../../../src/host/run/run.js';

const dialog = vi.hoisted(() => ({ answer: undefined as undefined | { fsPath: string }, asked: vi.fn(), pick: 0 }));
const executeCommand = vi.hoisted(() => vi.fn(async () => undefined));
vi.mock('vscode', () => ({
  workspace: { getConfiguration: () => ({ get: (_name: string, otherwise: unknown) => otherwise }) },
  l10n: { t: (text: string) => text },
  Uri: { file: (fsPath: string) => ({ fsPath }) },
  commands: { executeCommand },
  window: {
    showQuickPick: async (items: readonly object[]) => items[dialog.pick],
    showSaveDialog: async (options: object) => (dialog.asked(options), dialog.answer),
    showInformationMessage: async () => undefined,
  },
}));
const { checkRun, compareRun, salvageRun } = await import('../../../../src/host/run/run-actions.js');

describe('comparing over a run', () => {
  it('asks the engine process once, and names the images that differ most', async () => {
    const overlaps = [1, 0.5, 0, 0.5, ...Array.from({ length: 20 }, () => 0.9)];
    const images = overlaps.map((overlap, imageIndex) => ({ imageIndex, id: `${imageIndex}.jpg`, overlap, both: 0 }));
    const total = { overlap: 0.8 };
    const call = vi.fn(async () => ({ total, images }));
    const b = { ...DEFAULT_CONFIG, seed: 1 };
    const answer = await compareRun(
      { call } as unknown as EngineService,
      { path: '/run.ohem' } as Run,
      DEFAULT_CONFIG,
      b,
    );
    expect(call.mock.calls).toEqual([['compareRun', { runPath: '/run.ohem', a: DEFAULT_CONFIG, b }]]);
    expect(answer).toMatchObject({ a: DEFAULT_CONFIG, b, total, numImages: 24, error: '' });
    expect(answer.differing).toHaveLength(12);
    expect(answer.differing.slice(0, 4)).toEqual([
      { imageIndex: 2, id: '2.jpg', overlap: 0 },
      { imageIndex: 1, id: '1.jpg', overlap: 0.5 },
      { imageIndex: 3, id: '3.jpg', overlap: 0.5 },
      { imageIndex: 4, id: '4.jpg', overlap: 0.9 },
    ]);
  });
});

describe('a damaged run', () => {
  const schema = new Uint8Array([1, 2]);
  const damaged = [{ imageIndex: 3, id: '3.jpg', reason: 'damaged' }];

  it('hears from the engine process what is damaged, unless it grows or has been replaced', async () => {
    const setDamage = vi.fn();
    const call = vi.fn(async () => ({ damaged }));
    const engine = { call } as unknown as EngineService;
    await checkRun(engine, { path: '/a/run.ohem', schema, running: true, setDamage } as unknown as Run);
    expect(call).not.toHaveBeenCalled();
    await checkRun(engine, { path: '/a/run.ohem', schema, running: false, setDamage } as unknown as Run);
    expect(call).toHaveBeenCalledExactlyOnceWith('checkRun', { runPath: '/a/run.ohem' });
    expect(setDamage).toHaveBeenCalledExactlyOnceWith(damaged);
    const schemas = [schema, new Uint8Array([1, 3])];
    const replaced = { path: '/a/run.ohem', running: false, setDamage } as unknown as Run;
    Object.defineProperty(replaced, 'schema', { get: () => schemas.shift() });
    await checkRun(engine, replaced);
    expect(setDamage).toHaveBeenCalledTimes(1);
  });

  it('is salvaged where the person says, and the new run opens', async () => {
    const call = vi.fn(async () => ({ numKept: 5, numLost: 2 }));
    const engine = { call } as unknown as EngineService;
    dialog.answer = undefined;
    await salvageRun(engine, { path: '/a/run.ohem' } as Run);
    expect(call).not.toHaveBeenCalled();
    expect(dialog.asked.mock.lastCall?.[0]).toMatchObject({ defaultUri: { fsPath: '/a/run-salvaged.ohem' } });
    dialog.answer = { fsPath: '/b/whole.ohem' };
    await salvageRun(engine, { path: '/a/run.ohem' } as Run);
    expect(call.mock.calls).toEqual([['salvage', { runPath: '/a/run.ohem', outPath: '/b/whole.ohem', force: true }]]);
    expect(executeCommand).toHaveBeenCalledExactlyOnceWith('ohemLens.openRun', '/b/whole.ohem');
  });
});
