/**
 * Where TensorFlow's binding (`@tensorflow/tfjs-node-gpu`, `@tensorflow/tfjs-node`) lies, and which TensorFlow it was
 * linked to. Looks at files only; tfjs-node.ts loads it.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { said } from '../../core/said.js';
import { Refusal } from '../failure.js';
import { driverVersion } from '../gpu/nvidia.js';
import { packageFolders } from '../places.js';

type Env = Readonly<Record<string, string | undefined>>;

export const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];
/** Written by the set-up beside the package's node_modules. */
export const LINK_FILE = 'linked.json';
/** Folder of the set-up inside the data folder. */
export const LINK_FOLDER = 'tfjs-node';

/** The TensorFlow that a binding was built against. */
export interface LinkedTensorflow {
  /** Absolute folder with `libtensorflow_cc.so.2`, or with `lib/libtensorflow.so.2`. */
  readonly folder: string;
  readonly version: string;
  /** CUDA that it was built for: `12.5.1`; null: a CPU build. */
  readonly cuda: string | null;
}

export interface Binding {
  /** Absolute folder of the npm package. */
  readonly folder: string;
  /** Absolute path of `tfjs_binding.node`. */
  readonly file: string;
  /** null: the package's own TensorFlow, or one that nobody wrote down. */
  readonly linked: LinkedTensorflow | null;
}

/**
 * The first that is built: `OHEM_TFJS_NODE` (then no other is looked at), the one of `ohem engines setup`, the
 * installed packages.
 * @throws Error with the reason when there is none.
 */
export async function findBinding(env: Env = process.env): Promise<Binding> {
  const pinned = env['OHEM_TFJS_NODE'];
  for (const folder of pinned ? [resolve(pinned)] : candidates(env)) {
    const file = await builtFile(folder);
    if (file !== null) return { folder, file, linked: await readLinked(folder) };
  }
  if (pinned) throw new Refusal(said`OHEM_TFJS_NODE: no lib/napi-v8/tfjs_binding.node in ${resolve(pinned)}`);
  throw new Refusal(
    'TensorFlow\'s binding is not set up: run `ohem engines setup`, in the editor "Set Up GPU Backend"',
  );
}

/** What was set up for any of the packages comes before what is installed. */
function candidates(env: Env): string[] {
  const folders = PACKAGES.map((name) => packageFolders(name, LINK_FOLDER, env));
  return [...folders.flatMap(([setUp = []]) => setUp), ...folders.flatMap(([, ...installed]) => installed)];
}

async function builtFile(folder: string): Promise<string | null> {
  const versions = await readdir(join(folder, 'lib')).catch(() => []);
  for (const version of versions
    .filter((name) => name.startsWith('napi-v'))
    .sort()
    .reverse()) {
    const file = join(folder, 'lib', version, 'tfjs_binding.node');
    if (
      await stat(file).then(
        (found) => found.isFile(),
        () => false,
      )
    )
      return file;
  }
  return null;
}

/** FOLDER/node_modules/@tensorflow/tfjs-node-gpu -> FOLDER/linked.json */
async function readLinked(folder: string): Promise<LinkedTensorflow | null> {
  try {
    const json = JSON.parse(await readFile(resolve(folder, '../../..', LINK_FILE), 'utf8')) as LinkedTensorflow;
    return {
      folder: String(json.folder),
      version: String(json.version),
      cuda: json.cuda === null ? null : String(json.cuda),
    };
  } catch {
    return null;
  }
}

/** What a verdict about this binding depends on: the built file, the TensorFlow behind it, the driver. */
export async function stampOf({ file, linked }: Binding): Promise<string> {
  const files = [
    file,
    ...(linked === null
      ? []
      : ['libtensorflow_cc.so.2', 'lib/libtensorflow.so.2'].map((name) => join(linked.folder, name))),
  ];
  const times = await Promise.all(
    files.map(
      async (path) =>
        `${path} ${await stat(path).then(
          (found) => found.mtimeMs,
          () => 'gone',
        )}`,
    ),
  );
  return [...times, linked?.version ?? '', await driverVersion()].join('; ');
}
