/**
 * Why a process ended itself, as one line of its standard error: a thread can write that while native code blocks the
 * one that talks to the host.
 */
import * as v from 'valibot';
import { phrase } from './check.js';

const death = v.object({ where: phrase, expected: phrase, received: phrase, todo: phrase });
const line = v.pipe(v.string(), v.parseJson(), v.object({ death }));

/** The fields of a `MiningError` 'engine'. */
export type Death = v.InferOutput<typeof death>;

/** @returns without its line break. */
export function deathLine(reason: Death): string {
  return JSON.stringify({ death: reason });
}

/** @returns null for any other line. */
export function readDeathLine(text: string): Death | null {
  const result = v.safeParse(line, text);
  return result.success ? result.output.death : null;
}
