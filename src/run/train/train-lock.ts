/** One training a folder: a lock that its process keeps touching, and beside it the name of that process. */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { MiningError } from '../../core/mining-error.js';
import { replaceFile } from '../../files/replacing.js';
import { isAlive, LOCK_FOLDER, LOCK_STALE_MS, WRITER_FILE, writerNamed } from '../../protocol/training-folder.js';

/**
 * Does `work` while the folder is this process's; makes the folder where there is none.
 * @throws MiningError 'options' where another process that is alive writes into it, or took it while this one slept;
 * whatever `work` throws.
 */
export async function withTrainLock<T>(out: string, work: () => Promise<T>): Promise<T> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    const received = error instanceof Error ? error.message : String(error);
    throw new MiningError('options', 'out', 'a folder that can be made', received, { file: out });
  });
  let lose: (error: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => (lose = (error) => reject(refused(out, error.message))));
  const release = await takeLock(out, (error) => lose(error));
  try {
    await replaceFile({ path: join(out, WRITER_FILE), force: true }, (handle) =>
      handle.writeFile(JSON.stringify({ pid: process.pid })),
    );
    return await Promise.race([work(), lost]);
  } finally {
    await rm(join(out, WRITER_FILE), { force: true });
    // A lock that was lost cannot be given back.
    await release().catch(() => undefined);
  }
}

async function takeLock(out: string, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
  const lockfilePath = join(out, LOCK_FOLDER);
  const holder = await writerNamed(out);
  // A process that was killed leaves its lock behind: nobody need wait until it is stale.
  if (holder !== null && !isAlive(holder)) await rmdir(lockfilePath).catch(() => undefined);
  try {
    return await lock(out, { lockfilePath, stale: LOCK_STALE_MS, onCompromised });
  } catch (error) {
    const isHeld = error instanceof Error && 'code' in error && error.code === 'ELOCKED';
    throw isHeld ? refused(out, `one with process ${holder ?? 'unknown'}`) : error;
  }
}

function refused(out: string, received: string): MiningError {
  return new MiningError('options', 'out', 'a folder in which nothing is being trained', received, {
    file: out,
    todo: 'Wait until it has ended',
  });
}
