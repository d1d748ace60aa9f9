/**
 * Opens what a person or a file named: regular files only, and no more bytes than expected. A pipe would wait for ever,
 * a device never ends. The errors are for callers to word: they know what they were looking for.
 */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** Node reads at most 2 GiB into one buffer. */
export const MAX_BYTES = 2 ** 31 - 1;
/** Enough for any contract, class list or configuration that a person writes, bytes. */
export const MAX_TEXT_BYTES = 1 << 26;

/**
 * Opens a regular file for reading; never waits.
 * @throws Error of node:fs, with its code; Error without a code for a folder, a pipe, a socket or a device.
 */
export async function openRegular(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK opening a pipe waits for a writer. Windows has no such flag, and no such files.
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    const isSocket = error instanceof Error && 'code' in error && error.code === 'ENXIO';
    throw isSocket ? new Error('a socket') : error;
  });
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new Error(kindOf(stats));
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/**
 * The bytes of a regular file.
 * @throws Error as `openRegular`; Error without a code above `maxBytes`.
 */
export async function readRegular(path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) throw new Error(`${size} bytes, more than ${maxBytes}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** As `readRegular`, of a file that a person writes, as text. */
export async function readText(path: string, maxBytes = MAX_TEXT_BYTES): Promise<string> {
  return (await readRegular(path, maxBytes)).toString('utf8');
}

/** Chunks of a regular file, from its start. @throws Error as `openRegular`. */
export async function* chunksOf(path: string, numBytes = Infinity): AsyncGenerator<Buffer> {
  if (numBytes === 0) return;
  const handle = await openRegular(path);
  // The stream closes the handle.
  yield* handle.createReadStream({ highWaterMark: 1 << 20, end: numBytes - 1 }) as AsyncIterable<Buffer>;
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}
