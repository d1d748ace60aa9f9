import { MiningError } from '../../core/mining-error.js';
import type { Dump } from './dump.js';
import { readJsonLinesDump } from './dump-json-lines.js';
import { readNpzDump } from './dump-npz.js';
import { reasonOf } from '../rows/text-files.js';
import { openRegular } from '../../files/reading.js';

/** First bytes of a zip archive: `numpy.savez` writes one. */
const ZIP_MARK = [0x50, 0x4b];

export interface DumpReading {
  /** Of an NPZ: what its arrays may inflate to, bytes. */
  readonly maxInflated?: number;
  /** Waits for the lines that a training still writes, until it is aborted. */
  readonly follow?: AbortSignal;
}

/**
 * Opens a dump, JSON Lines or NPZ by its first bytes.
 * @throws MiningError 'dump' with file, line, field, expected and received.
 */
export async function openDump(path: string, { maxInflated, follow }: DumpReading = {}): Promise<Dump> {
  const start = new Uint8Array(2);
  try {
    const handle = await openRegular(path);
    await handle.read(start, 0, 2, 0).finally(() => handle.close());
  } catch (error) {
    throw new MiningError('dump', 'file', 'a RoI dump (JSON Lines or NPZ)', reasonOf(error), { file: path });
  }
  if (!ZIP_MARK.every((byte, i) => start[i] === byte)) return readJsonLinesDump(path, follow);
  if (follow === undefined) return readNpzDump(path, maxInflated);
  throw new MiningError('dump', 'file', 'JSON Lines, which can be followed', 'NPZ, which is written at once', {
    file: path,
  });
}
