import { MiningError } from '../../src/core/mining-error.js';
import { translate } from './t.js';

/** An error as one line for a person, in the page's language. */
export function messageOf(error: unknown): string {
  if (error instanceof MiningError) return error.lineIn(translate);
  return error instanceof Error ? error.message : String(error);
}
