/** Starts engine processes: one for each run, and a shared one for small jobs that ends when it has nothing to do. */
import { join } from 'node:path';
import type { WorkerApi, WorkerEvent, WorkerMethod } from '../protocol/worker-messages.js';
import { runCli, type CliAnswer } from './cli-process.js';
import { EngineProcess } from './engine-process.js';
import type { Log } from './log.js';
import { chooseNodeRuntime, nodeVersionOf, type NodeRuntime } from './node-runtime.js';
import { setting } from './settings.js';

/** The shared process ends after this rest, ms. */
const IDLE_MS = 60_000;

export class EngineService {
  #shared: Promise<EngineProcess> | undefined;
  #numCalls = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @param dist folder with `worker.mjs` and `cli.mjs`. */
  constructor(
    private readonly dist: string,
    private readonly log: Log,
  ) {}

  /** A process of its own, for one run. */
  async start(onEvent: (event: WorkerEvent) => void): Promise<EngineProcess> {
    const runtime = await this.#chooseRuntime();
    this.log.info(`engine process: ${runtime.execPath} (${runtime.origin})`);
    return new EngineProcess({ runtime, workerPath: join(this.dist, 'worker.mjs'), onEvent, onStderr: (line) => this.log.warning(line) });
  }

  /** Calls a method in the shared process. */
  async call<M extends WorkerMethod>(method: M, params: Parameters<WorkerApi[M]>[0]): Promise<ReturnType<WorkerApi[M]>> {
    clearTimeout(this.#idle);
    this.#numCalls++;
    try {
      const process = await this.#sharedProcess();
      return await process.call(method, params);
    } finally {
      this.#numCalls--;
      if (this.#numCalls === 0) this.#idle = setTimeout(() => this.#endShared(), IDLE_MS);
    }
  }

  /** Runs `ohem` with `args`. @throws Error with its own line; the signal's reason where it was aborted. */
  async cli(args: readonly string[], signal: AbortSignal): Promise<CliAnswer> {
    return runCli({ runtime: await this.#chooseRuntime(), cliPath: join(this.dist, 'cli.mjs'), args, signal });
  }

  dispose(): void {
    clearTimeout(this.#idle);
    this.#endShared();
  }

  async #sharedProcess(): Promise<EngineProcess> {
    const process = await this.#shared?.catch(() => undefined);
    if (process?.alive) return process;
    this.#shared = this.start((event) => {
      if (event.event === 'log') this.log[event.level](event.text);
    });
    return this.#shared;
  }

  #endShared(): void {
    void this.#shared?.then((process) => process.kill()).catch(() => undefined);
    this.#shared = undefined;
  }

  #chooseRuntime(): Promise<NodeRuntime> {
    return chooseNodeRuntime({
      nodePath: setting('nodePath', '').trim(),
      execPath: process.execPath,
      electron: process.versions['electron'],
      env: process.env,
      versionOf: nodeVersionOf,
    });
  }
}
