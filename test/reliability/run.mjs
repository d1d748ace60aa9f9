// `npm run reliability`: all of the damage, kills and faults of this folder, of which `npm test` tries a share. Ends
// with a table of what was tried; UPDATE=1 puts it into docs/reliability.md. Arguments go to vitest, such as a file.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DOCS = join(root, 'docs/reliability.md');
const [BEGIN, END] = ['<!-- figures -->', '<!-- end of figures -->'];

const folder = mkdtempSync(join(tmpdir(), 'ohem-figures-'));
const file = join(folder, 'figures.jsonl');
writeFileSync(file, '');
const asked = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', ...(asked.length === 0 ? ['test/reliability'] : asked)],
  { cwd: root, stdio: 'inherit', env: { ...process.env, OHEM_RELIABILITY: 'full', OHEM_FIGURES: file } },
);
const figures = readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse).sort();
rmSync(folder, { recursive: true });

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const rows = figures.map(([what, outcome]) => `| ${what} | ${outcome} |`);
const date = new Date().toISOString().slice(0, 10);
const title = `${date}, version ${version}, ${process.platform}, Node.js ${process.version}`;
const table = [`${title}:`, '', '| tried | outcome |', '| --- | --- |', ...rows].join('\n');
console.log(table);
if (process.env.UPDATE !== undefined && status === 0) {
  const [before, rest] = readFileSync(DOCS, 'utf8').split(BEGIN);
  writeFileSync(DOCS, `${before}${BEGIN}\n\n${table}\n\n${END}${rest.split(END)[1]}`);
}
process.exitCode = status ?? 1;
