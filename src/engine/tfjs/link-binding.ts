/**
 * Links TensorFlow.js's native binding to a TensorFlow that is already there, so that its version (and CUDA) is the
 * person's own: the prebuilt one where it is carried and loads, else the npm package's sources, compiled with g++
 * against that TensorFlow's headers and libraries.
 *
 * The libraries are found by an absolute run path and not through links: TensorFlow's own run path
 * ($ORIGIN/../nvidia/…, where its CUDA libraries are) counts from where it was loaded.
 * Source: tfjs-node-gpu's binding.gyp (sources, NAPI_VERSION).
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../places.js';
import { packagesStep } from '../setup/npm-packages.js';
import { carryOut, type SetupStep, type StepWork, type Tell } from '../setup/setup-steps.js';
import { LIBRARY, librariesOf } from './find-tensorflow.js';
import { readPrebuilt, withRunPath } from './prebuilt-binding.js';
import bindingLock from './binding-lock.json';
import { LINK_FILE, LINK_FOLDER, type LinkedTensorflow } from './tfjs-binding.js';

const BINDING_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** Folder of the linked binding, and all that the set-up ever writes for it. */
export function linkFolder(): string {
  return join(dataFolder(), LINK_FOLDER);
}

/**
 * @throws MiningError 'engine' naming the step, what the command said, and what to do; what was done stays done.
 */
export async function linkBinding(
  tensorflow: LinkedTensorflow,
  tell: Tell,
  signal?: AbortSignal,
  folder = linkFolder(),
): Promise<void> {
  await carryOut(linkSteps(tensorflow, folder), folder, tell, signal);
}

/** The TensorFlow that the binding in `folder` is linked to; null: none. */
export async function linkedIn(folder = linkFolder()): Promise<LinkedTensorflow | null> {
  return readFile(join(folder, LINK_FILE), 'utf8')
    .then((text) => JSON.parse(text) as LinkedTensorflow)
    .catch(() => null);
}

export function linkSteps({ folder: tensorflow, version, cuda }: LinkedTensorflow, folder: string): SetupStep[] {
  const record = JSON.stringify({ folder: tensorflow, version, cuda } satisfies LinkedTensorflow);
  return [
    packagesStep(bindingLock, folder),
    {
      name: 'binding',
      of: `${tensorflow} (${version})`,
      todo: 'A C++17 compiler is needed: on Debian and Ubuntu, `apt install g++`',
      async run(work) {
        // What is recorded must never be of another binding.
        await rm(join(folder, LINK_FILE), { force: true });
        await rm(join(folder, 'record.done'), { force: true });
        if (!(await placePrebuilt(tensorflow, folder, work))) await compile(tensorflow, folder, work);
      },
    },
    { name: 'record', of: record, todo: '', run: () => writeFile(join(folder, LINK_FILE), `${record}\n`) },
  ];
}

/** Spares the compiler. @returns false: none is carried, or it does not load here with this TensorFlow. */
async function placePrebuilt(tensorflow: string, folder: string, { program }: StepWork): Promise<boolean> {
  const prebuilt = await readPrebuilt();
  const { libraries, libraryFolder } = await librariesOf(tensorflow);
  if (prebuilt === null || libraries[0]?.endsWith(LIBRARY) !== true) return false;
  const out = join(folder, 'node_modules', BINDING_PACKAGE, 'lib/napi-v8');
  const draft = join(out, 'draft.node');
  try {
    await mkdir(out, { recursive: true });
    await writeFile(draft, withRunPath(prebuilt, libraryFolder));
    await program(process.execPath, ['-e', 'require(process.argv[1])', draft]);
  } catch {
    return false;
  }
  await rename(draft, join(out, 'tfjs_binding.node'));
  return true;
}

async function compile(tensorflow: string, folder: string, { program }: StepWork): Promise<void> {
  const target = join(folder, 'node_modules', BINDING_PACKAGE);
  const out = join(target, 'lib/napi-v8');
  await mkdir(out, { recursive: true });
  const { libraries, libraryFolder, include } = await librariesOf(tensorflow);
  const includes = [target, include, join(folder, 'node_modules/node-api-headers/include')].map((path) => `-I${path}`);
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(target, 'binding', file));
  const defines = ['-DNAPI_VERSION=8', '-DNODE_GYP_MODULE_NAME=tfjs_binding', '-DBUILDING_NODE_EXTENSION'];
  const draft = join(out, 'draft.node');
  await program('g++', [
    '-std=c++17',
    '-O2',
    '-fPIC',
    '-shared',
    ...defines,
    ...includes,
    ...sources,
    '-o',
    draft,
    ...libraries,
    `-Wl,-rpath,${libraryFolder}`,
  ]);
  // Never half a file under the name that is looked for.
  await rename(draft, join(out, 'tfjs_binding.node'));
}
