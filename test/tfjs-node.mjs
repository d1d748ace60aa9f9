// TensorFlow's native binding in a folder of its own, outside the repository:  node test/tfjs-node.mjs FOLDER
// A Python environment with tensorflow-cpu, and `ohem engines setup` on it (python3 with pip, npm and g++ are wanted).
// What is
// there already is kept. For training: TFJS_NODE_PATH, as printed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMain } from './is-main.mjs';

const WHEEL = 'tensorflow-cpu==2.21.0';
const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs a program to its end. @throws Error when it fails. */
export function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    cwd: root,
    env: { ...process.env, ...env },
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? `ended with ${status}`}`);
}

/**
 * Makes what is missing of the environment and the binding.
 * @returns {{python: string, env: Record<string, string>, binding: string}} `env`: what makes `ohem` use the binding.
 */
export function setUp(folder) {
  mkdirSync(folder, { recursive: true });
  const python = join(folder, 'venv/bin/python');
  const mark = join(folder, `${WHEEL}.done`);
  if (!existsSync(mark)) {
    rmSync(join(folder, 'venv'), { recursive: true, force: true });
    run('python3', ['-m', 'venv', join(folder, 'venv')]);
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', WHEEL]);
    writeFileSync(mark, '');
  }
  if (!existsSync(join(root, 'dist/cli.mjs'))) run(process.execPath, ['esbuild.mjs']);
  const env = { OHEM_DATA: join(folder, 'data'), OHEM_CACHE: join(folder, 'cache') };
  run(process.execPath, ['dist/cli.mjs', 'engines', 'setup', '--tensorflow', python, '--yes'], env);
  return { python, env, binding: join(folder, 'data/tfjs-node/node_modules/@tensorflow/tfjs-node-gpu') };
}

if (isMain(import.meta.url)) {
  const [target] = process.argv.slice(2);
  if (target === undefined) {
    console.error('node test/tfjs-node.mjs FOLDER');
    process.exit(2);
  }
  const { binding } = setUp(resolve(target));
  // Training registers the binding with the repository's TensorFlow.js: one registry of backends.
  const core = join(binding, '../tfjs-core');
  rmSync(core, { recursive: true, force: true });
  symlinkSync(join(root, 'node_modules/@tensorflow/tfjs-core'), core);
  console.log(`TFJS_NODE_PATH=${binding}`);
}
