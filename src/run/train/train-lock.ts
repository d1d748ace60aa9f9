/** One training a folder: `running.json` names the process that writes into it. */
import { rmSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';

const LOCK_FILE = 'running.json';

/**
 * Does `work` while the folder is this process's; makes the folder where there is none.
 * @throws MiningError 'options' where another process that is alive writes into it; whatever `work` throws.
 */
export async function withTrainLock<T>(out: string, work: () => Promise<T>): Promise<T> {
  const lock = join(out, LOCK_FILE);
  await takeLock(out, lock);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(out: string, lock: string): Promise<void> {
  const holder = await readFile(lock, 'utf8')
    .then((text) => Number((JSON.parse(text) as { pid?: unknown }).pid))
    .catch(() => 0);
  // After a restart of the machine the number may be anybody's.
  const isOfNow = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs > Date.now() - 1000 * uptime(),
    () => false,
  );
  if (holder !== process.pid && isOfNow && isAlive(holder)) {
    throw new MiningError(
      'options',
      'out',
      'a folder in which nothing is being trained',
      `one with process ${holder}`,
      { file: out, todo: 'Wait until it has ended' },
    );
  }
  await mkdir(out, { recursive: true });
  await writeFile(lock, JSON.stringify({ pid: process.pid }));
  process.once('exit', () => rmSync(lock, { force: true }));
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
