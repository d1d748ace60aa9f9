// Every reader of annotations over mutated files: `npm run fuzz -- [number of runs]`, 100,000 by default.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = ['node_modules/vitest/vitest.mjs', 'run', 'test/property/dataset/annotations-fuzz.test.ts'];
const env = { ...process.env, FUZZ_RUNS: process.argv[2] ?? '100000' };
process.exitCode = spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
