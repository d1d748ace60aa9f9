// Builds TensorFlow's binding for training, outside the repository:  node test/tfjs-node.mjs FOLDER
// A copy of @tensorflow/tfjs-node-gpu's sources is compiled against the TensorFlow of a Python wheel (python3, pip and
// g++ are wanted; the package's own install script is not run). Afterwards: TFJS_NODE_PATH=FOLDER/tfjs-node-gpu
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const WHEEL = 'tensorflow-cpu==2.21.0';
const root = fileURLToPath(new URL('..', import.meta.url));
const [target] = process.argv.slice(2);
if (target === undefined) {
  console.error('node test/tfjs-node.mjs FOLDER');
  process.exit(2);
}
const folder = resolve(target);
const build = join(folder, 'tfjs-node-gpu');

function run(command, ...args) {
  const { status, stdout } = spawnSync(command, args, { stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
  return stdout.trim();
}

function link(from, to) {
  rmSync(to, { force: true, recursive: true });
  symlinkSync(from, to);
}

mkdirSync(folder, { recursive: true });
const python = join(folder, 'venv/bin/python');
if (!existsSync(python)) run('python3', '-m', 'venv', 'venv');
run(python, '-m', 'pip', 'install', '--quiet', WHEEL);
const tensorflow = dirname(run(python, '-c', 'import importlib.util as u; print(u.find_spec("tensorflow").origin)'));

cpSync(join(root, 'node_modules/@tensorflow/tfjs-node-gpu'), build, { recursive: true });
// The copy shares the repository's TensorFlow.js: one registry of backends.
link(join(root, 'node_modules'), join(folder, 'node_modules'));
mkdirSync(join(build, 'deps/lib'), { recursive: true });
mkdirSync(join(build, 'lib/napi-v8'), { recursive: true });
link(join(tensorflow, 'include'), join(build, 'deps/include'));
for (const [name, file] of [['libtensorflow.so', 'libtensorflow_cc.so.2'], ['libtensorflow_cc.so.2', 'libtensorflow_cc.so.2'], ['libtensorflow_framework.so', 'libtensorflow_framework.so.2'], ['libtensorflow_framework.so.2', 'libtensorflow_framework.so.2']]) {
  link(join(tensorflow, file), join(build, 'deps/lib', name));
}
const headers = join(dirname(dirname(process.execPath)), 'include/node');
const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(build, 'binding', file));
run('g++', '-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', `-I${folder}`, `-I${join(build, 'deps/include')}`, `-I${headers}`, ...sources, '-o', join(build, 'lib/napi-v8/tfjs_binding.node'), `-L${join(build, 'deps/lib')}`, '-Wl,-rpath,$ORIGIN/../../deps/lib', '-ltensorflow', '-ltensorflow_framework');
console.log(`TFJS_NODE_PATH=${build}`);
