import { MiningError, phraseOf } from '../../core/mining-error.js';
import type { Phrase } from '../../core/said.js';

/** What the operating system said, as one line about the run file; a MiningError gets the file's name. */
export function runFileError(
  error: unknown,
  path: string,
  where: Phrase,
  expected: string,
  todo?: string,
): MiningError {
  const hint = { file: path, ...(todo !== undefined && { todo }) };
  if (error instanceof MiningError)
    return new MiningError(error.code, error.where, error.expected, error.received, { ...error.hint, ...hint });
  const received = phraseOf(error);
  const reason = isTemporary(error) ? { reason: 'temporary' as const } : {};
  return new MiningError('run-file', where, expected, received, { ...hint, ...reason });
}

/** What may go away by itself or by whoever looks after the disk: no room, too many files, a disk that is not there. */
const TEMPORARY = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ESTALE', 'ETIMEDOUT'];

function isTemporary(error: unknown): boolean {
  return error instanceof Error && 'code' in error && TEMPORARY.some((code) => code === error.code);
}
