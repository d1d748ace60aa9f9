/**
 * TensorFlows that are already on this machine: in Python environments, or unpacked as C libraries. A bounded search by
 * file names; no Python is started.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { LinkedTensorflow } from '../tfjs-binding.js';

export const LIBRARY = 'libtensorflow_cc.so.2';
export const FRAMEWORK = 'libtensorflow_framework.so.2';

/** A TensorFlow that the binding can be linked to; `why` says what is in the way, '' nothing. */
export interface FoundTensorflow extends LinkedTensorflow {
  readonly why: string;
}

/** Environments looked at: more on one machine are nobody's. */
const MAX_ENVIRONMENTS = 200;

/**
 * @param workFolder searched for `.venv`, `venv` and `env`.
 * @returns best first: with CUDA, then by version.
 */
export async function findTensorflows(workFolder: string, env: NodeJS.ProcessEnv = process.env, home = homedir()): Promise<FoundTensorflow[]> {
  const prefixes = [...new Set(await prefixesOf(workFolder, env, home))].slice(0, MAX_ENVIRONMENTS);
  const folders = (await Promise.all(prefixes.map(tensorflowsIn))).flat();
  const found = await Promise.all([...new Set(folders)].map(describeTensorflow));
  const usable = found.filter((each) => each !== null);
  return usable.sort((a, b) => Number(b.cuda !== null) - Number(a.cuda !== null) || b.version.localeCompare(a.version, 'en', { numeric: true }));
}

/** Folders that have a `lib/pythonX.Y` if they are environments. */
async function prefixesOf(workFolder: string, env: NodeJS.ProcessEnv, home: string): Promise<string[]> {
  const named = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']].filter((path) => path !== undefined && path !== '');
  const project = ['.venv', 'venv', 'env', '.conda'].map((name) => join(workFolder, name));
  const parents = [
    join(env['PYENV_ROOT'] ?? join(home, '.pyenv'), 'versions'),
    ...['.virtualenvs', '.local/share/virtualenvs', '.conda/envs', 'miniconda3/envs', 'anaconda3/envs', 'miniforge3/envs', 'mambaforge/envs', 'micromamba/envs', 'venvs'].map((name) => join(home, name)),
    '/opt/conda/envs',
  ];
  const children = await Promise.all(parents.map(async (parent) => (await readdir(parent).catch(() => [])).map((name) => join(parent, name))));
  const bases = ['miniconda3', 'anaconda3', 'miniforge3', 'mambaforge', '.local'].map((name) => join(home, name));
  return [...(named as string[]), ...project, ...children.flat(), ...bases, '/opt/conda', '/usr/local', '/usr'];
}

async function tensorflowsIn(prefix: string): Promise<string[]> {
  const lib = join(prefix, 'lib');
  const pythons = (await readdir(lib).catch(() => [])).filter((name) => /^python3(\.\d+)?$/.test(name));
  return pythons.flatMap((name) => ['site-packages', 'dist-packages'].map((packages) => join(lib, name, packages, 'tensorflow')));
}

/**
 * @param path a TensorFlow folder, a Python environment, or its `python`.
 * @returns the TensorFlow there; null: none.
 */
export async function tensorflowAt(path: string): Promise<FoundTensorflow | null> {
  const prefixes = [path, dirname(path), dirname(dirname(path))];
  const folders = [path, ...(await Promise.all(prefixes.map(tensorflowsIn))).flat()];
  for (const folder of folders) {
    const found = await describeTensorflow(folder);
    if (found !== null) return found;
  }
  return null;
}

async function describeTensorflow(folder: string): Promise<FoundTensorflow | null> {
  const entries: string[] = await readdir(folder).catch(() => []);
  if (!entries.includes('include') && !entries.includes(LIBRARY)) return null;
  const missing: string[] = [];
  for (const file of [LIBRARY, FRAMEWORK, 'include/tensorflow/c/c_api.h', 'include/tensorflow/c/eager/c_api.h']) {
    if (!(await stat(join(folder, file)).then((found) => found.isFile(), () => false))) missing.push(file);
  }
  const version = await versionOf(folder);
  const info = await readFile(join(folder, 'python/platform/build_info.py'), 'utf8').catch(() => '');
  const isCuda = /'is_cuda_build',\s*True/.test(info);
  const cuda = /'cuda_version',\s*'([\d.]+)'/.exec(info)?.[1] ?? (isCuda ? 'unknown version' : null);
  return { folder, version, cuda: isCuda ? cuda : null, why: missing.length === 0 ? '' : `no ${missing.join(', no ')}` };
}

/** By the name of the wheel's folder beside the package; else the major version that its library's name says. */
async function versionOf(folder: string): Promise<string> {
  const beside = await readdir(dirname(folder)).catch(() => []);
  const versions = beside.map((name) => /^tensorflow(?:_cpu|_gpu|_intel|_rocm)?-([\w.]+)\.dist-info$/.exec(name)?.[1]).filter((each) => each !== undefined);
  return versions[0] ?? '2';
}
