import { createHash } from 'node:crypto';
import { MiningError, phraseOf } from '../../core/mining-error.js';
import { chunksOf } from '../../files/reading.js';

export interface DumpFileFacts {
  /** Hex. */
  readonly sha256: string;
  /** Lines that say something; the header's alone of a dump that is still written. */
  readonly numLines: number;
}

const LINE_END = 10;
const SPACE = 32;

/**
 * Hashes a dump and counts its lines, in one pass; a chunk is in memory.
 * @throws MiningError 'dump' when it cannot be read.
 */
export async function readDumpFileFacts(path: string): Promise<DumpFileFacts> {
  const hash = createHash('sha256');
  let numLines = 0;
  let isBlank = true;
  try {
    for await (const chunk of chunksOf(path)) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length;) {
        const end = chunk.indexOf(LINE_END, at);
        const stop = end < 0 ? chunk.length : end;
        // The first byte that is no white space settles a line: the rest is not looked at.
        isBlank &&= chunk.subarray(at, stop).every((byte) => byte <= SPACE);
        if (end >= 0) {
          if (!isBlank) numLines++;
          isBlank = true;
        }
        at = stop + 1;
      }
    }
  } catch (error) {
    throw new MiningError('dump', 'file', 'a file that can be read', phraseOf(error), { file: path });
  }
  return { sha256: hash.digest('hex'), numLines: numLines + (isBlank ? 0 : 1) };
}

/** The same of the header line: what else comes, nobody knows yet. @throws MiningError 'dump' */
export async function readHeaderFacts(path: string): Promise<DumpFileFacts> {
  const hash = createHash('sha256');
  for await (const chunk of chunksOf(path)) {
    const end = chunk.indexOf(LINE_END);
    hash.update(end < 0 ? chunk : chunk.subarray(0, end));
    if (end >= 0) break;
  }
  return { sha256: hash.digest('hex'), numLines: 1 };
}
