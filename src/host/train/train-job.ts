/** One engine process that trains. */
import type { ChosenBatch, TrainingPoint, TrainingProblem } from '../../protocol/train-messages.js';
import type { WorkerEvent } from '../../protocol/worker-messages.js';
import { EngineDied, type EngineProcess } from '../engine/engine-process.js';
import type { EngineService } from '../engine/engine-service.js';
import { messageOf, type Log } from '../base/log.js';

export interface TrainJobRequest {
  readonly config: object;
  /** Where the configuration stands, absolute. */
  readonly file: string;
  readonly resume: boolean;
  readonly force: boolean;
}

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
  #stopped = false;

  constructor(
    request: TrainJobRequest,
    private readonly engine: Pick<EngineService, 'start'>,
    private readonly log: Pick<Log, 'info' | 'warning' | 'error'>,
    private readonly watcher: TrainWatcher,
  ) {
    this.done = this.#train(request);
  }

  /** Ends it after the step that runs; state and last checkpoint are kept. */
  stop(): void {
    this.#stopped = true;
    // Where it has not answered the training's call either, that one says why.
    void this.#process?.call('stopTraining', {}).catch(() => undefined);
  }

  /** Ends its process at once; what was saved after the last epoch stays. */
  kill(): void {
    this.#stopped = true;
    this.#process?.kill();
  }

  async #train(request: TrainJobRequest): Promise<TrainEnd> {
    try {
      this.#process = await this.engine.start((event) => this.#receive(event));
      if (this.#stopped) this.#process.kill();
      const { state } = await this.#process.call('train', request);
      return { state, message: '', problem: null };
    } catch (error) {
      if (error instanceof EngineDied && error.cancelled) return { state: 'stopped', message: '', problem: null };
      const message = messageOf(error);
      this.log.error(message);
      return { state: 'failed', message, problem: problemOf(message) };
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

/** By the beginning of the engine's line. */
export function problemOf(message: string): TrainingProblem {
  if (message.startsWith('engine: training:')) return 'no-tensorflow';
  // Weights that are not finite show in a loss, or in what the proposal stage makes of them.
  return /^mining: .*received (NaN|-?Infinity)/.test(message) ? 'not-finite' : 'other';
}
