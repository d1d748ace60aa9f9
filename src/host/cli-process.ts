/** Runs `ohem` and takes what it prints: for answers that are text already. */
import { spawn } from 'node:child_process';
import type { NodeRuntime } from './node-runtime.js';

export interface CliRequest {
  readonly runtime: NodeRuntime;
  /** Path of `dist/cli.mjs`. */
  readonly cliPath: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

export interface CliAnswer {
  /** What it wrote to standard output. */
  readonly text: string;
  /** Lines on standard error. */
  readonly notes: readonly string[];
}

/**
 * @throws Error with its own last line where it ended with another status than 0; the signal's reason where it was aborted.
 */
export function runCli({ runtime, cliPath, args, signal }: CliRequest): Promise<CliAnswer> {
  return new Promise((resolve, reject) => {
    const { execPath, env } = runtime;
    const child = spawn(execPath, [cliPath, ...args], { env, signal, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    child.on('close', (code) => {
      const notes = linesOf(Buffer.concat(errors));
      if (code === 0) resolve({ text: Buffer.concat(out).toString('utf8'), notes });
      else reject(new Error(notes.at(-1) ?? `ohem ended with exit code ${code}`));
    });
  });
}

function linesOf(bytes: Buffer): string[] {
  return bytes.toString('utf8').split(/\r?\n/).filter((line) => line.trim() !== '');
}
