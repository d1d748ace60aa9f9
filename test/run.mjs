// `npm test`: everything, one after the other. A later stage runs although an earlier one failed; the exit status
// tells.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const node = (...args) => [process.execPath, args];
const stages = [
  ['types', node('test/typecheck.mjs')],
  ['format', node('node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn')],
  ['lint', node('node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0')],
  [
    'rooms',
    node(
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      '--config',
      '.dependency-cruiser.mjs',
      'src',
      'webview',
    ),
  ],
  ['house', node('test/house.mjs')],
  ['build', node('esbuild.mjs')],
  ['unit, reference, property, contract, package, reliability', node('node_modules/vitest/vitest.mjs', 'run')],
  ['the panel in a browser', node('test/webview/check.mjs')],
  // Made in CI and where they have been made before: cold, it fetches PyTorch and takes some three minutes.
  ['exports of other frameworks', node('test/exports-suite.mjs')],
  // Cold, it fetches TensorFlow from Python's registry and links the binding; what it made stays in the user's cache
  // folder.
  ["TensorFlow's native binding", node('test/tfjs-node-suite.mjs')],
  ["VS Code's extension host", node('test/host/run.mjs')],
  ['end to end on the installed vsix', node('test/e2e/run.mjs')],
  ['what the editor asks, on the installed vsix', node('test/e2e/questions.mjs')],
  ['from hard examples to decisions, on the installed vsix', node('test/e2e/triage.mjs')],
  ['checkpoints compared and a dump watched, on the installed vsix', node('test/e2e/checkpoints.mjs')],
  ['menus and what a refusal leads to, on the installed vsix', node('test/e2e/doors.mjs')],
  ['training in the editor, on the installed vsix', node('test/e2e/train.mjs')],
  ['VS Code in Chinese, on the installed vsix', node('test/e2e/chinese.mjs')],
  ['the newest VS Code: extension host', node('test/host/run.mjs'), { OHEM_VSCODE: 'newest' }],
  ['the newest VS Code: end to end', node('test/e2e/run.mjs'), { OHEM_VSCODE: 'newest' }],
];

const failed = [];
const started = Date.now();
for (const [name, [command, args], env] of stages) {
  const at = Date.now();
  console.log(`\n=== ${name}`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  console.log(`--- ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${((Date.now() - at) / 1000).toFixed(0)} s)`);
  if (status !== 0) failed.push(name);
}
console.log(
  `\n${stages.length - failed.length} stages passed, ${failed.length} failed ` +
    `(${((Date.now() - started) / 1000).toFixed(0)} s)${failed.length ? `: ${failed.join('; ')}` : ''}`,
);
console.log(`stages: ${stages.length - failed.length} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;
