/** Worker threads that measure images side by side: the side that hands out the images. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MiningError } from '../../core/mining-error.js';
import type { LaneEnd, LaneReply, LaneSetup, SentOutcome } from './lane.js';
import type { ImageTask, Outcome } from './measure-image.js';
import type { DetectionInputs } from './run-inputs.js';

/** Images a lane has at once: one that the model looks at, one that is decoded. */
const IMAGES_EACH = 2;

export interface LanePool {
  /** Images to hand out before the first of them is asked for. */
  readonly depth: number;
  /** @throws MiningError 'engine' when the thread has died. */
  measure(task: ImageTask): Promise<Outcome>;
  /** Ends the threads; what they are at is never answered. */
  close(): Promise<void>;
}

/** A lane that has not ended by then hangs. */
const LONGEST_END_MS = 30_000;

/**
 * Starts threads that open the checkpoint on the run's backend and share the cores evenly.
 * @returns null when one of them cannot: the caller's thread has shown that it can.
 */
export async function startLanes(entry: URL, inputs: DetectionInputs, numLanes: number): Promise<LanePool | null> {
  const { checkpoint, backend } = inputs.manifest;
  if (checkpoint === null || backend === null) return null;
  const numThreads = Math.max(1, Math.floor(availableParallelism() / numLanes));
  const setup: LaneSetup = {
    lane: true,
    checkpointPath: checkpoint.path,
    backend: backend.id,
    numThreads,
    measure: inputs.measure,
  };
  const lanes = Array.from({ length: numLanes }, () => new Lane(entry, setup));
  const close = async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
  };
  try {
    await Promise.all(lanes.map((lane) => lane.ready));
  } catch {
    await close();
    return null;
  }
  const measure = (task: ImageTask) =>
    lanes.reduce((free, lane) => (lane.numWaiting < free.numWaiting ? lane : free)).measure(task);
  return { depth: numLanes * IMAGES_EACH, measure, close };
}

interface Waiting {
  resolve(outcome: Outcome): void;
  reject(error: unknown): void;
}

class Lane {
  readonly ready: Promise<void>;
  readonly #exited: Promise<void>;
  #worker: Worker;
  #waiting: Waiting[] = [];
  #death: MiningError | null = null;

  constructor(entry: URL, setup: LaneSetup) {
    this.#worker = new Worker(entry, { workerData: setup });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (reply: LaneReply) => (reply === 'ready' ? resolve() : this.#answer(reply)));
      this.#worker.on('error', (error) => reject(this.#die(error.message)));
      this.#worker.on('exit', (status) => reject(this.#die(`exit status ${status}`)));
    });
    // Told to whoever waits for an image, too.
    this.ready.catch(() => undefined);
  }

  get numWaiting(): number {
    return this.#waiting.length;
  }

  measure(task: ImageTask): Promise<Outcome> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(task);
    });
  }

  /**
   * Lets the forward that runs come to its end: a native runtime that is torn down in the middle of one aborts the
   * process.
   */
  async close(): Promise<void> {
    this.#waiting = [];
    this.#worker.postMessage('end' satisfies LaneEnd);
    const late = setTimeout(() => void this.#worker.terminate(), LONGEST_END_MS);
    await this.#exited;
    clearTimeout(late);
  }

  #answer(sent: SentOutcome): void {
    this.#waiting.shift()?.resolve('error' in sent ? { error: errorOf(sent.error), of: sent.of } : sent);
  }

  #die(reason: string): MiningError {
    this.#death ??= new MiningError('engine', 'thread', 'one that measures until the end', reason);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#death);
    return this.#death;
  }
}

function errorOf(sent: Extract<SentOutcome, { error: unknown }>['error']): Error {
  return 'args' in sent ? new MiningError(...sent.args) : sent.fault;
}
