/**
 * The engine process as the host sees it: typed calls, events, and its death with a reason. Native code lives there
 * and only there; killing the process is how a run is cancelled.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { readDeathLine } from '../../protocol/death-line.js';
import { createEndpoint } from '../../protocol/endpoint.js';
import type { Endpoint, Params, Result } from '../../protocol/endpoint.js';
import type { HostApi, WorkerApi, WorkerEvent, WorkerMethod } from '../../protocol/worker-messages.js';
import type { NodeRuntime } from './node-runtime.js';

/** The process ended by itself before it answered: where, and what a person can do. */
export class EngineDied extends MiningError {
  constructor(where: Phrase, expected: Phrase, received: Phrase, todo?: Phrase) {
    super('engine', where, expected, received, todo === undefined ? {} : { todo });
  }
}

/** The process was ended by `kill` before it answered: a cancellation, no failure. */
export class EngineStopped extends Error {
  override readonly name = 'EngineStopped';
}

export interface EngineProcessOptions {
  readonly runtime: NodeRuntime;
  /** Path of `dist/worker.mjs`. */
  readonly workerPath: string;
  readonly onEvent: (event: WorkerEvent) => void;
  /** One line of the process's standard error. */
  readonly onStderr: (line: string) => void;
  /** What a listener of an event threw. */
  readonly onFault: (error: unknown) => void;
}

/** One forked engine process. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #endpoint: Endpoint<WorkerApi>;
  readonly #options: EngineProcessOptions;
  readonly #stderr: string[] = [];
  #ended: EngineDied | EngineStopped | null = null;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    const { runtime, workerPath, onEvent, onFault } = options;
    // execArgv []: the host's own flags (inspectors, loaders) are not the engine's.
    const child = fork(workerPath, [], {
      execPath: runtime.execPath,
      env: runtime.env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child = child;
    lowerPriority(child.pid);
    this.#endpoint = createEndpoint<HostApi, WorkerApi>(
      { event: onEvent },
      {
        // What does not arrive is answered by the death of the process.
        post: (message) => void child.send(message as object, () => undefined),
        on: (receive) => void child.on('message', receive),
      },
      onFault,
    );
    child.on('error', (error) => this.#end(new EngineDied('the engine process', 'to be started', error.message)));
    child.on('close', (code, signal) => this.#end(this.#ended ?? this.#deathOf(code, signal)));
    if (child.stderr)
      createInterface({ input: child.stderr, crlfDelay: Infinity }).on('line', (line) => this.#noteStderr(line));
  }

  /** The process is there and can be called. */
  get alive(): boolean {
    return this.#ended === null;
  }

  /**
   * Calls a method.
   * @param signal asks the process to end the call; `kill` makes it.
   * @throws MiningError as the process threw it; EngineDied or EngineStopped where it ended before it answered.
   */
  async call<M extends WorkerMethod>(
    method: M,
    params: Params<WorkerApi, M>,
    signal?: AbortSignal,
  ): Promise<Result<WorkerApi, M>> {
    if (this.#ended !== null) throw this.#ended;
    return this.#endpoint.call(method, params, signal);
  }

  /** Ends the process at once; open calls reject when it is gone. What the run file has stays. */
  kill(): void {
    this.#ended ??= new EngineStopped('stopped');
    this.#child.kill('SIGKILL');
  }

  #end(reason: EngineDied | EngineStopped): void {
    this.#ended ??= reason;
    this.#endpoint.close(this.#ended);
  }

  #noteStderr(line: string): void {
    this.#options.onStderr(line);
    this.#stderr.push(line);
    if (this.#stderr.length > 20) this.#stderr.shift();
  }

  #deathOf(code: number | null, signal: NodeJS.Signals | null): EngineDied {
    // The process may have ended itself and said why: see run/mine/watchdog.ts.
    const own = this.#stderr.map(readDeathLine).findLast((death) => death !== null);
    if (own) return new EngineDied(own.where, own.expected, own.received, own.todo);
    const how = signal === null ? said`exit code ${String(code)}` : said`signal ${signal}`;
    const words = lastWords(this.#stderr);
    const received = words === '' ? how : said`${how}: ${words}`;
    return new EngineDied('the engine process', 'to keep running', received, TODO);
  }
}

const TODO =
  'What it did before is kept: go on from there, and choose another backend where it ends at the same place again';

/** A third of the weight of the editor's processes where they compete; the whole machine where they rest. */
const NICE = 5;

/** The editor goes first: a model takes every core it gets, and typing must not wait for it. */
function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICE);
  } catch {
    // Not allowed here, or already gone: mining works at any priority.
  }
}

/** The lines that name an error, of those that a process wrote before it died; else its last two. */
function lastWords(lines: readonly string[]): string {
  const said = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('at '));
  const telling = said.filter((line) => /error|fatal|abort|fail|memory|cannot/i.test(line));
  return (telling.length > 0 ? telling.slice(0, 2) : said.slice(-2)).join(' | ');
}
