/**
 * Images to measured RoIs, in order: in this thread, or in several side by side (thread-pool.ts).
 *
 * A forward blocks its thread (onnxruntime-node runs it there), so that in one thread only the decoding of images goes
 * on meanwhile; a small network also gains little from a second core. Threads keep every core on images of their own:
 * docs/benchmarks/README.md has the figures.
 */
import { availableParallelism, freemem } from 'node:os';
import { startThreads } from './thread-pool.js';
import type { ThreadPool } from './thread-pool.js';
import { imageTask, loadImage, measureImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import type { DetectionInputs } from './run-inputs.js';
import { prefetch } from './prefetch.js';

/** Images decoded ahead of the one that the model looks at. */
const AHEAD = 2;
/** Opening the model once more for each thread has to pay. */
const MIN_IMAGES = 16;
const MAX_THREADS = 4;

export interface ImageOutcome {
  readonly index: number;
  readonly outcome: Outcome;
}

/**
 * Measures images of the data set, in the order in which they are given; at most some images a thread are in memory.
 * @param threadEntry module of a thread; null: this thread does it all.
 * @throws MiningError 'engine' when a thread dies.
 */
export async function* measureImages(
  inputs: DetectionInputs,
  indices: readonly number[],
  threadEntry: URL | null,
): AsyncGenerator<ImageOutcome> {
  const numThreads = threadEntry === null || !inputs.inThreads || indices.length < MIN_IMAGES ? 1 : affordableThreads();
  const threads = threadEntry === null || numThreads < 2 ? null : await startThreads(threadEntry, inputs, numThreads);
  if (threads === null) yield* measureHere(inputs, indices);
  else yield* measureInThreads(threads, inputs, indices);
}

/** One a core, as long as copies of what is in memory now, model included, fill no more than half of what is free. */
function affordableThreads(): number {
  const inMemory = Math.floor(freemem() / 2 / process.memoryUsage.rss());
  return Math.min(MAX_THREADS, availableParallelism(), inMemory);
}

async function* measureHere(inputs: DetectionInputs, indices: readonly number[]): AsyncGenerator<ImageOutcome> {
  for await (const { item, loaded } of prefetch(indices, (index) => loadImage(imageTask(inputs, index)), AHEAD)) {
    yield { index: item, outcome: await measureImage(inputs, imageTask(inputs, item), loaded) };
  }
}

async function* measureInThreads(
  threads: ThreadPool,
  inputs: DetectionInputs,
  indices: readonly number[],
): AsyncGenerator<ImageOutcome> {
  try {
    for await (const { item, loaded } of prefetch(
      indices,
      (index) => threads.measure(imageTask(inputs, index)),
      threads.depth,
    )) {
      if ('error' in loaded) throw loaded.error;
      yield { index: item, outcome: loaded.value };
    }
  } finally {
    await threads.close();
  }
}
