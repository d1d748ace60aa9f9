/**
 * Runs `ohem` and takes what it prints: for answers that are text already, and for work that tells how it goes line by
 * line.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { NodeRuntime } from './node-runtime.js';

export interface CliRequest {
  readonly runtime: NodeRuntime;
  /** Path of `dist/cli.mjs`. */
  readonly cliPath: string;
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  /** Working folder; absent: the editor's. */
  readonly cwd?: string;
  /** Gets each line of standard output at once; the answer's text is then empty. */
  readonly onLine?: (line: string) => void;
}

export interface CliAnswer {
  /** What it wrote to standard output. */
  readonly text: string;
  /** Lines on standard error. */
  readonly notes: readonly string[];
}

/** A process that is told to end may put its own programs and files in order for so long, ms. */
const END_MS = 5000;

/**
 * @throws Error with its own last line where it ended with another status than 0; the signal's reason where it was
 * aborted.
 */
export function runCli({ runtime, cliPath, args, signal, cwd, onLine }: CliRequest): Promise<CliAnswer> {
  return new Promise((resolve, reject) => {
    const { execPath, env } = runtime;
    const child = spawn(execPath, [cliPath, ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(cwd === undefined ? {} : { cwd }),
    });
    const forget = endOn(signal, child);
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    if (onLine === undefined) child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    else createInterface({ input: child.stdout, crlfDelay: Infinity }).on('line', onLine);
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    child.on('close', (code) => {
      forget();
      const notes = linesOf(Buffer.concat(errors));
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve({ text: Buffer.concat(out).toString('utf8'), notes });
      else reject(new Error(notes.at(-1) ?? `ohem ended with exit code ${code}`));
    });
  });
}

/**
 * Asks the process to end when the signal says so, and makes it end soon after. @returns what to call when it has
 * ended.
 */
function endOn(signal: AbortSignal, child: ChildProcess): () => void {
  let late: NodeJS.Timeout | undefined;
  const end = () => {
    child.kill('SIGTERM');
    late = setTimeout(() => child.kill('SIGKILL'), END_MS);
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return () => {
    clearTimeout(late);
    signal.removeEventListener('abort', end);
  };
}

function linesOf(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
}
