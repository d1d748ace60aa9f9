/** What docs and README say of registries follows from them. UPDATE=1 writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { DETECTORS, FAMILIES, taskOf } from '../../src/checkpoint/registry.js';
import { GLOSSARY } from '../../src/core/facts/glossary.js';
import { ASSIGNERS } from '../../src/core/assign/index.js';
import { LOC_LOSSES } from '../../src/core/losses/box/index.js';
import { CLS_LOSSES } from '../../src/core/losses/class/index.js';
import { recipeText } from '../../src/core/measure/recipe.js';
import { SAMPLERS } from '../../src/core/mining/samplers/index.js';
import { AGENT_TOOLS } from '../../src/run/agents/registry.js';
import { EXPORT_FORMATS } from '../../src/run/export/registry.js';
import { PREDICTION_FORMATS } from '../../src/dataset/predictions/registry.js';
import { FORMATS } from '../../src/dataset/registry.js';

const presets = table(
  ['id', 'ranks by', 'mining NMS', 'trains', 'options', 'source'],
  SAMPLERS.map(({ id, rule, options, source }) => [
    code(id),
    rule.ranks,
    rule.nms,
    rule.keeps,
    options.map(code).join(', '),
    source,
  ]),
);

const assigners = table(
  ['id', 'rule', 'needs', 'options', 'source'],
  ASSIGNERS.map(({ id, rule, needs, own = {}, source }) => [
    code(id),
    rule,
    needs.join(', ') || 'boxes alone',
    Object.keys(own).map(code).join(', '),
    source,
  ]),
);
const losses = table(
  ['key', 'id', 'loss', 'options', 'source'],
  [
    ...CLS_LOSSES.map(({ id, title, activation, source }) => [
      code('clsLoss'),
      code(id),
      `${title}, ${activation} heads`,
      '',
      source,
    ]),
    ...LOC_LOSSES.map(({ id, title, own = {}, source }) => [
      code('locLoss'),
      code(id),
      title,
      Object.keys(own).map(code).join(', '),
      source,
    ]),
  ],
);

const families = table(
  ['family', 'recognised by', 'input', 'what is ranked'],
  FAMILIES.map(({ id, docs }) => [code(id), docs.recognisedBy, docs.input, docs.ranked]),
);

const exports = table(
  ['format', 'file', 'holds'],
  EXPORT_FORMATS.map(({ id, extension, holds }) => [code(id), extension === null ? 'folder' : `.${extension}`, holds]),
);

const agentTools = table(
  ['tool', 'answers'],
  AGENT_TOOLS.map(({ name, description }) => [code(name), description]),
);

const recipes = table(
  ['family', 'default recipe'],
  DETECTORS.map(({ id, measureDefaults }) => [code(id), recipeText(measureDefaults)]),
);

const formats = table(
  ['id', 'format', 'task'],
  FORMATS.map(({ id, title, task }) => [code(id), title, task]),
);

const predictions = table(
  ['id', 'predictions'],
  PREDICTION_FORMATS.map(({ id, title }) => [code(id), title]),
);

const inChinese: Readonly<Record<string, string>> = JSON.parse(readFileSync('l10n/bundle.l10n.zh-cn.json', 'utf8'));
const glossary = Object.entries(GLOSSARY)
  .map(
    ([term, { says, more }]) => `## ${term}\n\n${says} · [${more}](${more})\n\n${inChinese[term]}：${inChinese[says]}`,
  )
  .join('\n\n');

const detectors = FAMILIES.filter((family) => taskOf(family) === 'detection').map(({ title }) => title);
const declare = '[docs/checkpoints.md](docs/checkpoints.md) tells how to declare your own';

test.each([
  ['docs/semantics.md', 'the losses', (text: string) => withSection(text, 'losses', losses)],
  ['docs/semantics.md', 'the assigners', (text: string) => withSection(text, 'assigners', assigners)],
  ['docs/semantics.md', 'the recipes', (text: string) => withSection(text, 'recipes', recipes)],
  ['docs/semantics.md', 'the presets', (text: string) => withSection(text, 'presets', presets)],
  ['docs/cli.md', 'the exports', (text: string) => withSection(text, 'exports', exports)],
  ['docs/cli.md', 'the agent tools', (text: string) => withSection(text, 'agent tools', agentTools)],
  ['docs/annotations.md', 'the formats', (text: string) => withSection(text, 'formats', formats)],
  ['docs/annotations.md', 'the predictions', (text: string) => withSection(text, 'predictions', predictions)],
  ['docs/glossary.md', 'the terms', (text: string) => withSection(text, 'glossary', glossary.replaceAll('*', '\\*'))],
  ['docs/checkpoints.md', 'the families', (text: string) => withSection(text, 'families', families)],
  ['README.md', 'the detectors', (text: string) => withRow(text, 'detectors', `${detectors.join(', ')} · ${declare}`)],
  ['README.md', 'the formats', (text: string) => withRow(text, 'data sets', FORMATS.map(titleOf).join('; '))],
])('%s: %s are the registry’s', async (name, _, made) => {
  const file = new URL(`../../${name}`, import.meta.url);
  const text = readFileSync(file, 'utf8');
  const expected = await format(made(text), { parser: 'markdown', printWidth: 120 });
  if (process.env['UPDATE'] === '1') writeFileSync(file, expected);
  else expect(text).toBe(expected);
});

function titleOf({ title }: { readonly title: string }): string {
  return title.replaceAll('*', '\\*');
}

/** `text` with the second cell of the row that begins with `name` replaced. */
function withRow(text: string, name: string, made: string): string {
  const row = new RegExp(`^(\\| ${name} *\\|).*\\|$`, 'm');
  expect(text).toMatch(row);
  return text.replace(row, (_, start: string) => `${start} ${made} |`);
}

function code(word: string): string {
  return `\`${word}\``;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('*', '\\*')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** `text` with what stands between `<!-- name: … -->` and the next `<!-- end -->` replaced. */
function withSection(text: string, name: string, made: string): string {
  const section = new RegExp(`(<!-- ${name}: [^>]*-->\n)[^]*?(\n<!-- end -->)`);
  expect(text).toMatch(section);
  return text.replace(section, (_, start: string, end: string) => `${start}\n${made}\n${end}`);
}
