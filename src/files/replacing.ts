/**
 * Writes a file as a whole or not at all: into a sibling, which takes the name when it is finished and on the disk. A
 * file of that name is byte-identical until then, whatever ends the process (docs/adr/0021).
 */
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { chmod, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { MiningError, phraseOf } from '../core/mining-error.js';
import type { Target } from './target.js';
import { checkTarget, isSame, statOf } from './target.js';

/** Siblings of files and folders that are written: the number is that of the process. */
const SIBLING = /^\.ohem-(\d+)-[0-9a-f]{8}\.part$/;
/** A process that is not known here may live on another machine that shares the folder. */
const LEFT_OVER_MS = 3_600_000;
/** Rests before a rename is tried again, ms. */
const RENAME_RESTS_MS = [20, 50, 100, 200, 400, 800];

/**
 * Writes `target.path` in one step.
 * @param write gets the sibling's handle, open for reading and writing.
 * @returns what `write` returns.
 * @throws MiningError as `checkTarget`, before `write` is called; whatever `write` throws; MiningError 'options' when
 * the sibling cannot be written or is gone at the end. In all of these a file of that name is as it was.
 */
export async function replaceFile<T>(target: Target, write: (handle: FileHandle) => Promise<T>): Promise<T> {
  const path = await checkTarget(target);
  const folder = dirname(path);
  await removeLeftOvers(folder);
  const sibling = join(folder, `.ohem-${process.pid}-${randomBytes(4).toString('hex')}.part`);
  const handle = await open(sibling, 'wx+').catch((error: unknown) => {
    throw cannotWrite(error, path);
  });
  try {
    const result = await write(handle);
    // Somebody may have made a file of that name meanwhile.
    await checkTarget(target);
    await putInPlace(handle, sibling, path);
    return result;
  } catch (error) {
    await rm(sibling, { force: true });
    throw error instanceof MiningError ? error : cannotWrite(error, path);
  } finally {
    await handle.close();
  }
}

/**
 * Gives a finished file its name, which it keeps over a loss of power.
 * @param handle open file at `sibling`, with everything written; stays open.
 * @throws MiningError 'options' when the sibling or the new file is not what the handle writes to.
 */
export async function putInPlace(handle: FileHandle, sibling: string, path: string): Promise<void> {
  await handle.sync();
  await checkStillThere(handle, sibling);
  const old = await stat(path).catch(() => null);
  if (old !== null) await chmod(sibling, old.mode & 0o777);
  await renameSoon(sibling, path);
  await syncFolder(dirname(path));
  await checkStillThere(handle, path);
}

/**
 * Renames a file or folder. Windows refuses it while somebody, mostly a virus scanner, has one of the two open: there
 * it is tried again for a second and a half.
 * @throws Error as `rename`.
 */
export async function renameSoon(
  from: string,
  to: string,
  platform = process.platform,
  renames = rename,
): Promise<void> {
  for (const ms of platform === 'win32' ? RENAME_RESTS_MS : []) {
    try {
      return await renames(from, to);
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
      await rest(ms);
    }
  }
  await renames(from, to);
}

/**
 * Is the file that was written the one that has the name?
 * @throws MiningError 'options' when it was removed, moved or replaced while it was being written.
 */
export async function checkStillThere(handle: FileHandle, path: string): Promise<void> {
  const [written, named] = [await handle.stat({ bigint: true }), await statOf(path)];
  if (named !== null && isSame(written, named)) return;
  const received = named === null ? 'none: it was removed meanwhile' : 'another: it was replaced meanwhile';
  throw new MiningError('options', 'output', 'the file that was written', received, { file: path });
}

/** Makes a new name in a folder last over a loss of power. Windows, and some network drives, know no such call. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') throw error;
  });
  await handle?.close();
}

/** Removes what killed processes of this machine left long ago; the rest is in nobody's way. */
export async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [, pid] = SIBLING.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const file = join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Infinity }));
    if (mtimeMs < Date.now() - LEFT_OVER_MS) await rm(file, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function cannotWrite(error: unknown, file: string): MiningError {
  const received = phraseOf(error);
  return new MiningError('options', 'output', 'a file that can be written', received, { file });
}
