/**
 * The engine process as the host sees it: typed calls, events, and its death with a reason. Native code lives there
 * and only there; killing the process is how a run is cancelled.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { MiningError } from '../../core/mining-error.js';
import type { WorkerApi, WorkerEvent, WorkerMethod, WorkerReply } from '../../protocol/worker-messages.js';
import type { NodeRuntime } from './node-runtime.js';

type Params<M extends WorkerMethod> = Parameters<WorkerApi[M]>[0];
type Result<M extends WorkerMethod> = ReturnType<WorkerApi[M]>;
interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The process ended before it answered; `cancelled` when we ended it. */
export class EngineDied extends Error {
  override readonly name = 'EngineDied';
  constructor(
    message: string,
    readonly cancelled: boolean,
  ) {
    super(message);
  }
}

export interface EngineProcessOptions {
  readonly runtime: NodeRuntime;
  /** Path of `dist/worker.mjs`. */
  readonly workerPath: string;
  readonly onEvent?: (event: WorkerEvent) => void;
  /** One line of the process's standard error. */
  readonly onStderr?: (line: string) => void;
}

/** One forked engine process. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  readonly #options: EngineProcessOptions;
  readonly #stderr: string[] = [];
  #nextId = 1;
  #killed = false;
  #death: EngineDied | undefined;

  constructor(options: EngineProcessOptions) {
    this.#options = options;
    const { runtime, workerPath } = options;
    // execArgv []: the host's own flags (inspectors, loaders) are not the engine's.
    this.#child = fork(workerPath, [], {
      execPath: runtime.execPath,
      env: runtime.env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    lowerPriority(this.#child.pid);
    this.#child.on('message', (message) => this.#receive(message as WorkerReply));
    this.#child.on('error', (error) => this.#die(`engine: the engine process could not be started: ${error.message}`));
    this.#child.on('close', (code, signal) => this.#die(this.#reasonOf(code, signal)));
    if (this.#child.stderr)
      createInterface({ input: this.#child.stderr, crlfDelay: Infinity }).on('line', (line) => this.#noteStderr(line));
  }

  /** The process is there and can be called. */
  get alive(): boolean {
    return this.#death === undefined && !this.#killed;
  }

  /**
   * Calls a method.
   * @throws MiningError-like Error with the process's own line; EngineDied where the process ended before it answered.
   */
  call<M extends WorkerMethod>(method: M, params: Params<M>): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      if (this.#death !== undefined || this.#killed) {
        reject(this.#death ?? new EngineDied('stopped', true));
        return;
      }
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ call: method, id, params }, (error) => {
        if (error) this.#settle(id, (pending) => pending.reject(error));
      });
    });
  }

  /** Ends the process at once; open calls reject as cancelled. What the run file has stays. */
  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  #receive(message: WorkerReply): void {
    if ('event' in message) this.#options.onEvent?.(message);
    else if ('ok' in message) this.#settle(message.ok, (pending) => pending.resolve(message.result));
    else this.#settle(message.error, (pending) => pending.reject(new Error(message.message)));
  }

  #settle(id: number, answer: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) answer(pending);
  }

  #die(reason: string): void {
    if (this.#death !== undefined) return;
    this.#death = new EngineDied(this.#killed ? 'stopped' : reason, this.#killed);
    for (const id of [...this.#pending.keys()])
      this.#settle(id, (pending) => pending.reject(this.#death as EngineDied));
  }

  #noteStderr(line: string): void {
    this.#options.onStderr?.(line);
    this.#stderr.push(line);
    if (this.#stderr.length > 20) this.#stderr.shift();
  }

  #reasonOf(code: number | null, signal: NodeJS.Signals | null): string {
    // The process ended itself and says why, as a person is to read it: see run/watchdog.ts.
    const own = this.#stderr.findLast((line) => line.startsWith('engine: '));
    if (own !== undefined) return own;
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const words = lastWords(this.#stderr);
    return new MiningError('engine', 'the engine process', 'to keep running', words === '' ? how : `${how}: ${words}`, {
      todo: TODO,
    }).message;
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
