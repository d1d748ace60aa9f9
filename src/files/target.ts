/** Where a command may write: never over an input, a device or a folder, and over an old file only when told to. */
import type { BigIntStats } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MiningError } from '../core/mining-error.js';
import { said, type Phrase } from '../core/said.js';

export interface Target {
  readonly path: string;
  /** Replace a file that exists. */
  readonly force: boolean;
  /** Files that the command reads, if they exist. */
  readonly inputs?: readonly string[];
  /** Folders that are read as one thing, such as a checkpoint's: no file may appear among theirs. */
  readonly inputFolders?: readonly string[];
  /** What a person can do about a file that exists. */
  readonly todo?: string;
}

/**
 * Checks a target before anything is read or computed for it.
 * @returns the absolute path without links: what a link leads to is written, not the link.
 * @throws MiningError 'options' when the target exists and `force` is off, is no regular file, is one of the inputs (by
 * device and inode, so through links too), lies beside the files of an input folder, or its folder is missing.
 */
export async function checkTarget(target: Target): Promise<string> {
  const path = await realTarget(target.path);
  const old = await statOf(path);
  if (old !== null) await checkOld(target, path, old);
  for (const folder of target.inputFolders ?? []) {
    const real = await realpath(folder).catch(() => resolve(folder));
    if (dirname(path) === real)
      throw refused('a file outside its inputs', said`one inside ${folder}`, path, 'Choose another folder');
  }
  return path;
}

async function checkOld({ force, inputs, todo }: Target, path: string, old: BigIntStats): Promise<void> {
  if (!old.isFile()) throw refused('a regular file', kindOf(old), path, 'Choose another name');
  for (const input of inputs ?? []) {
    const read = await statOf(input);
    if (read !== null && isSame(old, read))
      throw refused('a file that is no input', said`the input ${input}`, path, 'Choose another name');
  }
  if (!force) throw refused('a new file', 'one that exists', path, todo ?? 'Overwrite it, or choose another name');
}

/** Links are followed, so that two spellings of one file are one target. */
export async function realTarget(path: string): Promise<string> {
  const full = resolve(path);
  const link = await lstat(full).catch(() => null);
  try {
    return link === null ? join(await realpath(dirname(full)), basename(full)) : await realpath(full);
  } catch {
    if (link === null) throw refused('a folder that exists', 'none', dirname(full), 'Make it, or choose another');
    throw refused('a regular file', 'a link that leads nowhere', full, 'Choose another name');
  }
}

/** Device and inode of what a path leads to, with its kind; null where there is nothing. */
export async function statOf(path: string): Promise<BigIntStats | null> {
  return stat(path, { bigint: true }).catch(() => null);
}

/** One file under two names, or under a name and a handle? */
export function isSame(a: FileStats, b: FileStats, platform = process.platform): boolean {
  return identityOf(a, platform) === identityOf(b, platform);
}

type FileStats = Pick<BigIntStats, 'dev' | 'ino'>;

/**
 * What a file or folder is, whatever its name. On Windows a name's volume number has 64 bits where a handle's has 32,
 * with the libuv of some Node.js 22 and 23 (libuv/libuv pull request 4698): the lower half counts.
 */
export function identityOf({ dev, ino }: FileStats, platform = process.platform): string {
  return `${platform === 'win32' ? BigInt.asUintN(32, dev) : dev} ${ino}`;
}

function kindOf(stats: BigIntStats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  return stats.isSocket() ? 'a socket' : 'a device';
}

function refused(expected: string, received: Phrase, file: string, todo: string): MiningError {
  return new MiningError('options', 'output', expected, received, { file, todo });
}
