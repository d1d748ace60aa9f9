/**
 * ONNX Runtime's libraries for CUDA, which its npm package lacks: out of Python's `onnxruntime-gpu` of the same
 * version, put beside the runtime's own, where it looks. CUDA and cuDNN themselves stay the person's.
 */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { said, type Phrase } from '../../core/said.js';
import { dataFolder } from '../places.js';
import { missingTools, PLATFORM } from '../setup/machine.js';
import { packagesStep } from '../setup/npm-packages.js';
import { carryOut, type SetupStep, type StepWork, type Tell } from '../setup/setup-steps.js';
import { downloadSetup } from '../setup/setup.js';
/** The runtime that is installed beside us, so that both answer alike. */
import cudaLock from './cuda-lock.json';

/** Folder of the set-up inside the data folder. */
export const ONNX_CUDA_FOLDER = 'onnxruntime-cuda';
/**
 * They lie beside the runtime's own library, where it looks: in the package of the set-up
 * (`dataFolder()/onnxruntime-cuda/node_modules/onnxruntime-node`), or in the installed one.
 */
export const ONNX_CUDA_LIBRARIES = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'];

const VERSION = '1.30.0';
/** The wheel for Python 3.11 and glibc 2.28: the libraries are the same in that for any Python. */
const WHEEL = {
  requirement: `onnxruntime-gpu==${VERSION}`,
  sha256: '4fbf0c5d7b5fb99266c2e8a802e3e64af68bdc383e0f3c7349b985f1087eedaa',
  python: '3.11',
  platform: 'manylinux_2_28_x86_64',
};

/** '' where the libraries exist for this machine, else why not. */
export function whyNotOnnxCuda(platform = PLATFORM): Phrase {
  return platform === 'linux-x64' ? '' : said`ONNX Runtime’s package has CUDA for linux-x64 only, not for ${platform}`;
}

/** `ohem engines setup --onnx-cuda` */
export const onnxCudaSetup = downloadSetup({
  id: 'onnx-cuda',
  title: 'CUDA for ONNX Runtime',
  detail: 'ONNX models on NVIDIA’s cards; CUDA 13 and cuDNN 9 must be installed',
  more:
    'CUDA and cuDNN must be where the linker finds them: the verdict says what is missing. ' +
    'From npm’s and Python’s registries',
  help: "download ONNX Runtime's libraries for CUDA 13, out of Python's onnxruntime-gpu; Linux x64, python3 with pip",
  // Measured; what is kept has the npm package's binaries of all platforms.
  size: { downloadMb: 350, diskMb: 560 },
  folder: onnxCudaFolder,
  whyNot: ({ platform, npm }) => whyNotOnnxCuda(platform) || missingTools({ npm, compiler: 'none needed' }),
  carryOut: (tell, signal) => fetchOnnxCuda(tell, signal),
});

function onnxCudaFolder(): string {
  return join(dataFolder(), ONNX_CUDA_FOLDER);
}

/** @throws MiningError 'engine' naming the step and what to do; what was done stays done. */
export async function fetchOnnxCuda(tell: Tell, signal?: AbortSignal, folder = onnxCudaFolder()): Promise<void> {
  await carryOut([packagesStep(cudaLock, folder), librariesStep(folder)], folder, tell, signal);
}

function librariesStep(folder: string): SetupStep {
  const draft = join(folder, 'wheel');
  return {
    name: 'libraries',
    of: WHEEL.requirement,
    todo: 'python3 with pip is needed (Debian, Ubuntu: apt install python3-pip), and Python’s package registry',
    async run(work) {
      await rm(draft, { recursive: true, force: true });
      await mkdir(draft, { recursive: true });
      await downloadWheel(draft, work);
      await takeLibraries(draft, join(folder, 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64'), work);
      await rm(draft, { recursive: true });
    },
  };
}

/** pip takes the wheel whatever Python runs it, and only with the hash that is written down here. */
async function downloadWheel(draft: string, { program }: StepWork): Promise<void> {
  const requirements = join(draft, 'requirements.txt');
  await writeFile(requirements, `${WHEEL.requirement} --hash=sha256:${WHEEL.sha256}\n`);
  const which = [
    '--no-deps',
    '--only-binary=:all:',
    '--implementation',
    'cp',
    '--python-version',
    WHEEL.python,
    '--platform',
    WHEEL.platform,
  ];
  await program('python3', [
    '-m',
    'pip',
    'download',
    '--disable-pip-version-check',
    '--require-hashes',
    ...which,
    '--dest',
    draft,
    '--requirement',
    requirements,
  ]);
}

async function takeLibraries(draft: string, target: string, { program }: StepWork): Promise<void> {
  const wheel = (await readdir(draft)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip left no wheel');
  await program('python3', ['-m', 'zipfile', '--extract', join(draft, wheel), draft]);
  for (const name of ONNX_CUDA_LIBRARIES) await rename(join(draft, 'onnxruntime/capi', name), join(target, name));
}
