/** package.json's language-model tools are generated: `UPDATE=1 npx vitest run test/package/agent-tools.test.ts`. */
import { applyEdits, modify, parse } from 'jsonc-parser';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { agentToolFacts } from '../../src/run/agents/registry.js';

const HOW = 'run: UPDATE=1 npx vitest run test/package/agent-tools.test.ts';
const read = (path: string) => parse(readFileSync(path, 'utf8'));

const tools = agentToolFacts().map(({ name, description, inputSchema }) => ({
  name: `ohem_${name}`,
  displayName: `%tool.${name}%`,
  toolReferenceName: name,
  canBeReferencedInPrompt: true,
  icon: '$(target)',
  userDescription: `%tool.${name}%`,
  modelDescription: description,
  inputSchema,
}));
const texts = Object.fromEntries(agentToolFacts().map(({ name, title }) => [`tool.${name}`, title]));
const isTool = ([key]: [string, unknown]) => key.startsWith('tool.');

if (process.env['UPDATE'] === '1') {
  const manifest = readFileSync('package.json', 'utf8');
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  const edits = modify(manifest, ['contributes', 'languageModelTools'], tools, { formattingOptions });
  writeFileSync('package.json', applyEdits(manifest, edits));
  const others = Object.entries(read('package.nls.json')).filter((entry) => !isTool(entry));
  writeFileSync('package.nls.json', `${JSON.stringify({ ...Object.fromEntries(others), ...texts }, null, 2)}\n`);
}

it('the contributed tools are those of the registry', () => {
  expect(read('package.json').contributes.languageModelTools, HOW).toEqual(tools);
  const own = Object.entries(read('package.nls.json')).filter((entry) => isTool(entry));
  expect(Object.fromEntries(own), HOW).toEqual(texts);
});
