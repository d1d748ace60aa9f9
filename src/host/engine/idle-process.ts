/** An engine process that starts when it is called, and ends when nothing has been asked of it for a while. */
import type { Params, Result } from '../../protocol/endpoint.js';
import type { WorkerApi, WorkerMethod } from '../../protocol/worker-messages.js';
import type { EngineProcess } from './engine-process.js';

export class IdleProcess {
  #process: Promise<EngineProcess> | undefined;
  #numCalls = 0;
  #rest: NodeJS.Timeout | undefined;

  /**
   * @param start makes the process, and makes another where that one has died.
   * @param restMs after the last answer until it ends, ms.
   */
  constructor(
    private readonly start: () => Promise<EngineProcess>,
    private readonly restMs: number,
  ) {}

  /** As `EngineProcess.call`; a call that lasts longer than the rest keeps the process alive. */
  async call<M extends WorkerMethod>(
    method: M,
    params: Params<WorkerApi, M>,
    signal?: AbortSignal,
  ): Promise<Result<WorkerApi, M>> {
    clearTimeout(this.#rest);
    this.#numCalls++;
    try {
      const process = await this.#alive();
      return await process.call(method, params, signal);
    } finally {
      this.#numCalls--;
      if (this.#numCalls === 0) this.#rest = setTimeout(() => this.end(), this.restMs);
    }
  }

  /** Ends the process at once; the next call starts another. */
  end(): void {
    clearTimeout(this.#rest);
    void this.#process?.then((process) => process.kill()).catch(() => undefined);
    this.#process = undefined;
  }

  async #alive(): Promise<EngineProcess> {
    const process = await this.#process?.catch(() => undefined);
    if (process?.alive) return process;
    this.#process = this.start();
    return this.#process;
  }
}
