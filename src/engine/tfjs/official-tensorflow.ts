/**
 * The libraries that the package's own install script fetches: TensorFlow 2.9.1 of 2022 for CUDA 11.2 and cuDNN 8.1,
 * which know no GPU of a later generation than Ampere.
 * Source: tfjs-node-gpu 4.22.0, scripts/{install,deps-constants}.js (address, names, version).
 */
import { said, type Phrase } from '../../core/said.js';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { download } from '../setup/download.js';
import { missingTools, PLATFORM } from '../setup/machine.js';
import { carryOut, type SetupStep, type Tell } from '../setup/setup-steps.js';
import { downloadSetup } from '../setup/setup.js';
import { linkFolder, linkSteps } from './link-binding.js';
import type { LinkedTensorflow } from './tfjs-binding.js';

const VERSION = '2.9.1';
/** The package's own variable takes its place. */
const STORAGE = 'https://storage.googleapis.com/';

/** '' where the libraries exist for this machine and can be linked here, else why not. */
export function whyNotOfficial(platform = PLATFORM): Phrase {
  return platform === 'linux-x64' ? '' : said`there are none that link on ${platform}`;
}

/** `ohem engines setup --official` */
export const officialSetup = downloadSetup({
  id: 'official',
  title: 'Official TensorFlow 2.9.1 (CUDA 11.2)',
  detail: 'Wants CUDA 11.2 and cuDNN 8.1, knows no GPU later than Ampere; not pinned',
  more:
    'What the package’s own installer fetches, unpinned: nobody publishes its hash, so only the server’s own is ' +
    'checked; for current GPUs rather: pip install "tensorflow[and-cuda]" (3 GB), then set up again',
  help: "download TensorFlow 2.9.1 with CUDA 11.2, from where the package's own installer takes it; Linux x64",
  // As the package's documentation says; not measured. With the packages of the binding.
  size: { downloadMb: 475, diskMb: 2000 },
  folder: linkFolder,
  isPinned: false,
  whyNot: (machine) => whyNotOfficial(machine.platform) || missingTools(machine),
  carryOut: (tell, signal) => linkOfficial(tell, signal),
});

export function officialUrl(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const base =
    env['TFJS_NODE_BASE_URI'] ||
    `${env['TFJS_NODE_CDN_STORAGE'] || env['CDN_STORAGE'] || STORAGE}tensorflow/libtensorflow/libtensorflow-`;
  return `${base}gpu-linux-x86_64-${VERSION}.tar.gz`;
}

/**
 * Downloads and unpacks the libraries and links the binding to them.
 * @throws MiningError 'engine' naming the step and what to do; what was done stays done, a download too.
 */
export async function linkOfficial(
  tell: Tell,
  signal?: AbortSignal,
  folder = linkFolder(),
  url = officialUrl(),
): Promise<void> {
  const target = join(folder, `libtensorflow-${VERSION}`);
  const tensorflow: LinkedTensorflow = { folder: target, version: VERSION, cuda: '11.2' };
  await carryOut([...fetchSteps(folder, target, url), ...linkSteps(tensorflow, folder)], folder, tell, signal);
}

function fetchSteps(folder: string, target: string, url: string): SetupStep[] {
  const archive = join(folder, 'libtensorflow.tar.gz');
  return [
    {
      name: 'libraries',
      of: url,
      todo: said`Set up again to go on where it stopped, or download that file yourself to ${archive}`,
      async run({ bytes, program, signal }) {
        await download({ url, path: archive, integrity: null, bytes, signal });
        await unpack(archive, target, program);
        await rm(archive);
      },
    },
  ];
}

/** Unpacked beside its place and moved there: never half a folder under the name that is linked. */
async function unpack(
  archive: string,
  target: string,
  program: (command: string, args: readonly string[]) => Promise<void>,
): Promise<void> {
  const draft = `${target}.part`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await program('tar', ['-xzf', archive, '-C', draft]);
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
}
