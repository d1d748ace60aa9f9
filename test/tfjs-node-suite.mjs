// The engine suite on TensorFlow's native binding, which must run, and on WebGPU where a software adapter is there:
//   node test/tfjs-node-suite.mjs [--thorough]        real detectors on the software adapter too: minutes
// TensorFlow comes from Python's package registry once and stays in ~/.cache/ohem-lens (OHEM_TEST_CACHE: elsewhere),
// with the
// binding and the SavedModels made by it. Linux only.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrebuilt } from './package/prebuilt-binding.mjs';
import { softwareGpu } from './software-gpu.mjs';
import { run, setUp } from './tfjs-node.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
if (process.platform !== 'linux') {
  console.log(`skipped: the binding is linked on Linux so far, not on ${process.platform}`);
  process.exit(0);
}
const folder = process.env['OHEM_TEST_CACHE'] ?? join(homedir(), '.cache/ohem-lens/tfjs-node-suite');
const started = Date.now();
const { python, env } = setUp(folder);
const models = made('make-saved-models.py', 'models');
const tfliteModels = made('make-tflite-models.py', 'tflite');
console.log(`set up in ${((Date.now() - started) / 1000).toFixed(0)} s`);
// Training as well, which the other tests do in JavaScript.
const training = ['test/unit/train', 'test/reference/train', 'test/unit/run/train/train-run.test.ts'];
const suites = [
  'test/contract/engines.test.ts',
  'test/contract/engine-placement.test.ts',
  'test/contract/engine-agreement.test.ts',
  'test/contract/engine-electron.test.ts',
  'test/contract/engine-prebuilt.test.ts',
  'test/contract/tfjs-node.test.ts',
  'test/contract/tflite.test.ts',
  ...training,
];
const prebuilt = process.arch === 'x64' ? buildPrebuilt(folder) : undefined;
const gpu = softwareGpu();
const required = ['tfjs-node', ...(gpu === null ? [] : ['tfjs-webgpu', 'onnxruntime-webgpu'])];
run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...suites], {
  ...env,
  ...gpu,
  OHEM_REQUIRED_BACKENDS: required.join(),
  OHEM_SAVED_MODELS: models,
  OHEM_TFLITE_MODELS: tfliteModels,
  OHEM_PREBUILT: prebuilt,
  OHEM_THOROUGH: process.argv.includes('--thorough') ? '1' : '',
});

/** The folder that a script fills, anew where the script has changed. */
function made(name, into) {
  const script = join(root, 'test/contract', name);
  const to = join(folder, into);
  const mark = join(to, createHash('sha256').update(readFileSync(script)).digest('hex'));
  if (existsSync(mark)) return to;
  rmSync(to, { recursive: true, force: true });
  run(python, [script, to], { TF_CPP_MIN_LOG_LEVEL: '2' });
  writeFileSync(mark, '');
  return to;
}
