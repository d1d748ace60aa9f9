/**
 * TensorFlows that are already on this machine: in Python environments, or unpacked as C libraries. A bounded search by
 * file names; no Python is started.
 */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { said, type Phrase } from '../../core/said.js';
import type { LinkedTensorflow } from './tfjs-binding.js';

/** Of a Python wheel. */
export const LIBRARY = 'libtensorflow_cc.so.2';
export const FRAMEWORK = 'libtensorflow_framework.so.2';
/** Of the C library, in `lib`. */
export const C_LIBRARY = 'libtensorflow.so.2';
const HEADERS = ['tensorflow/c/c_api.h', 'tensorflow/c/eager/c_api.h'];

/** A TensorFlow that the binding can be linked to; `why` says what is in the way, '' nothing. */
export interface FoundTensorflow extends LinkedTensorflow {
  readonly why: Phrase;
}

/** Environments looked at: more on one machine are nobody's. */
const MAX_ENVIRONMENTS = 200;

/**
 * @param workFolder searched for `.venv`, `venv` and `env`.
 * @returns best first: with CUDA, then by version.
 */
export async function findTensorflows(
  workFolder: string,
  env: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): Promise<FoundTensorflow[]> {
  const prefixes = [...new Set(await prefixesOf(workFolder, env, home))].slice(0, MAX_ENVIRONMENTS);
  const folders = (await Promise.all(prefixes.map(tensorflowsIn))).flat();
  const wheels = [...new Set(folders)].map(describeTensorflow);
  const unpacked = (await unpackedPrefixes(workFolder, env, home)).map(describeUnpacked);
  const found = await Promise.all([...wheels, ...unpacked]);
  const usable = found.filter((each) => each !== null);
  return usable.sort(
    (a, b) =>
      Number(b.cuda !== null) - Number(a.cuda !== null) || b.version.localeCompare(a.version, 'en', { numeric: true }),
  );
}

/** Folders that have a `lib/pythonX.Y` if they are environments. */
async function prefixesOf(workFolder: string, env: NodeJS.ProcessEnv, home: string): Promise<string[]> {
  const named = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter((path) => path !== undefined && path !== '');
  const project = ['.venv', 'venv', 'env', '.conda'].map((name) => join(workFolder, name));
  const parents = [
    join(env['PYENV_ROOT'] ?? join(home, '.pyenv'), 'versions'),
    ...[
      '.virtualenvs',
      '.local/share/virtualenvs',
      '.conda/envs',
      'miniconda3/envs',
      'anaconda3/envs',
      'miniforge3/envs',
      'mambaforge/envs',
      'micromamba/envs',
      'venvs',
    ].map((name) => join(home, name)),
    '/opt/conda/envs',
  ];
  const children = await Promise.all(
    parents.map(async (parent) => (await readdir(parent).catch(() => [])).map((name) => join(parent, name))),
  );
  const bases = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', '.local'].map((name) => join(home, name));
  return [...(named as string[]), ...project, ...children.flat(), ...bases, '/opt/conda', '/usr/local', '/usr'];
}

async function tensorflowsIn(prefix: string): Promise<string[]> {
  const lib = join(prefix, 'lib');
  const pythons = (await readdir(lib).catch(() => [])).filter((name) => /^python3(\.\d+)?$/.test(name));
  return pythons.flatMap((name) =>
    ['site-packages', 'dist-packages'].map((packages) => join(lib, name, packages, 'tensorflow')),
  );
}

/**
 * @param path a TensorFlow folder, a Python environment, or its `python`.
 * @returns the TensorFlow there; null: none.
 */
export async function tensorflowAt(path: string): Promise<FoundTensorflow | null> {
  const prefixes = [path, dirname(path), dirname(dirname(path))];
  const folders = [path, ...(await Promise.all(prefixes.map(tensorflowsIn))).flat()];
  for (const folder of folders) {
    const found = (await describeUnpacked(folder)) ?? (await describeTensorflow(folder));
    if (found !== null) return found;
  }
  return null;
}

/** Folders that have `lib/libtensorflow.so.2` if the C library was unpacked there. */
async function unpackedPrefixes(workFolder: string, env: NodeJS.ProcessEnv, home: string): Promise<string[]> {
  const named = ['LIBRARY_PATH', 'LD_LIBRARY_PATH']
    .flatMap((name) => (env[name] ?? '').split(delimiter))
    .filter((path) => path !== '');
  const among = async (parent: string) =>
    (await readdir(parent).catch(() => []))
      .filter((name) => name.startsWith('libtensorflow'))
      .map((name) => join(parent, name));
  const folders = (await Promise.all([workFolder, home, '/opt', '/usr/local'].map(among))).flat();
  return [...new Set([...named.map((path) => dirname(resolve(path))), ...folders, '/usr/local', '/usr'])].slice(
    0,
    MAX_ENVIRONMENTS,
  );
}

