/** A run goes on with the images that it began with. */
import type { FileHandle } from 'node:fs/promises';
import { stat } from 'node:fs/promises';
import { readSeal, sealedImages, SEAL_BYTES, sealLength } from '../../arrow/checksum.js';
import type { IndexEntry } from '../../arrow/encode-run.js';
import { rowInBatch } from '../../arrow/run-columns.js';
import type { FileStamp } from '../../core/facts/file-stamp.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { readExactly } from './read-bytes.js';

/** Files that are asked side by side: a network drive answers each late. */
const AT_ONCE = 32;
/** A line names so many images. */
const MAX_NAMED = 5;

/**
 * Compares size and time of each image's file with what its seal remembers. One that is gone, or that no seal tells of,
 * is not compared: what was measured stays true of what was there.
 * @param handle a sealed run.
 * @throws MiningError 'run-file' that names the files that have changed.
 * Cost: one read (of an example two) and one question to the file system an image.
 */
export async function refuseChangedImages(handle: FileHandle, entries: readonly IndexEntry[]): Promise<void> {
  const changed: string[] = [];
  for (let first = 0; first < entries.length; first += AT_ONCE) {
    const some = entries.slice(first, first + AT_ONCE);
    const differ = await Promise.all(
      some.map(async (entry, i) => hasChanged(entry, await readStamp(handle, entry, rowInBatch(entries, first + i)))),
    );
    changed.push(...some.filter((_, i) => differ[i]).map(({ summary }) => summary.id));
  }
  if (changed.length === 0) return;
  const names = changed.slice(0, MAX_NAMED).join(', ') + (changed.length > MAX_NAMED ? ', …' : '');
  const expected = 'image files of the size and time that they had when they were mined';
  const todo = '"ohem remine" mines them anew; or bring them back with their times';
  throw new MiningError('run-file', 'resume: images', expected, said`${changed.length} others: ${names}`, { todo });
}

/** @param row of the image in its record batch. */
async function readStamp(handle: FileHandle, { end }: IndexEntry, row: number): Promise<FileStamp | null> {
  const last = await readExactly(handle, end - SEAL_BYTES, end);
  const numImages = sealedImages(last) ?? 0;
  const { stamps } = readSeal(last) ?? { stamps: [] };
  if (stamps.length > row) return stamps[row] ?? null;
  if (numImages <= row) return null;
  return readSeal(await readExactly(handle, end - sealLength(numImages), end))?.stamps[row] ?? null;
}

async function hasChanged({ summary }: IndexEntry, stamp: FileStamp | null): Promise<boolean> {
  if (stamp === null || summary.path === '') return false;
  const now = await stat(summary.path).catch(() => null);
  return now !== null && (now.size !== stamp.size || now.mtimeMs !== stamp.mtimeMs);
}
