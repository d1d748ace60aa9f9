/** Where new runs go. */
import { existsSync } from 'node:fs';
import { mkdir, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import * as vscode from 'vscode';
import { workspaceFolders } from '../base/local-path.js';
import { canonicalPath } from '../run/run.js';
import { setting } from '../base/settings.js';

/** Where runs go without a workspace folder. */
export function storedRunFolder(context: vscode.ExtensionContext): string {
  return vscode.Uri.joinPath(context.globalStorageUri, 'runs').fsPath;
}

/** Path of a new file in the run folder, which need not be there; a name that is taken gets a number. */
export function newRunPath(context: vscode.ExtensionContext, name: string): string {
  return unused(canonicalPath(join(runFolder(context), name)));
}

/**
 * Path of a new run file; its folder is there afterwards.
 * @param given where to, as it stands; undefined: the run folder.
 * @param name of the file in the run folder; one that is taken gets a number.
 */
export async function placeRun(
  context: vscode.ExtensionContext,
  given: string | undefined,
  name: string,
): Promise<string> {
  const path = given === undefined ? newRunPath(context, name) : canonicalPath(given);
  await mkdir(dirname(path), { recursive: true });
  return path;
}

function runFolder(context: vscode.ExtensionContext): string {
  const [folder] = workspaceFolders();
  const wanted = wantedFolder();
  if (isAbsolute(wanted)) return wanted;
  return folder === undefined ? storedRunFolder(context) : join(folder, wanted);
}

/** Removes the workspace's run folder where it holds nothing: no run came to be. */
export async function dropEmptyRunFolder(): Promise<void> {
  const [folder] = workspaceFolders();
  const wanted = wantedFolder();
  // It holds something, or was never made.
  if (folder !== undefined && !isAbsolute(wanted)) await rmdir(join(folder, wanted)).catch(() => undefined);
}

function wantedFolder(): string {
  return setting('runFolder', '').trim() || 'ohem-runs';
}

/** The path, or one beside it that no file has yet. */
function unused(path: string): string {
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : path.replace(/\.ohem$/, `-${n}.ohem`);
    if (!existsSync(candidate)) return candidate;
  }
}
