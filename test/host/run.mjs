// The suite in VS Code's extension host, through @vscode/test-electron. OHEM_DESKTOP=1 lets it download the desktop VS
// Code;
// otherwise test/vscode/code.mjs stands in as the executable.
import { runTests } from '@vscode/test-electron';
import * as esbuild from 'esbuild';
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = join(root, 'out', 'host-tests');
const workspace = join(root, 'out', 'host-workspace');

await rm(workspace, { recursive: true, force: true });
await mkdir(workspace, { recursive: true });
await cp(join(root, 'media', 'sample'), workspace, { recursive: true });
const suites = (await readdir(join(root, 'test/host/suite'))).filter((name) => name.endsWith('.ts'));
await rm(out, { recursive: true, force: true });
await esbuild.build({
  entryPoints: suites.map((name) => join(root, 'test/host/suite', name)),
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode', 'mocha', 'sharp', 'onnxruntime-node', 'onnxruntime-web'],
  sourcemap: 'inline',
  logLevel: 'warning',
});

const desktop = process.env.OHEM_DESKTOP === '1';
try {
  await runTests({
    ...(desktop ? {} : { vscodeExecutablePath: join(root, 'test/vscode/code.mjs') }),
    extensionDevelopmentPath: root,
    extensionTestsPath: join(out, 'index.js'),
    launchArgs: [workspace, '--disable-extensions'],
    extensionTestsEnv: { OHEM_ROOT: root },
  });
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
