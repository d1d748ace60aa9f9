import path from 'node:path';
import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';

/** Runs that a conversation may be about. */
export interface KnownRuns {
  /** Absolute; relative paths start here. '' where there is none. */
  readonly root: string;
  /** Absolute paths, looked for anew: runs come and go in a conversation. */
  list(): Promise<readonly string[]>;
}

/** Runs or classes that an error lists. */
const MAX_NAMED = 100;

/** The key by which a tool is told its run. */
export const runKey = v.pipe(
  v.string(),
  v.description('Path of the run file (*.ohem). May be left out where there is only one; an error lists those known.'),
);

/**
 * The run meant: path or name of a known one; not given, the only known one. No other file is opened: whoever talks to
 * the model may have read a hostile page.
 * @throws MiningError 'options' that lists the known runs.
 */
export async function chosenRun(given: string | undefined, runs: KnownRuns): Promise<string> {
  const { root } = runs;
  const paths = await runs.list();
  const full = given === undefined || root === '' ? given : path.resolve(root, given);
  // A path stands for itself where runs in other folders are called alike.
  const isPath = full !== undefined && paths.includes(full);
  const isMeant = (each: string) => each === full || (!isPath && path.basename(each) === given);
  const named = paths.filter((each) => given === undefined || isMeant(each));
  const [only, ...others] = named;
  if (only !== undefined && others.length === 0) return only;
  const names = paths.map((each) => (root === '' ? each : path.relative(root, each)));
  const expected = paths.length === 0 ? 'a run (*.ohem), of which none is known' : `one of ${listed(names)}`;
  throw new MiningError('options', 'run', expected, given === undefined ? 'none' : show(given));
}

/** Names in an error line, not all of thousands: a model pays for every word. */
export function listed(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? `, and ${names.length - MAX_NAMED} more` : '';
  return names.slice(0, MAX_NAMED).join(', ') + more;
}
