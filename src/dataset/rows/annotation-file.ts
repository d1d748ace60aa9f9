/** Formats that are one annotation file: how it is found, also in the folder that a person opens. */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { lookAt } from './folder-look.js';
import { isFile, isFolder, peek } from './text-files.js';

export interface FileMarks {
  /** How the file's name ends, such as `.json`. */
  readonly extension: RegExp;
  /** Do its first 64 KiB, without a byte order mark, look like the format? */
  readonly looksLike: (head: string) => boolean;
}

/** The files of a format in a folder itself. */
export async function filesIn(folder: FolderView, { extension, looksLike }: FileMarks): Promise<string[]> {
  const found: string[] = [];
  for (const name of folder.files.filter((file) => extension.test(file)))
    if (looksLike(await folder.head(name))) found.push(path.join(folder.path, name));
  return found;
}

/** The files of a format at a path: itself, or in the folder or its `annotations`, in any case. Never throws. */
export async function filesAt(location: string, marks: FileMarks): Promise<string[]> {
  if (!(await isFolder(location))) {
    const isOne = marks.extension.test(location) && (await isFile(location));
    return isOne && marks.looksLike((await peek(location)).replace(/^\ufeff/, '')) ? [location] : [];
  }
  const folder = await lookAt(location);
  const below = folder.folders.filter((name) => /^annotations$/i.test(name));
  const found = await filesIn(folder, marks);
  for (const name of below) found.push(...(await filesIn(await folder.inside(name), marks)));
  return found;
}

/**
 * The file to read: the only one, or of several the one that `split` names, without its extension.
 * @throws MiningError 'dataset' listing the choices.
 */
export async function fileAt(location: string, marks: FileMarks, split: string | undefined): Promise<string> {
  const files = await filesAt(location, marks);
  const fitting = split === undefined ? files : files.filter((file) => splitOf(file) === split);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return path.resolve(only);
  const choices = files.map((file) => path.relative(location, file)).join(', ') || 'none';
  const expected = split === undefined ? 'one file' : said`one file of split "${split}"`;
  throw new MiningError('dataset', 'annotation file', expected, choices, {
    file: location,
    todo: 'Name a split, or open the file itself',
  });
}

/** A file's name without its extension: what tells it from others in its folder. */
export function splitOf(file: string): string {
  return path.basename(file, path.extname(file));
}
