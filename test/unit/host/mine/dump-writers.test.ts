import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it, vi } from 'vitest';

const { vscode } = vi.hoisted(() => ({
  vscode: {
    l10n: { t: (text: string, ...given: unknown[]) => text.replace(/\{(\d)\}/g, (_, i) => String(given[Number(i)])) },
    env: { clipboard: { writeText: vi.fn(async (_text: string) => undefined) } },
    window: {
      showQuickPick: vi.fn(
        async (_items: { label: string; detail: string }[], _options: unknown): Promise<unknown> => undefined,
      ),
      showInformationMessage: vi.fn(
        async (_text: string, ..._actions: string[]): Promise<string | undefined> => undefined,
      ),
      showTextDocument: vi.fn(),
    },
    workspace: { openTextDocument: vi.fn(async (options: unknown) => options) },
  },
}));
vi.mock('vscode', () => vscode);
const { DumpWriters } = await import('../../../../src/host/mine/dump-writers.js');

const writers = new DumpWriters('media/dump-writers');
const torchvision = readFileSync('media/dump-writers/dump_torchvision.py', 'utf8');

describe('copying a RoI dump writer', () => {
  beforeEach(() => vi.clearAllMocks());

  it('asks which, with what each was tried, and copies its text', async () => {
    vscode.window.showQuickPick.mockImplementationOnce(async (items) =>
      items.find(({ label }) => label.startsWith('torchvision')),
    );
    expect(await writers.copy()).toBe(torchvision);
    expect(vscode.env.clipboard.writeText).toHaveBeenCalledExactlyOnceWith(torchvision);
    const [items] = vscode.window.showQuickPick.mock.calls[0];
    expect(items.length).toBeGreaterThanOrEqual(5);
    for (const { label, detail } of items) expect(`${label} ${detail}`).toMatch(/^\S.* Tried: \S/);
  });

  it('opens it as a new file where that is wanted', async () => {
    vscode.window.showInformationMessage.mockImplementationOnce(async (_text, open) => open);
    await writers.copy('torchvision');
    await vi.waitFor(() =>
      expect(vscode.window.showTextDocument).toHaveBeenCalledExactlyOnceWith({
        language: 'python',
        content: torchvision,
      }),
    );
  });

  it('copies nothing where the person gives up', async () => {
    expect(await writers.copy()).toBeUndefined();
    expect(vscode.env.clipboard.writeText).not.toHaveBeenCalled();
  });

  it('refuses a writer that is none', async () => {
    await expect(writers.copy('caffe')).rejects.toThrow(
      /^options: writer: expected one of pytorch, torchvision, .*, received "caffe"$/,
    );
  });
});
