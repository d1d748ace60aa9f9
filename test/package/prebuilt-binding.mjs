// TensorFlow's binding for a linux-x64 vsix, so that a person needs no compiler:  node
// test/package/prebuilt-binding.mjs
// -> out/prebuilt/tfjs-binding-linux-x64.node, which pack.mjs takes along. Made of the npm package's sources and the C
// headers of
// a TensorFlow from Python's registry (test/tfjs-node.mjs; kept in ~/.cache/ohem-lens), linked to empty libraries of
// the names that
// TensorFlow's have. It wants the libstdc++ of GCC 11 (Ubuntu 22.04, Debian 12) where it is built with such.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, setUp } from '../tfjs-node.mjs';
import { isMain } from '../is-main.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
/** As src/engine/tfjs/prebuilt-binding.ts has it. */
const RUN_PATH = '/ohem-run-path'.padEnd(1024, '-');
const NOTICE = `\
tfjs-binding-linux-x64.node is compiled from the sources of @tensorflow/tfjs-node-gpu 4.22.0, Copyright Google LLC,
unchanged, under the Apache License 2.0 (LICENSE-APACHE-2.0.txt). It contains no part of TensorFlow itself.
`;

/** @param {string} folder of test/tfjs-node.mjs. @returns {string} path of the binding. */
export function buildPrebuilt(folder) {
  setUp(folder);
  const modules = join(folder, 'data/tfjs-node/node_modules');
  const source = join(modules, '@tensorflow/tfjs-node-gpu');
  const { folder: tensorflow } = JSON.parse(readFileSync(join(folder, 'data/tfjs-node/linked.json'), 'utf8'));
  const work = mkdtempSync(join(tmpdir(), 'ohem-prebuilt-'));
  const out = join(root, 'out/prebuilt');
  mkdirSync(out, { recursive: true });
  const target = join(out, 'tfjs-binding-linux-x64.node');
  writeFileSync(join(work, 'empty.c'), '');
  for (const name of LIBRARIES)
    run('g++', ['-x', 'c', '-shared', '-fPIC', join(work, 'empty.c'), `-Wl,-soname,${name}`, '-o', join(work, name)]);
  const includes = [source, join(tensorflow, 'include'), join(modules, 'node-api-headers/include')].map(
    (path) => `-I${path}`,
  );
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(source, 'binding', file));
  const defines = ['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'];
  // Functions of TensorFlow are bound when they are called: the libraries here have none.
  const link = [
    '-s',
    '-Wl,--no-as-needed',
    ...LIBRARIES.map((name) => join(work, name)),
    '-Wl,-z,lazy',
    `-Wl,-rpath,${RUN_PATH}`,
  ];
  run('g++', ['-std=c++17', '-O2', '-fPIC', '-shared', ...defines, ...includes, ...sources, '-o', target, ...link]);
  rmSync(work, { recursive: true });
  cpSync(join(root, 'node_modules/typescript/LICENSE.txt'), join(out, 'LICENSE-APACHE-2.0.txt'));
  writeFileSync(join(out, 'NOTICE.txt'), NOTICE);
  return target;
}

if (isMain(import.meta.url)) {
  if (`${process.platform}-${process.arch}` !== 'linux-x64' || spawnSync('g++', ['--version']).status !== 0) {
    console.error('Linux x64 and g++ are wanted');
    process.exit(2);
  }
  const target = buildPrebuilt(process.env['OHEM_TEST_CACHE'] ?? join(homedir(), '.cache/ohem-lens/tfjs-node-suite'));
  console.log(`${target}: ${(statSync(target).size / 1000).toFixed(0)} KB`);
}
