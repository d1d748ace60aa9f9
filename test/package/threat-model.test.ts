/** What docs/threat-model.md promises is held by tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const rows = readFileSync(`${root}docs/threat-model.md`, 'utf8')
  .split('\n')
  .filter((line) => /^\| (?!threat|-)/.test(line));

it('each threat names a test, and each named test is there', () => {
  expect(rows.length).toBeGreaterThan(20);
  for (const row of rows) {
    const tests = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(tests, row).not.toEqual([]);
    for (const file of tests) expect(existsSync(`${root}${file}`), file).toBe(true);
  }
});
