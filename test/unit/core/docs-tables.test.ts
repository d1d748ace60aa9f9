/** The tables in docs/ that follow from a registry. UPDATE=1 writes them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { SAMPLERS } from '../../../src/core/mining/samplers/index.js';

const SEMANTICS = new URL('../../../docs/semantics.md', import.meta.url);

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

describe('docs/semantics.md', () => {
  test.each([['presets', presets]])('the table of %s is the registry’s', async (name, made) => {
    const text = readFileSync(SEMANTICS, 'utf8');
    const expected = await format(withSection(text, name, made), { parser: 'markdown', printWidth: 120 });
    if (process.env['UPDATE'] === '1') writeFileSync(SEMANTICS, expected);
    else expect(text).toBe(expected);
  });
});

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
