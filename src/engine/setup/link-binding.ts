/**
 * Links TensorFlow.js's native binding to a TensorFlow that is already there, so that its version (and CUDA) is the
 * person's own: the npm package's sources, compiled with g++ against that TensorFlow's headers and libraries.
 * Everything lands in one folder; each step leaves a mark when it is done, so that a set-up goes on where it stopped.
 *
 * The libraries are found by an absolute run path and not through links: TensorFlow's own run path ($ORIGIN/../nvidia/…,
 * where its CUDA libraries are) counts from where it was loaded.
 * Source: tfjs-node-gpu's binding.gyp (sources, NAPI_VERSION).
 */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { dataFolder } from '../places.js';
import { LINK_FILE, LINK_FOLDER, type LinkedTensorflow } from '../tfjs-binding.js';
import { FRAMEWORK, LIBRARY } from './find-tensorflow.js';

const PACKAGE = '@tensorflow/tfjs-node-gpu';
const VERSION = '4.22.0';
const HEADERS = 'node-api-headers@1.9.0';

export const LOG_FILE = 'setup.log';
/** What the set-up takes, MB: measured with npm 10; the binding itself is 1. */
export const LINK_SIZE = { downloadMb: 75, diskMb: 300 };

/** Folder of the linked binding, and all that the set-up ever writes. */
export function linkFolder(): string {
  return join(dataFolder(), LINK_FOLDER);
}

interface Step {
  readonly name: string;
  /** What the mark says: another text, and the step is done again. */
  readonly of: string;
  readonly todo: string;
  run(run: Run): Promise<void>;
}
type Run = (command: string, args: readonly string[]) => Promise<void>;

/**
 * @param say a line a step.
 * @throws MiningError 'engine' naming the step, what the command said, and what to do; what was done stays done.
 */
export async function linkBinding(tensorflow: LinkedTensorflow, say: (line: string) => void, folder = linkFolder()): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const step of stepsOf(tensorflow, folder)) {
    const mark = join(folder, `${step.name}.done`);
    if ((await readFile(mark, 'utf8').catch(() => null)) === step.of) {
      say(`${step.name}: done before`);
      continue;
    }
    say(`${step.name}: ${step.of}`);
    await carryOut(step, folder);
    await writeFile(mark, step.of);
  }
}

/** Takes away what `linkBinding` made. @returns false: there was nothing. */
export async function removeLinked(folder = linkFolder()): Promise<boolean> {
  const there = await stat(folder).then(() => true, () => false);
  await rm(folder, { recursive: true, force: true });
  return there;
}

function stepsOf(tensorflow: LinkedTensorflow, folder: string): Step[] {
  return [
    {
      name: 'packages',
      of: `${PACKAGE}@${VERSION}, ${HEADERS}`,
      todo: 'Is npm installed, and is its registry reachable? Run `ohem engines setup` again to go on',
      // No install scripts: the package's own would download another TensorFlow. npm checks each package's hash.
      run: async (run) => {
        await writeFile(join(folder, 'package.json'), '{"private": true}\n');
        await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--save-exact', '--prefix', folder, `${PACKAGE}@${VERSION}`, HEADERS]);
      },
    },
    {
      name: 'binding',
      of: `${tensorflow.folder} (${tensorflow.version})`,
      todo: 'A C++17 compiler is needed: on Debian and Ubuntu, `apt install g++`',
      run: (run) => compile(tensorflow.folder, folder, run),
    },
    {
      name: 'record',
      of: JSON.stringify({ folder: tensorflow.folder, version: tensorflow.version, cuda: tensorflow.cuda } satisfies LinkedTensorflow),
      todo: '',
      run: () => writeFile(join(folder, LINK_FILE), `${JSON.stringify({ folder: tensorflow.folder, version: tensorflow.version, cuda: tensorflow.cuda })}\n`),
    },
  ];
}

async function compile(tensorflow: string, folder: string, run: Run): Promise<void> {
  const target = join(folder, 'node_modules', PACKAGE);
  const out = join(target, 'lib/napi-v8');
  await mkdir(out, { recursive: true });
  const includes = [target, join(tensorflow, 'include'), join(folder, 'node_modules/node-api-headers/include')].map((path) => `-I${path}`);
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(target, 'binding', file));
  const libraries = [LIBRARY, FRAMEWORK].map((file) => join(tensorflow, file));
  const defines = ['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'];
  const draft = join(out, 'draft.node');
  await run('g++', ['-std=c++17', '-O2', '-fPIC', '-shared', ...defines, ...includes, ...sources, '-o', draft, ...libraries, `-Wl,-rpath,${tensorflow}`]);
  // Never half a file under the name that is looked for.
  await rename(draft, join(out, 'tfjs_binding.node'));
}

async function carryOut(step: Step, folder: string): Promise<void> {
  const log = join(folder, LOG_FILE);
  await appendFile(log, `${new Date().toISOString()} ${step.name}: ${step.of}\n`);
  try {
    await step.run((command, args) => runLogged(command, args, log));
  } catch (error) {
    const received = error instanceof Error ? error.message : String(error);
    await appendFile(log, `${step.name} failed: ${received}\n`);
    throw new MiningError('engine', `setup step "${step.name}"`, 'to succeed', received, { file: log, ...(step.todo === '' ? {} : { todo: step.todo }) });
  }
}

/** @throws Error with how it ended and the last line that tells of an error. */
function runLogged(command: string, args: readonly string[], log: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: false });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', (error) => reject(new Error(`${command}: ${'code' in error && error.code === 'ENOENT' ? 'not found' : error.message}`)));
    child.on('close', (code, signal) => {
      void appendFile(log, `$ ${[command, ...args].join(' ')}\n${text}`).catch(() => undefined);
      if (code === 0) return resolve();
      const telling = text.split('\n').find((line) => /\berror\b|ERR!|cannot find/i.test(line))?.trim() ?? '';
      reject(new Error(`${command} ended with ${signal ?? code}${telling === '' ? '' : `: ${telling.slice(0, 200)}`}`));
    });
  });
}
