import type { Command } from 'commander';
import path from 'node:path';
import { MiningError } from '../core/mining-error.js';
import { agentToolFacts, askAgentTool } from '../run/agents/registry.js';
import { findInputs } from '../run/find/find-inputs.js';
import { VERSION } from '../run/file/written-by.js';

/** `ohem mcp` */
export function addMcpCommand(program: Command): void {
  program
    .command('mcp')
    .description('answers a language model about runs, over standard input and output (Model Context Protocol)')
    .argument('[folders...]', 'folders with runs, or runs; default: the working folder')
    .action(serve);
}

/** Until standard input ends. */
async function serve(given: readonly string[]): Promise<void> {
  // Only here: no other command pays for it.
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  const { CallToolRequestSchema, ListToolsRequestSchema } = await import('@modelcontextprotocol/sdk/types.js');
  const server = new Server({ name: 'ohem-lens', version: VERSION }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: agentToolFacts().map((tool) => ({ ...tool, annotations: { readOnlyHint: true, openWorldHint: false } })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }) => {
    try {
      const answer = await askAgentTool(params.name, params.arguments ?? {}, knownRuns(given));
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    } catch (error) {
      // A model reads the line and asks again; what is no fault of its question ends the call.
      if (!(error instanceof MiningError)) throw error;
      return { content: [{ type: 'text', text: error.message }], isError: true };
    }
  });
  await server.connect(new StdioServerTransport());
}

function knownRuns(given: readonly string[]) {
  const isRun = (each: string) => path.extname(each).toLowerCase() === '.ohem';
  const files = given.filter(isRun).map((each) => path.resolve(each));
  const folders = given.length === 0 ? ['.'] : given.filter((each) => !isRun(each));
  return {
    root: process.cwd(),
    list: async () => [...new Set([...files, ...(await findInputs(folders)).runs])],
  };
}
