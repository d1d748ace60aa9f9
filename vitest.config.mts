import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/**
 * What a person has set up on this machine is not tested, nor changed: an empty folder stands for it.
 * test/tfjs-node-suite.mjs
 * names backends that must run, and brings a folder with them.
 */
function emptyFolders(): Record<string, string> {
  if (process.env['OHEM_REQUIRED_BACKENDS'] !== undefined) return {};
  const folder = join(tmpdir(), `ohem-vitest-${process.pid}`);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { OHEM_DATA: join(folder, 'data'), OHEM_CACHE: join(folder, 'cache'), OHEM_TFJS_NODE: '' };
}

export default defineConfig({
  test: {
    include: ['test/{unit,reference,property,contract,package,reliability}/**/*.test.ts'],
    env: emptyFolders(),
    testTimeout: 60_000,
    pool: 'forks',
    coverage: { include: ['src/**/*.ts', 'webview/**/*.{ts,tsx}'], reportsDirectory: 'out/coverage' },
  },
});
