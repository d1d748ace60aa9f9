/** Small reads that a damaged file cannot lead astray. */
import type { FileHandle } from 'node:fs/promises';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';

/** Bytes [start, end) of a file, in a buffer of their own. @throws MiningError 'run-file' when the file is shorter. */
export async function readExactly(handle: FileHandle, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  let filled = 0;
  while (filled < bytes.byteLength) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.byteLength - filled, start + filled);
    if (bytesRead === 0) throw damaged(start + filled, said`${end - start - filled} more bytes`, 'the end of the file');
    filled += bytesRead;
  }
  return bytes;
}

/** What `read` gives; null where it finds damage. */
export function tryRead<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError || error instanceof MiningError) return null;
    throw error;
  }
}

export function damaged(at: number, expected: Phrase, received: string): MiningError {
  return new MiningError('run-file', said`byte ${at}`, expected, received);
}
