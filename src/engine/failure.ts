/** What a native package threw, as one line that may stand in a MiningError. */
import { MiningError } from '../core/mining-error.js';

const LONGEST = 300;

/** This machine has no device of the kind that a backend is for: who did not ask for it need not hear of it. */
export class NoDevice extends Error {}

/** The reason of a failure on one line, at most 300 characters; the message of a MiningError as it is. */
export function reasonOf(error: unknown): string {
  if (error instanceof MiningError) return error.message;
  const text = error instanceof Error ? error.message || error.name : String(error);
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/**
 * A file of a checkpoint that cannot be read.
 * @param error what `node:fs` threw.
 */
export function unreadable(path: string, error: unknown): MiningError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : reasonOf(error);
  const received = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : code;
  return new MiningError('checkpoint', 'file', 'a readable model file', received, { file: path });
}
