/**
 * Writes a folder as a whole or not at all: into a sibling, which takes the name when it is finished. It lists its own
 * files, so that only what was written so is ever replaced.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { MiningError } from '../core/mining-error.js';
import { said, type Phrase } from '../core/said.js';
import { removeLeftOvers, renameSoon } from './replacing.js';
import { realTarget, statOf } from './target.js';

/** Names every file of a folder that was written so, one a line. */
export const LIST_FILE = '.ohem-files';
/** A loader's own list of what it found: it makes another. */
const LEFT_BY_LOADER = /\.cache$/;

/** A file of the folder. */
export interface FolderFile {
  /** Below the folder, parts separated by `/`; not twice. */
  readonly path: string;
  readonly content: string | Uint8Array | CopiedFile;
}
/** A file that is there already, by its path. */
export interface CopiedFile {
  readonly copyOf: string;
}

export interface FolderTarget {
  readonly path: string;
  /** Replace a folder that was written so; one that holds anything else is never replaced. */
  readonly force: boolean;
  /** Link to the files that are copied else. */
  readonly link: boolean;
  /** Files that are read. */
  readonly inputs: readonly string[];
}

/**
 * Writes `target.path` in one step.
 * @throws MiningError 'options' where the target exists, but for an empty folder, and `force` is off or it holds what
 * was not written so; where an input lies in it; where a file cannot be copied or written; whatever `files` throws. In
 * all of these a folder of that name is as it was.
 */
export async function replaceFolder(target: FolderTarget, files: AsyncIterable<FolderFile>): Promise<void> {
  const path = await checkFolder(target);
  await removeLeftOvers(dirname(path));
  const fresh = siblingOf(path);
  // A name that a person finds, and `removeLeftOvers` does not: a kill may come between the two renames.
  const old = `${path}.before-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(fresh);
    await fill(fresh, path, files, target.link);
    // Somebody may have put something there meanwhile.
    await checkFolder(target);
    const wasThere = (await statOf(path)) !== null;
    if (wasThere) await renameSoon(path, old);
    await renameSoon(fresh, path).catch(async (error: unknown) => {
      if (wasThere) await renameSoon(old, path);
      throw error;
    });
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw error instanceof MiningError ? error : refused('a folder that can be written', reasonOf(error), path);
  }
  await rm(old, { recursive: true, force: true, maxRetries: 3 });
}

function siblingOf(path: string): string {
  return join(dirname(path), `.ohem-${process.pid}-${randomBytes(4).toString('hex')}.part`);
}

async function fill(folder: string, named: string, files: AsyncIterable<FolderFile>, link: boolean): Promise<void> {
  const made = new Set<string>();
  const written: string[] = [];
  for await (const { path, content } of files) {
    const file = resolve(folder, path);
    if (!isInside(file, folder)) throw refused('a path inside the folder', path, named);
    const parent = dirname(file);
    if (!made.has(parent)) await mkdir(parent, { recursive: true });
    made.add(parent);
    written.push(path);
    if (typeof content === 'string' || content instanceof Uint8Array) await writeFile(file, content, { flag: 'wx' });
    else await copy(content.copyOf, file, named, link);
  }
  await writeFile(join(folder, LIST_FILE), written.map((path) => `${path}\n`).join(''), { flag: 'wx' });
}

async function copy(from: string, file: string, named: string, link: boolean): Promise<void> {
  const [source, place] = await Promise.all([realpath(from), realpath(dirname(from))]).catch((error: unknown) => {
    throw new MiningError('options', 'image', 'a file that can be read', reasonOf(error), { file: from });
  });
  // A link in the folder is an input, too: it may be one of an export of before.
  if (isInside(source, named) || place === named || isInside(place, named))
    throw refused('a folder outside its inputs', said`the input ${from}`, named);
  try {
    if (link) await symlink(source, file);
    // Where the file system can, the copy shares its bytes with the original until one of them changes.
    else await copyFile(source, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  } catch (error) {
    const todo = link ? 'Copy the images instead' : 'Make room, or link to the images instead';
    throw new MiningError(
      'options',
      'image',
      link ? 'one that can be linked to' : 'one that can be copied',
      reasonOf(error),
      {
        file: from,
        todo,
      },
    );
  }
}

/** @returns the absolute path without links. */
async function checkFolder({ path: given, force, inputs }: FolderTarget): Promise<string> {
  const path = await realTarget(given);
  for (const input of inputs) {
    const real = await realpath(input).catch(() => resolve(input));
    if (real === path || isInside(real, path))
      throw refused('a folder outside its inputs', said`the input ${input}`, path);
  }
  const old = await statOf(path);
  if (old === null) return path;
  if (!old.isDirectory()) throw refused('a folder', 'something else of that name', path);
  const there = await filesBelow(path);
  if (there.length === 0) return path;
  if (!force)
    throw refused('a new or empty folder', 'one that holds files', path, 'Replace it, or choose another name');
  const ours = new Set((await readFile(join(path, LIST_FILE), 'utf8').catch(() => '')).split(/\r?\n/));
  const isOurs = there.includes(LIST_FILE);
  const foreign = there.find(
    (file) => !isOurs || (file !== LIST_FILE && !ours.has(file) && !LEFT_BY_LOADER.test(file)),
  );
  if (foreign !== undefined) throw refused('a folder with nothing but an export', said`one with ${foreign}`, path);
  return path;
}

/** Files, and links, below a folder, parts separated by `/`. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function refused(expected: string, received: Phrase, file: string, todo = 'Choose another name'): MiningError {
  return new MiningError('options', 'output', expected, received, { file, todo });
}
