/** What a native package threw, as one line that may stand in a MiningError. */
import { MiningError } from '../core/mining-error.js';
import { inWords, type Phrase } from '../core/said.js';

const LONGEST = 300;

/** Why a backend does not start here, in words of ours. */
export class Refusal extends Error {
  constructor(readonly said: Phrase) {
    super(inWords(said));
  }
}

/** This machine has no device of the kind that a backend is for: who did not ask for it need not hear of it. */
export class NoDevice extends Refusal {}

/** The reason of a failure: a sentence of ours as it is, all else on one line of at most 300 characters. */
export function reasonOf(error: unknown): Phrase {
  if (error instanceof MiningError || error instanceof Refusal) return error.said;
  return oneLine(error instanceof Error ? error.message || error.name : String(error));
}

/** At most 300 characters of it. */
export function oneLine(text: string): string {
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
