import { toJsonSchema } from '@valibot/to-json-schema';
import { MiningError, show } from '../../core/mining-error.js';
import { check } from '../../protocol/check.js';
import type { AgentTool } from './agent-tool.js';
import { compareRunsTool } from './compare-runs.js';
import { explainRoi } from './explain-roi.js';
import type { KnownRuns } from './known-runs.js';
import { listHardExamples } from './list-hard-examples.js';
import { listLabelSuspects } from './list-label-suspects.js';

/** Questions that a language model may ask, in the order in which it should. */
export const AGENT_TOOLS: readonly AgentTool[] = [listHardExamples, explainRoi, listLabelSuspects, compareRunsTool];

/** What a model is told of a tool, as MCP's and VS Code's lists want it. */
export interface AgentToolFacts {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly inputSchema: { readonly type: 'object'; readonly [key: string]: unknown };
}

export function agentToolFacts(): AgentToolFacts[] {
  return AGENT_TOOLS.map(({ name, title, description, input }) => {
    // What a model may leave out is what arrives without it.
    const schema = toJsonSchema(input, { typeMode: 'input' });
    return { name, title, description, inputSchema: { ...schema, type: 'object' } };
  });
}

/** @throws MiningError 'options' for an unknown tool or input that does not fit; as the tool. */
export async function askAgentTool(name: string, input: unknown, runs: KnownRuns): Promise<object> {
  const tool = AGENT_TOOLS.find((each) => each.name === name);
  if (tool === undefined)
    throw new MiningError('options', 'tool', `one of ${AGENT_TOOLS.map((each) => each.name).join(', ')}`, show(name));
  return tool.answer(check(tool.input, input, 'arguments'), runs);
}
