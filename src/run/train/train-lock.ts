/** One training a folder: a lock that its process keeps touching, and beside it the name of that process. */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { replaceFile } from '../../files/replacing.js';
import { statOf } from '../../files/target.js';
import { isAlive, LOCK_FOLDER, LOCK_STALE_MS, WRITER_FILE, writerNamed } from '../../protocol/training-folder.js';

/** Who has taken the lock writes its name within this, and lets go of the lock within this after removing it. */
const NAMING_MS = 3000;
const POLL_MS = 100;

/**
 * Does `work` while the folder is this process's; makes the folder where there is none.
 * @throws MiningError 'options' where another process that is alive writes into it, or took it while this one slept;
 * whatever `work` throws.
 */
export async function withTrainLock<T>(out: string, work: () => Promise<T>): Promise<T> {
  await mkdir(out, { recursive: true }).catch((error: unknown) => {
    const received = phraseOf(error);
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
  const release = await tryLock(out, onCompromised);
  if (release !== null) return release;
  // A process that was killed leaves its lock behind: nobody need wait until it is stale.
  const isFree = await isAbandoned(out);
  if (isFree) await rmdir(join(out, LOCK_FOLDER)).catch(() => undefined);
  const taken = isFree ? await tryLock(out, onCompromised) : null;
  if (taken !== null) return taken;
  const writer = await writerNamed(out);
  throw refused(out, writer === null ? 'one with an unknown process' : said`one with process ${writer}`);
}

/** null: somebody has it. */
async function tryLock(out: string, onCompromised: (error: Error) => void): Promise<(() => Promise<void>) | null> {
  try {
    return await lock(out, { lockfilePath: join(out, LOCK_FOLDER), stale: LOCK_STALE_MS, onCompromised });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOCKED') return null;
    throw error;
  }
}

/** Was the process that has the lock killed, be it between taking the lock and writing its name? */
async function isAbandoned(out: string): Promise<boolean> {
  for (let waited = 0; waited < NAMING_MS; waited += POLL_MS) {
    const holder = await writerNamed(out);
    if (holder !== null) return !isAlive(holder);
    if ((await statOf(join(out, LOCK_FOLDER))) === null) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function refused(out: string, received: Phrase): MiningError {
  return new MiningError('options', 'out', 'a folder in which nothing is being trained', received, {
    file: out,
    todo: 'Wait until it has ended',
  });
}
