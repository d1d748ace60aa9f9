/**
 * Tables of the docs that follow from registries: `UPDATE=1 npx vitest run test/package/docs-tables.test.ts` writes
 * them, `npx prettier --write docs` aligns them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../../src/engine/registry.js';
import { SETUPS } from '../../src/engine/survey.js';

const code = (text: string) => `\`${text}\``;
/** By file and mark: heads, and a row an entry. */
const TABLES: readonly (readonly [file: string, mark: string, rows: readonly (readonly string[])[]])[] = [
  [
    'docs/engines.md',
    'backends',
    [['backend', 'what', 'needs'], ...BACKENDS.map(({ id, summary, needs }) => [code(id), summary, needs])],
  ],
  [
    'docs/engines.md',
    'set-ups',
    [
      ['choice', 'what', 'downloaded', 'kept'],
      ...SETUPS.map(({ option, help, size }) => [code(option), help, `${size.downloadMb} MB`, `${size.diskMb} MB`]),
    ],
  ],
];

/** Between `<!-- MARK -->` and `<!-- /MARK -->`. */
const place = (mark: string) => new RegExp(`(<!-- ${mark} -->\n\n)([^]*?)(\n<!-- /${mark} -->)`);
/** A table without its alignment, which is Prettier's. */
const bare = (table: string) => table.replace(/ +\|/g, ' |').replace(/-+/g, '-');

describe.each(TABLES)('%s: the table of %s', (file, mark, [heads, ...rows]) => {
  const lines = [heads, heads.map(() => '-'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);

  it('follows from the registry', () => {
    const text = readFileSync(file, 'utf8');
    if (process.env['UPDATE'] === '1')
      writeFileSync(
        file,
        text.replace(place(mark), (_, head: string, __, tail: string) => head + lines.join('') + tail),
      );
    const found = place(mark).exec(readFileSync(file, 'utf8'))?.[2] ?? 'no marks';
    expect(bare(found), 'run: UPDATE=1 npx vitest run test/package/docs-tables.test.ts').toBe(bare(lines.join('')));
  });
});
