/** Asks for a RoI dump and the folder of its images. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { EngineService } from '../engine/engine-service.js';
import { workspaceFolders } from '../base/local-path.js';
import { findInputs } from './find-inputs.js';
import { browseItem, foundItem, pickPath, type PathItem } from './pick-path.js';

export interface ImportInputs {
  readonly dump: string;
  /** Folder that the dump's image names are relative to; default: the dump's own. */
  readonly images?: string;
}

/** @param follow it is still written. @returns undefined where the person gave up. */
export async function askDump(engine: EngineService, follow: boolean): Promise<ImportInputs | undefined> {
  const dump = await pickPath([browseItem(false)], dumpItems(engine), {
    title: follow ? vscode.l10n.t('Watch RoI Dump (1/2): Dump') : vscode.l10n.t('Import RoI Dump (1/2): Dump'),
    placeHolder: follow
      ? vscode.l10n.t('What a training script is writing: *.jsonl')
      : vscode.l10n.t('What a training script wrote: *.jsonl or *.npz'),
    browse: {
      canSelectFiles: true,
      canSelectFolders: false,
      filters: { [vscode.l10n.t('RoI Dumps')]: ['jsonl', 'npz'], [vscode.l10n.t('All Files')]: ['*'] },
    },
  });
  if (dump === undefined) return undefined;
  const near = folderItems(dump);
  const images = await pickPath(near, Promise.resolve(near), {
    title: follow ? vscode.l10n.t('Watch RoI Dump (2/2): Images') : vscode.l10n.t('Import RoI Dump (2/2): Images'),
    placeHolder: vscode.l10n.t('The folder that the image names of {0} are relative to', basename(dump)),
    browse: { canSelectFiles: false, canSelectFolders: true },
  });
  return images === undefined ? undefined : { dump, images };
}

async function dumpItems(engine: EngineService): Promise<PathItem[]> {
  const { dumps, truncated } = await findInputs(engine);
  return [...dumps.map(foundItem), browseItem(truncated)];
}

function folderItems(dump: string): PathItem[] {
  const near = [...new Set([dirname(dump), ...workspaceFolders()])].map((path) => ({
    label: `$(folder) ${basename(path)}`,
    description: path,
    path,
  }));
  return [...near, browseItem(false)];
}
