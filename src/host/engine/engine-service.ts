/** Starts engine processes: one for each run, and a shared one for small jobs that ends when it has nothing to do. */
import { join } from 'node:path';
import { nodeProgram } from '../../protocol/setup-messages.js';
import type { Params, Result } from '../../protocol/endpoint.js';
import type { WorkerApi, WorkerEvent, WorkerMethod } from '../../protocol/worker-messages.js';
import { runCli, type CliAnswer } from './cli-process.js';
import { EngineProcess } from './engine-process.js';
import { IdleProcess } from './idle-process.js';
import { messageOf, type Log } from '../base/log.js';
import { chooseNodeRuntime, nodeVersionOf, type NodeRuntime } from './node-runtime.js';
import { setting } from '../base/settings.js';

/** The shared process ends after this rest, ms. */
const IDLE_MS = 60_000;

/** How `ohem` is run, beside its arguments. */
export interface CliOptions {
  /** Working folder. */
  readonly cwd?: string;
  /** Gets each line of standard output at once; the answer's text is then empty. */
  readonly onLine?: (line: string) => void;
}

export class EngineService {
  /** The runtime that was chosen last; undefined before the first process. */
  runtime: NodeRuntime | undefined;
  readonly #shared = new IdleProcess(
    () => this.start((event) => event.event === 'log' && this.log[event.level](event.text)),
    IDLE_MS,
  );

  /**
   * @param dist folder with `worker.mjs` and `cli.mjs`.
   * @param dataFolder where backends are set up; an `OHEM_DATA` in the editor's environment comes first.
   * @param onRuntime called whenever a runtime has been chosen.
   */
  constructor(
    private readonly dist: string,
    private readonly dataFolder: string,
    private readonly log: Log,
    private readonly onRuntime: (runtime: NodeRuntime) => void,
  ) {}

  /** A process of its own, for one run. */
  async start(onEvent: (event: WorkerEvent) => void): Promise<EngineProcess> {
    const runtime = await this.#chooseRuntime();
    this.log.info(`engine process: ${runtime.execPath} (${runtime.origin})`);
    return new EngineProcess({
      runtime,
      workerPath: join(this.dist, 'worker.mjs'),
      onEvent,
      onStderr: (line) => this.log.warning(line),
      onFault: (error) => this.log.error(messageOf(error)),
    });
  }

  /** Calls a method in the shared process. */
  call<M extends WorkerMethod>(method: M, params: Params<WorkerApi, M>): Promise<Result<WorkerApi, M>> {
    return this.#shared.call(method, params);
  }

  /** Runs `ohem` with `args`. @throws Error with its own line; the signal's reason where it was aborted. */
  async cli(args: readonly string[], signal: AbortSignal, options: CliOptions = {}): Promise<CliAnswer> {
    return runCli({
      runtime: await this.#chooseRuntime(),
      cliPath: join(this.dist, 'cli.mjs'),
      args,
      signal,
      ...options,
    });
  }

  /** Ends the shared process: what was set up or taken away is seen by the next one. Its calls fail as cancelled. */
  restart(): void {
    this.#shared.end();
  }

  dispose(): void {
    this.#shared.end();
  }

  async #chooseRuntime(): Promise<NodeRuntime> {
    const data = process.env['OHEM_DATA'] || this.dataFolder;
    const runtime = await chooseNodeRuntime({
      nodePath: setting('nodePath', '').trim(),
      execPath: process.execPath,
      electron: process.versions['electron'],
      fetched: join(data, ...nodeProgram(process.platform)),
      env: { ...process.env, OHEM_DATA: data },
      versionOf: nodeVersionOf,
    });
    this.runtime = runtime;
    this.onRuntime(runtime);
    return runtime;
  }
}
