/**
 * Opens what a person or a file named: regular files only, and no more bytes than expected. A pipe would wait for ever,
 * a device never ends. The errors are for callers to word: they know what they were looking for.
 */
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as rest } from 'node:timers/promises';

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

/** How soon new bytes are seen, ms. */
const LOOK_MS = 250;

/**
 * Chunks of a regular file that somebody still writes, from its start, until `signal` is aborted. What is there by
 * then has been given.
 * @throws Error as `openRegular`; Error without a code where the file gets shorter, or another one has its name.
 */
export async function* growingChunksOf(path: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  const handle = await openRegular(path);
  try {
    const { ino } = await handle.stat();
    let end = Infinity;
    for (let position = 0; position < end;) {
      // What was there when it was stopped, however fast a training writes.
      if (signal.aborted && end === Infinity) end = (await handle.stat()).size;
      const buffer = Buffer.allocUnsafe(1 << 20);
      const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
      position += bytesRead;
      if (bytesRead > 0) {
        yield buffer.subarray(0, bytesRead);
        continue;
      }
      if (end < Infinity) return;
      await rest(LOOK_MS, undefined, { signal }).catch(() => undefined);
      const now = await stat(path).catch(() => null);
      if (now?.ino !== ino) throw new Error('another file, or none, under its name');
      if (now.size < position) throw new Error(`${now.size} bytes, fewer than the ${position} that were read`);
    }
  } finally {
    await handle.close();
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}
