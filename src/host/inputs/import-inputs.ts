/** Asks for a RoI dump and the folder of its images. */
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import type { DumpImages } from '../../protocol/found-inputs.js';
import type { EngineService } from '../engine/engine-service.js';
import { workspaceFolders } from '../base/local-path.js';
import { findInputs } from './find-inputs.js';
import { confirmOneOf } from '../base/speak.js';
import { browseItem, foundItem, pickPath, type PathItem } from './pick-path.js';

export interface ImportInputs {
  readonly dump: string;
  /** Folder that the dump's image names are relative to; default: the dump's own. */
  readonly images?: string;
}

/**
 * @param follow it is still written.
 * @param given a dump that need not be asked for.
 * @returns undefined where the person gave up.
 */
export async function askDump(
  engine: EngineService,
  follow: boolean,
  given?: string,
): Promise<ImportInputs | undefined> {
  const dump =
    given ??
    (await pickPath([browseItem(false)], dumpItems(engine), {
      title: follow ? vscode.l10n.t('Watch RoI Dump: Dump') : vscode.l10n.t('Import RoI Dump: Dump'),
      placeHolder: follow
        ? vscode.l10n.t('What a training script is writing: *.jsonl')
        : vscode.l10n.t('What a training script wrote: *.jsonl or *.npz'),
      browse: {
        canSelectFiles: true,
        canSelectFolders: false,
        filters: { [vscode.l10n.t('RoI Dumps')]: ['jsonl', 'npz'], [vscode.l10n.t('All Files')]: ['*'] },
      },
    }));
  if (dump === undefined) return undefined;
  const images = await findFolder(engine, dump, follow);
  return images === undefined ? undefined : { dump, images };
}

/**
 * The folder of the images: the one near the dump that has them; where it is not clear, the person says. What is
 * watched is shown at once: where no image is near, its picture offers to locate them.
 */
async function findFolder(engine: EngineService, dump: string, follow: boolean): Promise<string | undefined> {
  const near = await Promise.all(
    foldersNear(dump).map(async (images) => ({ images, ...(await lookIn(engine, dump, images)) })),
  );
  const found = near.filter(({ numFound }) => numFound > 0);
  // Names that are whole paths are the same in each.
  if (new Set(found.map(({ foundAt }) => foundAt)).size === 1) return found[0]?.images;
  return follow && found.length === 0 ? dirname(dump) : askFolder(engine, dump, follow);
}

/** A dump that cannot be read is refused by the import, which says where. */
function lookIn(engine: EngineService, dump: string, images: string): Promise<DumpImages> {
  const nothing = { first: '', numLooked: 0, numFound: 0, foundAt: '' };
  return engine.call('dumpImages', { path: dump, images }).catch(() => nothing);
}

/** The folder of the images, until they are there or the person goes on without them. */
async function askFolder(engine: EngineService, dump: string, follow: boolean): Promise<string | undefined> {
  const near = folderItems(dump);
  const images = await pickPath(near, Promise.resolve(near), {
    title: follow ? vscode.l10n.t('Watch RoI Dump: Images') : vscode.l10n.t('Import RoI Dump: Images'),
    placeHolder: vscode.l10n.t('The folder that the image names of {0} are relative to', basename(dump)),
    browse: { canSelectFiles: false, canSelectFolders: true },
  });
  if (images === undefined) return undefined;
  const { first, numLooked, numFound } = await lookIn(engine, dump, images);
  if (numLooked === 0 || numFound > 0) return images;
  const [other, without] = [vscode.l10n.t('Other Folder…'), vscode.l10n.t('Import Without Images')];
  const picked = await confirmOneOf(
    vscode.l10n.t('No image of {0} is in {1}', basename(dump), images),
    vscode.l10n.t('The dump calls its first image “{0}”. Without images the run has boxes and losses only.', first),
    [other, without],
  );
  if (picked === other) return askFolder(engine, dump, follow);
  return picked === without ? images : undefined;
}

async function dumpItems(engine: EngineService): Promise<PathItem[]> {
  const { dumps, truncated } = await findInputs(engine);
  return [...dumps.map(foundItem), browseItem(truncated)];
}

function foldersNear(dump: string): string[] {
  return [...new Set([dirname(dump), ...workspaceFolders()])];
}

function folderItems(dump: string): PathItem[] {
  const near = foldersNear(dump).map((path) => ({
    label: `$(folder) ${basename(path)}`,
    description: path,
    path,
  }));
  return [...near, browseItem(false)];
}
