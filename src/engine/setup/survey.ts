/**
 * What this machine has for native backends, and what can be set up on it. Starts `npm`, `g++` and `nvidia-smi` for
 * their versions only.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { dataFolder } from '../places.js';
import { readPrebuilt } from '../tfjs/prebuilt-binding.js';
import type { LinkedTensorflow } from '../tfjs/tfjs-binding.js';
import { DAWN_SIZE, whyNotDawn } from './fetch-dawn.js';
import { NODE_SIZE, whyNotNode } from './fetch-node.js';
import { findTensorflows, tensorflowAt, type FoundTensorflow } from './find-tensorflow.js';
import { LINK_SIZE, linkedIn } from './link-binding.js';
import { ONNX_CUDA_SIZE, whyNotOnnxCuda } from './fetch-onnx-cuda.js';
import { OFFICIAL_SIZE, whyNotOfficial } from './official-tensorflow.js';

/** Versions and names as the programs tell them; '' where there is none. */
export interface Machine {
  /** `linux-x64`. */
  readonly platform: string;
  readonly node: string;
  /** `NVIDIA H100 PCIe, 550.54`. */
  readonly gpu: string;
  /** CUDA toolkit: `12.4.1`. */
  readonly cuda: string;
  readonly npm: string;
  readonly compiler: string;
  /** The binding is carried for this platform: a TensorFlow of Python is linked without a compiler. */
  readonly prebuilt: boolean;
}

export interface SetupChoice {
  readonly id: 'tensorflow' | 'official' | 'webgpu' | 'node' | 'onnx-cuda' | 'none';
  readonly title: string;
  readonly detail: string;
  /** Arguments of `ohem engines setup`; none: there is nothing to carry out, `detail` says what to do. */
  readonly args: readonly string[];
  readonly downloadMb: number;
  readonly diskMb: number;
  /** Why it cannot be had here; '' it can. */
  readonly why: string;
}

export interface SetupSurvey {
  readonly machine: Machine;
  readonly tensorflows: readonly FoundTensorflow[];
  /** What the binding is linked to now; null: it is not set up. */
  readonly linked: LinkedTensorflow | null;
  /** Where everything goes that is set up. */
  readonly dataFolder: string;
  /** Best first. */
  readonly choices: readonly SetupChoice[];
}

/**
 * @param workFolder searched for Python environments.
 * @param named a TensorFlow or an environment that the person names; null: what is found.
 */
export async function survey(workFolder: string, named: string | null = null): Promise<SetupSurvey> {
  const [machine, found, linked] = await Promise.all([
    lookAtMachine(),
    named === null ? findTensorflows(workFolder) : tensorflowAt(resolve(named)),
    linkedIn(),
  ]);
  const tensorflows = Array.isArray(found) ? found : found === null ? [] : [found];
  return {
    machine,
    tensorflows,
    linked,
    dataFolder: dataFolder(),
    choices: choicesFor(machine, tensorflows, process.platform, process.arch),
  };
}

/** What can be set up on a machine, best first. */
export function choicesFor(
  machine: Machine,
  tensorflows: readonly FoundTensorflow[],
  platform: NodeJS.Platform,
  arch: string,
): SetupChoice[] {
  const tools = missingTools(machine);
  const linking =
    platform === 'linux'
      ? missingTools({ ...machine, compiler: machine.prebuilt ? 'none needed' : machine.compiler })
      : `linking is done on Linux so far, not on ${platform}`;
  return [
    ...tensorflows.map((each) => linkChoice(each, linking)),
    officialChoice(whyNotOfficial(platform, arch) || tools),
    {
      id: 'webgpu',
      title: 'WebGPU (Dawn)',
      detail:
        'Any GPU with Vulkan, Direct3D 12 or Metal; no compiler is needed. TensorFlow.js models, and ONNX models. From npm’s registry',
      args: ['--webgpu'],
      ...DAWN_SIZE,
      why: whyNotDawn(platform, arch),
    },
    {
      id: 'node',
      title: 'Node.js 22 for the engine process',
      detail: 'WebGPU and large models need one where the editor finds no Node.js 20. From npm’s registry',
      args: ['--node'],
      ...NODE_SIZE,
      why: whyNotNode(platform, arch),
    },
    {
      id: 'onnx-cuda',
      title: 'CUDA for ONNX Runtime',
      detail:
        'ONNX models on NVIDIA’s cards. CUDA 13 and cuDNN 9 must be where the linker finds them: the verdict says what is missing. From npm’s and Python’s registries',
      args: ['--onnx-cuda'],
      ...ONNX_CUDA_SIZE,
      why: whyNotOnnxCuda(platform, arch) || (machine.npm === '' ? 'needs npm' : ''),
    },
    {
      id: 'none',
      title: 'Nothing native',
      detail: 'TensorFlow.js models run on WASM, ONNX models on ONNX Runtime; SavedModels do not run',
      args: [],
      downloadMb: 0,
      diskMb: 0,
      why: '',
    },
  ];
}

function missingTools({ npm, compiler }: Machine): string {
  const missing = [
    ...(npm === '' ? ['npm'] : []),
    ...(compiler === '' ? ['a C++ compiler (Debian, Ubuntu: apt install g++)'] : []),
  ];
  return missing.length === 0 ? '' : `needs ${missing.join(' and ')}`;
}

function linkChoice({ folder, version, cuda, why }: FoundTensorflow, linking: string): SetupChoice {
  const detail = `SavedModels, speed${cuda === null ? '' : ', GPU'}: the binding is linked to ${folder}`;
  const title = `TensorFlow ${version} that is here (${cuda === null ? 'CPU' : `CUDA ${cuda}`})`;
  return {
    id: 'tensorflow',
    title,
    detail,
    args: ['--tensorflow', folder],
    ...LINK_SIZE,
    why: why === '' ? linking : why,
  };
}

function officialChoice(why: string): SetupChoice {
  const detail =
    'Wants CUDA 11.2 and cuDNN 8.1, knows no GPU later than Ampere. What the package’s own installer fetches; for current GPUs rather: pip install "tensorflow[and-cuda]" (3 GB), then set up again';
  return {
    id: 'official',
    title: 'Official TensorFlow 2.9.1 (CUDA 11.2)',
    detail,
    args: ['--official'],
    ...OFFICIAL_SIZE,
    why,
  };
}

async function lookAtMachine(): Promise<Machine> {
  const [gpu, npm, compiler, prebuilt, cuda] = await Promise.all([
    answerOf('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
    answerOf('npm', ['--version']),
    answerOf('g++', ['-dumpfullversion']),
    readPrebuilt(),
    readFile('/usr/local/cuda/version.json', 'utf8').then(
      (text) => /"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"/.exec(text)?.[1] ?? '',
      () => '',
    ),
  ]);
  return {
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    gpu: gpu.replaceAll('\n', '; '),
    cuda,
    npm,
    compiler,
    prebuilt: prebuilt !== null,
  };
}

/** What a program prints; '' where it is not there, fails, or is silent for 5 s. */
function answerOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    // npm is a script for the shell on Windows.
    execFile(
      program,
      args,
      { timeout: 5000, windowsHide: true, shell: process.platform === 'win32' },
      (error, stdout) => resolve(error ? '' : stdout.trim()),
    );
  });
}
