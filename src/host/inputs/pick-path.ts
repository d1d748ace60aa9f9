/** One pick of a path: what was found in the workspace, what comes with the extension, or anything by browsing. */
import * as vscode from 'vscode';
import type { FoundInput } from '../../protocol/found-inputs.js';
import { listed } from '../base/listed.js';
import { localPath } from '../base/local-path.js';
import { showFillingPick } from '../base/speak.js';

export interface PathItem extends vscode.QuickPickItem {
  /** undefined: browse. */
  readonly path?: string;
}

export interface PickOptions {
  readonly title: string;
  readonly placeHolder: string;
  readonly browse: vscode.OpenDialogOptions;
}

const TASK_TEXT = {
  detection: () => vscode.l10n.t('detection'),
  classification: () => vscode.l10n.t('classification'),
};

/** An item for something found: its name, with what it is. */
export function foundItem({ path, what, task, title }: FoundInput): PathItem & { readonly path: string } {
  const detail = task === null ? listed(what) : `${listed(what)} · ${TASK_TEXT[task]()}`;
  return { label: title, description: vscode.workspace.asRelativePath(path), detail, path };
}

/** @param truncated the search met a bound. */
export function browseItem(truncated: boolean): PathItem {
  const label = `$(folder-opened) ${vscode.l10n.t('Browse…')}`;
  return truncated
    ? { label, description: vscode.l10n.t('the workspace is large: not everything is listed') }
    : { label };
}

/**
 * @param atOnce what can be picked while the search goes on.
 * @param found the whole list; where it fails, `atOnce` stays.
 * @returns the absolute path; undefined where the person gave up.
 * @throws MiningError 'options' where it is on no disk.
 */
export async function pickPath(
  atOnce: readonly PathItem[],
  found: Promise<readonly PathItem[]>,
  { title, placeHolder, browse }: PickOptions,
): Promise<string | undefined> {
  const picked = await showFillingPick(atOnce, found, ({ path }) => path, { title, placeHolder });
  if (picked === undefined || picked.path !== undefined) return picked?.path;
  const [uri] = (await vscode.window.showOpenDialog({ ...browse, title })) ?? [];
  return uri && localPath(uri);
}
