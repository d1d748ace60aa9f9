/**
 * Dawn, Chromium's WebGPU, for plain Node.js: no compiler and no TensorFlow is needed, on any GPU. Where dawn.ts looks
 * for it.
 */
import { access, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { said, type Phrase } from '../../core/said.js';
import { renameSoon } from '../../files/replacing.js';
import { dataFolder } from '../places.js';
import { fetchStep, npmArchive } from '../setup/fetch-package.js';
import { PLATFORM } from '../setup/machine.js';
import { carryOut, type Tell } from '../setup/setup-steps.js';
import { downloadSetup } from '../setup/setup.js';
import { DAWN_FOLDER } from './dawn.js';

const VERSION = '0.6.2';
const INTEGRITY = 'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q==';
/** What the package has a binary for. */
const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

/** '' where there is a Dawn for this machine, else why not. */
export function whyNotDawn(platform = PLATFORM): Phrase {
  return PLATFORMS.includes(platform) ? '' : said`the npm package webgpu has nothing for ${platform}`;
}

/** `ohem engines setup --webgpu` */
export const dawnSetup = downloadSetup({
  id: 'webgpu',
  title: 'WebGPU (Dawn)',
  detail: 'TensorFlow.js and ONNX models on any GPU with Vulkan, Direct3D 12 or Metal',
  more: 'No compiler is needed. From npm’s registry',
  help: 'download Dawn, for WebGPU on any GPU; no compiler is needed',
  // The archive has the binaries of all platforms.
  size: { downloadMb: 52, diskMb: 138 },
  folder: dawnFolder,
  whyNot: ({ platform }) => whyNotDawn(platform),
  carryOut: (tell, signal) => fetchDawn(tell, signal),
});

function dawnFolder(): string {
  return join(dataFolder(), DAWN_FOLDER);
}

/** @throws MiningError 'engine' naming the step and what to do; a download that was cut goes on. */
export async function fetchDawn(
  tell: Tell,
  signal?: AbortSignal,
  folder = dawnFolder(),
  from = npmArchive('webgpu', VERSION, INTEGRITY),
): Promise<void> {
  const target = join(folder, 'node_modules', 'webgpu');
  if (
    await access(target).then(
      () => false,
      () => true,
    )
  )
    await rm(join(folder, 'webgpu.done'), { force: true });
  const step = fetchStep('webgpu', folder, from, '', async (unpacked) => {
    await rm(target, { recursive: true, force: true });
    await mkdir(dirname(target), { recursive: true });
    await renameSoon(unpacked, target);
  });
  await carryOut([step], folder, tell, signal);
}
