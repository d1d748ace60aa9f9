/** Asks for a RoI dump and the folder of its images. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { findInputs } from './find-inputs.js';
import { browseItem, foundItem, pickPath, type PathItem } from './pick-path.js';

export interface ImportInputs {
  readonly dump: string;
  /** Folder that the dump's image names are relative to; default: the dump's own. */
  readonly images?: string;
}

/** @returns undefined where the person gave up. */
export async function askDump(): Promise<ImportInputs | undefined> {
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
  const dump = await pickPath(dumpItems(folders), {
    title: vscode.l10n.t('Import RoI Dump (1/2): Dump'),
    placeHolder: vscode.l10n.t('What a training script wrote: *.jsonl or *.npz'),
    browse: {
      canSelectFiles: true,
      canSelectFolders: false,
      filters: { [vscode.l10n.t('RoI Dumps')]: ['jsonl', 'npz'], [vscode.l10n.t('All Files')]: ['*'] },
    },
  });
  if (dump === undefined) return undefined;
  const images = await pickPath(Promise.resolve(folderItems(dump, folders)), {
    title: vscode.l10n.t('Import RoI Dump (2/2): Images'),
    placeHolder: vscode.l10n.t('The folder that the image names of {0} are relative to', basename(dump)),
    browse: { canSelectFiles: false, canSelectFolders: true },
  });
  return images === undefined ? undefined : { dump, images };
}

async function dumpItems(folders: readonly string[]): Promise<PathItem[]> {
  const { dumps, truncated } = await findInputs(folders);
  return [...dumps.map(foundItem), browseItem(truncated)];
}

function folderItems(dump: string, folders: readonly string[]): PathItem[] {
  const near = [...new Set([dirname(dump), ...folders])].map((path) => ({
    label: `$(folder) ${basename(path)}`,
    description: path,
    path,
  }));
  return [...near, browseItem(false)];
}
