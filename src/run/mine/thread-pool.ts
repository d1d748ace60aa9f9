/** Worker threads that measure images side by side: the side that hands out the images. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MiningError } from '../../core/mining-error.js';
import { said, type Phrase } from '../../core/said.js';
import { createEndpoint } from '../../protocol/endpoint.js';
import type { Endpoint, Params } from '../../protocol/endpoint.js';
import type { ImageTask, ThreadApi } from '../../protocol/thread-messages.js';
import { fromWire } from '../../protocol/wire-error.js';
import { MEASURE_THREAD } from './measure-thread.js';
import type { Outcome } from './measure-image.js';
import type { DetectionInputs } from './run-inputs.js';

/** Images a thread has at once: one that the model looks at, one that is decoded. */
const IMAGES_EACH = 2;

export interface ThreadPool {
  /** Images to hand out before the first of them is asked for. */
  readonly depth: number;
  /** @throws MiningError 'engine' when the thread has died. */
  measure(task: ImageTask): Promise<Outcome>;
  /** Ends the threads; the answer to what they are at is their end. */
  close(): Promise<void>;
}

/** A thread that has not ended by then hangs. */
const LONGEST_END_MS = 30_000;

/**
 * Starts threads that open the checkpoint on the run's backend and share the cores evenly.
 * @param entry a module that calls `serveMeasureThread`.
 * @returns null when one of them cannot: the caller's thread has shown that it can.
 */
export async function startThreads(entry: URL, inputs: DetectionInputs, count: number): Promise<ThreadPool | null> {
  const { checkpoint, backend } = inputs.manifest;
  if (checkpoint === null || backend === null) return null;
  const numThreads = Math.max(1, Math.floor(availableParallelism() / count));
  const setup = { checkpointPath: checkpoint.path, backend: backend.id, numThreads, measure: inputs.measure };
  const threads = Array.from({ length: count }, () => new MeasureThread(entry));
  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  try {
    await Promise.all(threads.map((thread) => thread.open(setup)));
  } catch {
    await close();
    return null;
  }
  const measure = (task: ImageTask) =>
    threads.reduce((free, thread) => (thread.numWaiting < free.numWaiting ? thread : free)).measure(task);
  return { depth: count * IMAGES_EACH, measure, close };
}

class MeasureThread {
  /** Images that it was given and has not answered. */
  numWaiting = 0;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #endpoint: Endpoint<ThreadApi>;

  constructor(entry: URL) {
    const worker = new Worker(entry, { workerData: MEASURE_THREAD });
    this.#worker = worker;
    this.#exited = new Promise((resolve) => worker.once('exit', () => resolve()));
    const die = (reason: Phrase) =>
      this.#endpoint.close(new MiningError('engine', 'thread', 'one that measures until the end', reason));
    this.#endpoint = createEndpoint<object, ThreadApi>(
      {},
      {
        post: (message) => worker.postMessage(message),
        on: (receive) => void worker.on('message', receive),
      },
      (error) => die(String(error)),
    );
    worker.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (status) => die(said`exit status ${status}`));
  }

  open(setup: Params<ThreadApi, 'open'>): Promise<void> {
    return this.#endpoint.call('open', setup);
  }

  async measure(task: ImageTask): Promise<Outcome> {
    this.numWaiting++;
    try {
      const sent = await this.#endpoint.call('measure', task);
      return 'error' in sent ? { error: fromWire(sent.error), of: sent.of } : sent;
    } finally {
      this.numWaiting--;
    }
  }

  /**
   * Lets the forward that runs come to its end: a native runtime that is torn down in the middle of one aborts the
   * process.
   */
  async close(): Promise<void> {
    this.#endpoint.tell('end', {});
    const late = setTimeout(() => void this.#worker.terminate(), LONGEST_END_MS);
    await this.#exited;
    clearTimeout(late);
  }
}
