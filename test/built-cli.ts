/** The command line as a build makes it, for tests that call it as a person does. */
import { execFile } from 'node:child_process';
import type { ExecFileOptions } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';

export const ROOT = path.join(import.meta.dirname, '..');

export interface Outcome {
  /** Exit status; the signal's name where one ended it. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface BuiltCli {
  readonly path: string;
  /** Runs a command to its end. */
  ohem(...args: string[]): Promise<Outcome>;
  remove(): Promise<void>;
}

export async function buildCli(): Promise<BuiltCli> {
  // Inside the repository, so that native packages are found.
  const outdir = path.join(ROOT, 'out', `test-cli-${process.pid}`);
  const { BUILDS } = (await import('../esbuild.mjs')) as { BUILDS: { engine: BuildOptions } };
  const quiet = { logLevel: 'error', sourcemap: false, legalComments: 'none' } as const;
  await build({ ...BUILDS.engine, ...quiet, absWorkingDir: ROOT, outdir });
  const file = path.join(outdir, 'cli.mjs');
  return {
    path: file,
    ohem: (...args) => call(process.execPath, [file, ...args]),
    remove: () => rm(outdir, { recursive: true, force: true }),
  };
}

/** Runs a program to its end. */
export function call(program: string, args: readonly string[], options: ExecFileOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = { ...options, encoding: 'utf8', maxBuffer: 1 << 26 } as const;
    const child = execFile(program, args, all, (error, stdout, stderr) =>
      resolve({ status: child.exitCode ?? child.signalCode ?? String(error?.code), stdout, stderr }),
    );
  });
}
