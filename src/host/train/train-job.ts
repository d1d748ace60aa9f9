/** One engine process that trains. */
import { MiningError } from '../../core/mining-error.js';
import type { ChosenBatch, TrainingPoint, TrainingProblem } from '../../protocol/train-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import type { WorkerRequest } from '../../protocol/worker-requests.js';
import { EngineStopped, type EngineProcess } from '../engine/engine-process.js';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf, type Log } from '../base/log.js';

export interface TrainWatcher {
  point(point: TrainingPoint): void;
  chosen(batch: ChosenBatch): void;
}

export interface TrainEnd {
  readonly state: 'finished' | 'stopped' | 'failed';
  /** Why it failed; ''. */
  readonly message: string;
  readonly problem: TrainingProblem | null;
}

export class TrainJob {
  /** Never rejects. */
  readonly done: Promise<TrainEnd>;
  #process: EngineProcess | undefined;
  readonly #stop = new AbortController();

  constructor(
    request: WorkerRequest<'train'>,
    private readonly engine: Pick<EngineService, 'start'>,
    private readonly log: Pick<Log, 'info' | 'warning' | 'error'>,
    private readonly watcher: TrainWatcher,
  ) {
    this.done = this.#train(request);
  }

  /** Ends it after the step that runs; state and last checkpoint are kept. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends its process at once; what was saved after the last epoch stays. */
  kill(): void {
    this.#stop.abort();
    this.#process?.kill();
  }

  async #train(request: WorkerRequest<'train'>): Promise<TrainEnd> {
    try {
      this.#process = await this.engine.start((event) => this.#receive(event));
      if (this.#stop.signal.aborted) this.#process.kill();
      const { state } = await this.#process.call('train', request, this.#stop.signal);
      return { state, message: '', problem: null };
    } catch (error) {
      if (error instanceof EngineStopped) return { state: 'stopped', message: '', problem: null };
      const message = messageOf(error);
      this.log.error(message);
      const reason = error instanceof MiningError ? error.hint.reason : undefined;
      return { state: 'failed', message, problem: reason ?? 'other' };
    } finally {
      this.#process?.kill();
    }
  }

  #receive(event: WorkerEvent): void {
    if (event.event === 'training') this.watcher.point(event.point);
    else if (event.event === 'chosen') this.watcher.chosen(event.batch);
    else if (event.event === 'log') this.log[event.level](event.text);
  }
}
