import { MiningError } from '../../core/mining-error.js';

/** What the operating system said, as one line about the run file; a MiningError gets the file's name. */
export function runFileError(
  error: unknown,
  path: string,
  where: string,
  expected: string,
  todo?: string,
): MiningError {
  const hint = todo === undefined ? { file: path } : { file: path, todo };
  if (error instanceof MiningError)
    return new MiningError(error.code, error.where, error.expected, error.received, { ...error.hint, ...hint });
  return new MiningError('run-file', where, expected, error instanceof Error ? error.message : String(error), hint);
}
