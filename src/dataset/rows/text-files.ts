/** Reading annotation files: bounded, regular files only, every failure a clear line. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { MiningError } from '../../core/mining-error.js';
import { MAX_BYTES, openRegular, readRegular } from '../../files/reading.js';

/**
 * The bytes of a regular file.
 * @throws MiningError 'dataset' when it is missing, no regular file (a pipe would hang), unreadable or above
 * `maxBytes`.
 */
export async function readBytes(path: string, maxBytes = MAX_BYTES): Promise<Buffer> {
  return readRegular(path, maxBytes).catch((error: unknown) => {
    throw new MiningError('dataset', 'annotation file', 'a readable file', reasonOf(error), { file: path });
  });
}

/** What the file system said, in words where the code is common. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Record<string, string> = {
    ENOENT: 'no such file or folder',
    EACCES: 'no permission to read it',
    ELOOP: 'a loop of symbolic links',
    EISDIR: 'a folder',
    ENOTDIR: 'a path through something that is no folder',
    ENAMETOOLONG: 'a name that is too long',
  };
  return words[code] ?? (error instanceof Error ? error.message : String(error)).slice(0, 200);
}

/**
 * Bytes as UTF-8 text, a byte order mark removed.
 * @throws MiningError 'dataset' where they are not UTF-8: a replacement character would silently rename classes and
 * files.
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MiningError('dataset', 'encoding', 'UTF-8 text', encodingOf(bytes), { file });
  }
}

function encodingOf(bytes: Uint8Array): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return utf16 ? 'UTF-16 text' : 'bytes that are no UTF-8';
}

/** The first `numBytes` of a regular file as lenient text; '' where it cannot be read. Never throws. */
export async function peek(path: string, numBytes = 65_536): Promise<string> {
  try {
    const handle = await openRegular(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(numBytes), 0, numBytes, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return '';
  }
}

/** Is there a folder (links followed)? Never throws. */
export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false;
}

/** Is there a regular file (links followed)? Never throws. */
export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** Entries of a folder in code-unit order of their names; empty where it cannot be read. Never throws. */
export async function listFolder(path: string): Promise<Dirent[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((): Dirent[] => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** SHA-256 over named parts, hex: names and lengths take part, so that moving bytes between files changes it. */
export class PartsHash {
  private readonly hash = createHash('sha256');

  add(name: string, bytes: Uint8Array): void {
    this.hash.update(`${name}\0${bytes.byteLength}\0`).update(bytes);
  }

  digest(): string {
    return this.hash.digest('hex');
  }
}

/** SHA-256 of bytes, hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Runs `work` over `items` with a few in flight, results in order. The first failure rejects. */
export async function mapBounded<T, U>(
  items: readonly T[],
  numInFlight: number,
  work: (item: T, index: number) => Promise<U>,
): Promise<U[]> {
  const results = new Array<U>(items.length);
  const left = items.entries();
  const workThrough = async () => {
    for (const [index, item] of left) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(numInFlight, items.length) }, workThrough));
  return results;
}
