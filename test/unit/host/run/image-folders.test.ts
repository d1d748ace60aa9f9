import { afterEach, describe, expect, it, vi } from 'vitest';

const { vscode } = await vi.hoisted(async () => {
  const { FakeEventEmitter } = await import('../fake-vscode.js');
  const vscode = {
    EventEmitter: FakeEventEmitter,
    l10n: { t: (text: string, ...given: unknown[]) => text.replace('{0}', String(given[0])) },
    window: { showWarningMessage: vi.fn<(text: string, yes: string) => Promise<string | undefined>>() },
    workspace: { workspaceFolders: [{ uri: { scheme: 'file', fsPath: '/work/space' } }] },
  };
  return { vscode };
});
vi.mock('vscode', () => vscode);
const { ImageFolders } = await import('../../../../src/host/run/image-folders.js');
afterEach(() => vscode.window.showWarningMessage.mockReset());

function setUp(state = new Map<string, unknown>()) {
  const memento = {
    get: (key: string, none: unknown) => state.get(key) ?? none,
    update: (key: string, value: unknown) => state.set(key, value),
  };
  return { state, folders: new ImageFolders(memento as never, ['/storage/runs']) };
}

describe('folders of images', () => {
  it('those of the workspace and our own, nothing else; servers and devices are not looked at', () => {
    const { folders } = setUp();
    expect(['/work/space/a.jpg', '/work/space/b/..c.jpg', '/storage/runs/a.png'].map((p) => folders.allows(p))).toEqual(
      [true, true, true],
    );
    const outside = [
      '/etc/shadow.png',
      '/work/space/../secret.png',
      '/work/space-2/a.png',
      '\\\\server\\share\\a.png',
      '\\\\?\\C:\\a.png',
      '//server/share/a.png',
      '/dev/zero',
      'a.png',
      '',
    ];
    for (const path of outside) expect(folders.allows(path), path).toBe(false);
  });

  it('an allowed folder stays allowed in this workspace', () => {
    const { folders, state } = setUp();
    const heard = vi.fn();
    folders.onDidAllow(heard);
    folders.allow('/data/images');
    folders.allow('/data/images/deeper');
    expect(heard).toHaveBeenCalledTimes(1);
    expect(setUp(state).folders.allows('/data/images/a.jpg')).toBe(true);
    expect(setUp(state).folders.allows('/data/a.jpg')).toBe(false);
    expect(folders.roots).toEqual(['/work/space', '/storage/runs', '/data/images']);
  });

  it('asks, names the folder, and offers once in a session', async () => {
    const { folders } = setUp();
    vscode.window.showWarningMessage.mockResolvedValue(undefined);
    folders.offer('/data');
    folders.offer('/data');
    // Joins the question that is open.
    expect(await folders.ask('/data')).toBe(false);
    expect(vscode.window.showWarningMessage).toHaveBeenCalledTimes(1);
    expect(vscode.window.showWarningMessage.mock.calls[0][0]).toContain('/data');
    expect(folders.allows('/data/a.jpg')).toBe(false);
    vscode.window.showWarningMessage.mockImplementation(async (_, yes) => yes);
    const [one, two] = await Promise.all([folders.ask('/data'), folders.ask('/data')]);
    expect([one, two, folders.allows('/data/a.jpg')]).toEqual([true, true, true]);
    expect(vscode.window.showWarningMessage).toHaveBeenCalledTimes(2);
  });
});
