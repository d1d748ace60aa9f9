/** What a set-up may need of this machine. Starts `npm`, `g++` and `nvidia-smi` for their versions only. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Phrase } from '../../core/said.js';

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
}

export const PLATFORM = `${process.platform}-${process.arch}`;

export async function lookAtMachine(): Promise<Machine> {
  const [gpu, npm, compiler, cuda] = await Promise.all([
    answerOf('nvidia-smi', ['--query-gpu=name,driver_version', '--format=csv,noheader']),
    answerOf('npm', ['--version']),
    answerOf('g++', ['-dumpfullversion']),
    readFile('/usr/local/cuda/version.json', 'utf8').then(
      (text) => /"cuda"\s*:\s*\{[^}]*"version"\s*:\s*"([\d.]+)"/.exec(text)?.[1] ?? '',
      () => '',
    ),
  ]);
  return { platform: PLATFORM, node: process.version, gpu: gpu.replaceAll('\n', '; '), cuda, npm, compiler };
}

/** '' where npm and a compiler are there, else what is needed. */
export function missingTools({ npm, compiler }: Pick<Machine, 'npm' | 'compiler'>): Phrase {
  if (compiler !== '') return npm === '' ? 'needs npm' : '';
  return npm === ''
    ? 'needs npm and a C++ compiler (Debian, Ubuntu: apt install g++)'
    : 'needs a C++ compiler (Debian, Ubuntu: apt install g++)';
}

/** What a program prints; '' where it is not there, fails, or is silent for 5 s. */
function answerOf(program: string, args: readonly string[]): Promise<string> {
  // npm is a script for the shell on Windows.
  const options = { timeout: 5000, windowsHide: true, shell: process.platform === 'win32' };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout) => resolve(error ? '' : stdout.trim()));
  });
}
