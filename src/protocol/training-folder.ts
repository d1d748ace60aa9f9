/** The folder of a training as every room knows it: the names of its files, and which process writes into it. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export const STATE_FILE = 'state.bin';
export const LOG_FILE = 'log.jsonl';
/** A line an evaluation: what it saw on each image. */
export const IMAGES_FILE = 'images.jsonl';
export const CHECKPOINT_FOLDER = 'checkpoint';
/** In the checkpoint's folder: the step that it was saved at. */
export const CHECKPOINT_RECORD = 'training.json';
/** What a training writes lies here until all of it is there; the folder is a training's own. */
export const NEXT_FOLDER = '.ohem-next';
/** And here while it is put in place. */
export const READY_FOLDER = '.ohem-ready';
/** Names the process that writes into the folder. */
export const WRITER_FILE = 'running.json';
/** Touched by that process while it lives. */
export const LOCK_FOLDER = 'running.lock';
/** A lock that was not touched for so long is nobody's, ms: its process was killed, or the machine started again. */
export const LOCK_STALE_MS = 60_000;

/** The process that writes into the folder of a training; null: none that is alive. */
export async function writerOf(out: string): Promise<number | null> {
  const touched = await stat(join(out, LOCK_FOLDER)).then(
    ({ mtimeMs }) => mtimeMs,
    () => -Infinity,
  );
  const pid = await writerNamed(out);
  return pid !== null && isAlive(pid) && Date.now() - touched < LOCK_STALE_MS ? pid : null;
}

/** The process that the folder names, alive or not; null: none. */
export async function writerNamed(out: string): Promise<number | null> {
  try {
    const file = join(out, WRITER_FILE);
    // A pipe of that name would never end.
    if (!(await stat(file)).isFile()) return null;
    const { pid } = JSON.parse(await readFile(file, 'utf8')) as { readonly pid?: unknown };
    return typeof pid === 'number' && pid > 0 ? pid : null;
  } catch {
    return null;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's, or one with more rights: it is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
