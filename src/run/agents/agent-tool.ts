import * as v from 'valibot';
import { MiningError, show } from '../../core/mining-error.js';
import { listed, type KnownRuns } from './known-runs.js';

/**
 * A question about runs that a language model may ask, in the editor and over MCP. It reads run files and nothing
 * else, and answers with little: a model pays for every word. One file each in this folder, one line in `registry.ts`.
 */
export interface AgentTool<S extends v.GenericSchema = v.GenericSchema> {
  /** `list_hard_examples` */
  readonly name: string;
  /** For a person who is asked whether the model may. */
  readonly title: string;
  /** For a model: when to ask, what comes back, in which units. */
  readonly description: string;
  /** What it takes; the descriptions of its keys are for a model, too. */
  readonly input: S;
  /**
   * @returns what is written as JSON.
   * @throws MiningError whose line tells a model what to ask instead.
   */
  answer(input: v.InferOutput<S>, runs: KnownRuns): Promise<object>;
}

/** Declares a tool; `answer` knows the type of its own input. */
export function agentTool<S extends v.GenericSchema>(tool: AgentTool<S>): AgentTool {
  // The registry hands each tool only what its own schema let through.
  return tool;
}

/** The key by which a tool is told how many rows to list. */
export const mostRows = v.exactOptional(
  v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(50), v.description('How many; 10.')),
  10,
);

/** One of a list by its name. @throws MiningError 'options' that lists them. */
export function oneOf<T extends string>(key: string, given: string, known: readonly T[]): T {
  const found = known.find((each) => each === given);
  if (found !== undefined) return found;
  throw new MiningError('options', key, `one of ${listed(known)}`, show(given));
}
