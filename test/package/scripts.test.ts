/** Scripts work in folders with spaces and on Windows: an address is made a path, and back, by Node alone. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '*.mjs', '*.mts', '*.js', '*.ts'];
const scripts = execFileSync('git', list, { encoding: 'utf8' })
  .split('\0')
  .filter((file) => /^[^/]+$|^test\//.test(file) && !file.endsWith('scripts.test.ts'));
const folder = mkdtempSync(join(tmpdir(), 'ohem scripts '));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('scripts', () => {
  it.each([
    ['make no address by hand: pathToFileURL', /import\.meta\.url.*`file:\/\//],
    ['take no path out of an address by hand: fileURLToPath', /import\.meta\.url\s*\)\s*\.(pathname|href\.slice)/],
  ])('%s', (_, fault) => {
    expect(scripts.length).toBeGreaterThan(100);
    expect(scripts.filter((file) => fault.test(readFileSync(file, 'utf8')))).toEqual([]);
  });

  it('know when they are what Node runs, in a folder with a space and through a link', () => {
    const inside = join(folder, 'with a space');
    mkdirSync(inside);
    cpSync('test/is-main.mjs', join(inside, 'is-main.mjs'));
    const text = "import { isMain } from './is-main.mjs';\nconsole.log(isMain(import.meta.url));\n";
    writeFileSync(join(inside, 'script.mjs'), text);
    writeFileSync(join(inside, 'other.mjs'), "import './script.mjs';\n");
    symlinkSync(inside, join(folder, 'link'), 'junction');
    const run = (...path: string[]) => execFileSync(process.execPath, [join(folder, ...path)], { encoding: 'utf8' });
    expect(run('with a space', 'script.mjs')).toBe('true\n');
    expect(run('link', 'script.mjs')).toBe('true\n');
    expect(run('with a space', 'other.mjs')).toBe('false\n');
  });
});
