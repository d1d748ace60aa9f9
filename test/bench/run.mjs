// `npm run bench`: seeded, warmed, each result used; figures go to docs/benchmarks by machine.
import * as esbuild from 'esbuild';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BUNDLES } from '../../esbuild.mjs';
import { measurePanel } from '../webview/measure.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Beside dist, so that the engines find their wasm files as they do in a release.
const outdir = join(root, 'dist', 'bench');
await esbuild.build({
  ...BUNDLES.worker,
  entryPoints: [join(root, 'test/bench/suite.ts')],
  outdir,
  sourcemap: false,
  logLevel: 'warning',
});
const { runSuite } = await import(pathToFileURL(join(outdir, 'suite.mjs')).href);

const only = process.argv.slice(2);
const machine = `${cpus()[0]?.model ?? 'unknown'} x${availableParallelism()}`.replace(/\s+/g, ' ').trim();
const figures = await runSuite({ root, only });
if (only.length === 0 || only.includes('panel')) Object.assign(figures, await measurePanel([8400, 25_200]));
const report = {
  machine,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  node: process.version,
  date: new Date().toISOString().slice(0, 10),
  figures,
};
const file = join(root, 'docs', 'benchmarks', `${machine.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.json`);
await mkdir(join(root, 'docs', 'benchmarks'), { recursive: true });
const before = await readFile(file, 'utf8').then(JSON.parse, () => ({ figures: {} }));
await writeFile(file, `${JSON.stringify({ ...report, figures: { ...before.figures, ...figures } }, null, 2)}\n`);
console.table(figures);
