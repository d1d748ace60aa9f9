/**
 * Images to measured RoIs, in order: in this thread, or in several side by side (thread-pool.ts).
 *
 * A forward blocks its thread (onnxruntime-node runs it there), so that in one thread only the decoding of images goes
 * on meanwhile; a small network also gains little from a second core. Threads keep every core on images of their own:
 * docs/benchmarks/README.md has the figures.
 */
import { availableParallelism, freemem } from 'node:os';
import { startThreads } from './thread-pool.js';
import { imageTask, loadImage, measureImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import { isOutOfMemory } from './out-of-memory.js';
import type { DetectionInputs } from './run-inputs.js';
import { prefetch } from './prefetch.js';

/** Images decoded ahead of the one that the model looks at. */
const AHEAD = 2;
const MAX_THREADS = 16;

export interface ImageOutcome {
  readonly index: number;
  readonly outcome: Outcome;
}

/**
 * Measures images of the data set, in the order in which they are given; at most some images a thread are in memory.
 * @param threadEntry module of a thread; null: this thread does it all.
 * @throws MiningError 'engine' when a thread dies.
 */
export function measureImages(
  inputs: DetectionInputs,
  indices: readonly number[],
  threadEntry: URL | null,
): AsyncGenerator<ImageOutcome> {
  if (threadEntry === null) return measureHere(inputs, indices);
  return measureInThreads(inputs, indices, threadEntry, affordableThreads(indices.length / inputs.imagesPerThread));
}

/** One a core, as long as copies of what is in memory now, model included, fill no more than half of what is free. */
function affordableThreads(most: number): number {
  const inMemory = freemem() / 2 / process.memoryUsage.rss();
  return Math.floor(Math.min(most, MAX_THREADS, availableParallelism(), inMemory));
}

async function* measureHere(inputs: DetectionInputs, indices: readonly number[]): AsyncGenerator<ImageOutcome> {
  for await (const { item, loaded } of prefetch(indices, (index) => loadImage(imageTask(inputs, index)), AHEAD)) {
    yield { index: item, outcome: await measureImage(inputs, imageTask(inputs, item), loaded) };
  }
}

/** Where a device has no room for so many sessions, half of them measure the rest; one is this thread. */
async function* measureInThreads(
  inputs: DetectionInputs,
  indices: readonly number[],
  entry: URL,
  count: number,
): AsyncGenerator<ImageOutcome> {
  if (count < 2) return yield* measureHere(inputs, indices);
  const threads = await startThreads(entry, inputs, count);
  if (threads === null) return yield* measureInThreads(inputs, indices, entry, count >> 1);
  let numDone = 0;
  try {
    const measure = (index: number) => threads.measure(imageTask(inputs, index));
    for await (const { item, loaded } of prefetch(indices, measure, threads.depth)) {
      if ('error' in loaded) throw loaded.error;
      const outcome = loaded.value;
      if ('error' in outcome && outcome.of === 'model' && isOutOfMemory(outcome.error)) break;
      numDone++;
      yield { index: item, outcome };
    }
  } finally {
    await threads.close();
  }
  yield* measureInThreads(inputs, indices.slice(numDone), entry, count >> 1);
}
