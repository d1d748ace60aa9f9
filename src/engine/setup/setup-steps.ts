/**
 * A set-up is a list of steps. Each leaves a mark in the folder when it is done, so that the next call goes on where
 * this one stopped or failed; each is logged there; a failure names the step, what was said, and what to do.
 */
import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { inWords, said, type Phrase } from '../../core/said.js';
import type { SetupEvent } from '../../protocol/setup-messages.js';
import { reasonOf, Refusal } from '../failure.js';

export const LOG_FILE = 'setup.log';

export interface SetupStep {
  readonly name: string;
  /** What the mark says: another text, and the step is done again. */
  readonly of: string;
  /** What a person can do where it fails; '' nothing. */
  readonly todo: Phrase;
  run(work: StepWork): Promise<void>;
}

/** What a step has to work with. */
export interface StepWork {
  /** Runs a program to its end. @throws Error with how it ended and the line that tells of an error. */
  program(command: string, args: readonly string[]): Promise<void>;
  /** Tells how much of a download there is, bytes; total 0 unknown. */
  bytes(received: number, total: number): void;
  readonly signal: AbortSignal;
}

export type Tell = (event: SetupEvent) => void;

const NEVER = new AbortController().signal;

/**
 * Carries steps out in order. Behind one that is done again, all are: they build on it.
 * @param folder where marks and `setup.log` go.
 * @param signal ends the program that runs; what was done stays done.
 * @throws MiningError 'engine' naming the step and what to do.
 */
export async function carryOut(
  steps: readonly SetupStep[],
  folder: string,
  tell: Tell,
  signal: AbortSignal = NEVER,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  let again = false;
  for (const [index, step] of steps.entries()) {
    const at = (state: 'begun' | 'done' | 'kept') =>
      tell({ event: 'step', name: step.name, index, numSteps: steps.length, state, of: step.of });
    const mark = join(folder, `${step.name}.done`);
    if (!again && (await readFile(mark, 'utf8').catch(() => null)) === step.of) {
      at('kept');
      continue;
    }
    again = true;
    at('begun');
    await carryOutOne(step, folder, tell, signal);
    await writeFile(mark, step.of);
    at('done');
  }
}

async function carryOutOne(step: SetupStep, folder: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const log = join(folder, LOG_FILE);
  await appendFile(log, `${new Date().toISOString()} ${step.name}: ${step.of}\n`);
  const output = (text: string) => {
    tell({ event: 'output', text });
    return appendFile(log, `${text}\n`).catch(() => undefined);
  };
  try {
    signal.throwIfAborted();
    await step.run({
      program: (command, args) => runProgram(command, args, output, signal),
      bytes: (received, total) => tell({ event: 'bytes', received, total }),
      signal,
    });
    signal.throwIfAborted();
  } catch (error) {
    const received: Phrase = signal.aborted ? 'a stop' : reasonOf(error);
    const todo: Phrase = signal.aborted ? 'Set up again to go on' : step.todo;
    await output(`${step.name} failed: ${inWords(received)}`);
    throw new MiningError('engine', said`setup step "${step.name}"`, 'to succeed', received, {
      file: log,
      ...(todo === '' ? {} : { todo }),
    });
  }
}

function runProgram(
  command: string,
  args: readonly string[],
  output: (line: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    void output(`$ ${[command, ...args].join(' ')}`);
    // A group of its own: a compiler driver's own processes end with it.
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: false,
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const stop = () => endGroup(child.pid);
    signal.addEventListener('abort', stop, { once: true });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
    child.on('error', (error) =>
      reject('code' in error && error.code === 'ENOENT' ? new Refusal(said`${command}: not found`) : error),
    );
    child.on('close', (code, end) => {
      signal.removeEventListener('abort', stop);
      const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
      void Promise.all(lines.map(output)).then(() => {
        if (code === 0) return resolve();
        const telling = lines.find((line) => /\berror\b|ERR!|cannot find/i.test(line))?.trim() ?? '';
        const how = said`${command} ended with ${end ?? code ?? '?'}`;
        reject(new Refusal(telling === '' ? how : said`${how}: ${telling.slice(0, 200)}`));
      });
    });
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGTERM');
  } catch {
    // It has ended.
  }
}

/** Takes a folder of a set-up away. @returns false: there was nothing. */
export async function removeFolder(folder: string): Promise<boolean> {
  const there = await stat(folder).then(
    () => true,
    () => false,
  );
  await rm(folder, { recursive: true, force: true });
  return there;
}
