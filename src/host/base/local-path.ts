/** Paths of what a person picked: the engine process opens files itself, so they have to be files of its computer. */
import * as vscode from 'vscode';
import { MiningError } from '../../core/mining-error.js';

/**
 * The path of a file or folder. In a remote window (SSH, WSL, container) that is one of the remote's.
 * @throws MiningError 'options' where it is only reached through VS Code, as on GitHub or in an archive.
 */
export function localPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  throw new MiningError(
    'options',
    'path',
    'a file or folder on the disk of this window',
    `${uri.scheme}: ${uri.path}`,
    {
      todo: vscode.l10n.t('Copy it to a disk, or open it in a remote window (SSH, WSL, container)'),
    },
  );
}

/** Paths of the workspace's folders; those that are only reached through VS Code are left out. */
export function workspaceFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}
