/**
 * Images to measured RoIs, in order: in this thread, or in several side by side (lane-pool.ts).
 *
 * A forward blocks its thread (onnxruntime-node runs it there), so that in one thread only the decoding of images goes
 * on meanwhile; a small network also gains little from a second core. Lanes keep every core on images of their own:
 * docs/benchmarks/README.md has the figures.
 */
import { availableParallelism, freemem } from 'node:os';
import { startLanes } from './lane-pool.js';
import type { LanePool } from './lane-pool.js';
import { imageTask, loadImage, measureImage } from './measure-image.js';
import type { Outcome } from './measure-image.js';
import type { DetectionInputs } from './run-inputs.js';
import { prefetch } from './prefetch.js';

/** Images decoded ahead of the one that the model looks at. */
const AHEAD = 2;
/** Opening the model once more for each lane has to pay. */
const MIN_IMAGES = 16;
const MAX_LANES = 4;

export interface ImageOutcome {
  readonly index: number;
  readonly outcome: Outcome;
}

/**
 * Measures images of the data set, in the order in which they are given; at most some images a lane are in memory.
 * @param laneEntry module of a lane; null: this thread does it all.
 * @throws MiningError 'engine' when a lane dies.
 */
export async function* measureImages(
  inputs: DetectionInputs,
  indices: readonly number[],
  laneEntry: URL | null,
): AsyncGenerator<ImageOutcome> {
  const numLanes = laneEntry === null || !inputs.inThreads || indices.length < MIN_IMAGES ? 1 : affordableLanes();
  const lanes = laneEntry === null || numLanes < 2 ? null : await startLanes(laneEntry, inputs, numLanes);
  if (lanes === null) yield* measureHere(inputs, indices);
  else yield* measureInLanes(lanes, inputs, indices);
}

/** One a core, as long as copies of what is in memory now, model included, fill no more than half of what is free. */
function affordableLanes(): number {
  const inMemory = Math.floor(freemem() / 2 / process.memoryUsage.rss());
  return Math.min(MAX_LANES, availableParallelism(), inMemory);
}

async function* measureHere(inputs: DetectionInputs, indices: readonly number[]): AsyncGenerator<ImageOutcome> {
  for await (const { item, loaded } of prefetch(indices, (index) => loadImage(imageTask(inputs, index)), AHEAD)) {
    yield { index: item, outcome: await measureImage(inputs, imageTask(inputs, item), loaded) };
  }
}

async function* measureInLanes(
  lanes: LanePool,
  inputs: DetectionInputs,
  indices: readonly number[],
): AsyncGenerator<ImageOutcome> {
  try {
    for await (const { item, loaded } of prefetch(
      indices,
      (index) => lanes.measure(imageTask(inputs, index)),
      lanes.depth,
    )) {
      if ('error' in loaded) throw loaded.error;
      yield { index: item, outcome: loaded.value };
    }
  } finally {
    await lanes.close();
  }
}
