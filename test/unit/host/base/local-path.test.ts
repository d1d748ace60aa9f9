import { describe, expect, it, vi } from 'vitest';

const at = (scheme: string, path: string) => ({ uri: { scheme, path, fsPath: path } });
vi.mock('vscode', () => ({
  workspace: { workspaceFolders: [at('vscode-vfs', '/github/them'), at('file', '/w/mine')] },
  l10n: { t: (text: string) => text },
}));
const { localPath, workspaceFolders } = await import('../../../../src/host/base/local-path.js');

describe('what is on no disk', () => {
  it('is refused by its scheme, with what to do', () => {
    expect(localPath(at('file', '/w/a.json').uri as never)).toBe('/w/a.json');
    expect(() => localPath(at('vscode-vfs', '/github/a.json').uri as never)).toThrow(
      /^options: path: expected a file or folder on the disk of this window, received vscode-vfs: \/github.*Copy/,
    );
  });

  it('is no folder of the workspace to look into', () => {
    expect(workspaceFolders()).toEqual(['/w/mine']);
  });
});