/** What a compiler is given of a TensorFlow: a wheel's folder, or that of the unpacked C library. */
export async function librariesOf(
  folder: string,
): Promise<{ readonly libraries: readonly string[]; readonly libraryFolder: string; readonly include: string }> {
  const isUnpacked = await isFile(join(folder, 'lib', C_LIBRARY));
  const libraryFolder = isUnpacked ? join(folder, 'lib') : folder;
  const files = isUnpacked ? [C_LIBRARY, FRAMEWORK] : [LIBRARY, FRAMEWORK];
  return { libraries: files.map((file) => join(libraryFolder, file)), libraryFolder, include: join(folder, 'include') };
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function describeUnpacked(folder: string): Promise<FoundTensorflow | null> {
  const lib = join(folder, 'lib');
  const names = await readdir(lib).catch(() => []);
  if (!names.some((name) => name.startsWith('libtensorflow.so'))) return null;
  const wanted = [`lib/${C_LIBRARY}`, `lib/${FRAMEWORK}`, ...HEADERS.map((file) => `include/${file}`)];
  const missing = await missingOf(folder, wanted);
  const version =
    names.map((name) => /^libtensorflow\.so\.(\d+\.\d+\.\d+)$/.exec(name)?.[1]).find((each) => each !== undefined) ??
    '2';
  const cuda = (await hasGpuCode(join(lib, C_LIBRARY))) ? 'unknown version' : null;
  return { folder, version, cuda, why: missing.length === 0 ? '' : said`${missing.join(', ')} missing` };
}

async function missingOf(folder: string, files: readonly string[]): Promise<string[]> {
  const there = await Promise.all(files.map((file) => isFile(join(folder, file))));
  return files.filter((_, i) => !there[i]);
}

/**
 * Does a Linux library (ELF, 64 bit) have NVIDIA's section of kernels? False for anything else.
 * Source: System V ABI, ELF header and section headers; nvcc names the section `.nv_fatbin`.
 */
export async function hasGpuCode(path: string): Promise<boolean> {
  const file = await open(path, 'r').catch(() => null);
  if (file === null) return false;
  try {
    const header = Buffer.alloc(64);
    await file.read(header, 0, 64, 0);
    if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2) return false;
    const entry = Buffer.alloc(64);
    const names = Number(header.readBigUInt64LE(0x28)) + header.readUInt16LE(0x3a) * header.readUInt16LE(0x3e);
    await file.read(entry, 0, 64, names);
    const text = Buffer.alloc(Math.min(Number(entry.readBigUInt64LE(0x20)), 65_536));
    await file.read(text, 0, text.length, Number(entry.readBigUInt64LE(0x18)));
    return text.includes('.nv_fatbin');
  } finally {
    await file.close();
  }
}

async function describeTensorflow(folder: string): Promise<FoundTensorflow | null> {
  const entries: string[] = await readdir(folder).catch(() => []);
  // An environment has an `include`, too.
  if (
    ![LIBRARY, FRAMEWORK].some((name) => entries.includes(name)) &&
    !(entries.includes('include') && entries.includes('python'))
  )
    return null;
  const missing = await missingOf(folder, [LIBRARY, FRAMEWORK, ...HEADERS.map((file) => `include/${file}`)]);
  const version = await versionOf(folder);
  const info = await readFile(join(folder, 'python/platform/build_info.py'), 'utf8').catch(() => '');
  const isCuda = /'is_cuda_build',\s*True/.test(info);
  const cuda = /'cuda_version',\s*'([\d.]+)'/.exec(info)?.[1] ?? (isCuda ? 'unknown version' : null);
  return {
    folder,
    version,
    cuda: isCuda ? cuda : null,
    why: missing.length === 0 ? '' : said`${missing.join(', ')} missing`,
  };
}

/** By the name of the wheel's folder beside the package; else the major version that its library's name says. */
async function versionOf(folder: string): Promise<string> {
  const beside = await readdir(dirname(folder)).catch(() => []);
  const versions = beside
    .map((name) => /^tensorflow(?:_cpu|_gpu|_intel|_rocm)?-([\w.]+)\.dist-info$/.exec(name)?.[1])
    .filter((each) => each !== undefined);
  return versions[0] ?? '2';
}
