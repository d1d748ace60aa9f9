/** A worker thread that measures images, with an engine and a detector of its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { openModel } from '../../checkpoint/open-model.js';
import { startEngine } from '../../engine/registry.js';
import { checkedApi } from '../../protocol/check.js';
import { createEndpoint } from '../../protocol/endpoint.js';
import type { Params, Served } from '../../protocol/endpoint.js';
import { THREAD_REQUESTS } from '../../protocol/thread-messages.js';
import type { ThreadApi } from '../../protocol/thread-messages.js';
import { toWire } from '../../protocol/wire-error.js';
import { loadImage, measureImage } from './measure-image.js';
import type { Measurer } from './measure-image.js';
import { settle } from './prefetch.js';

/** What a thread of a pool is started with: other threads of the process have other data. */
export const MEASURE_THREAD = 'measures images';

/** Did a pool start this thread? Its entry then calls `serveMeasureThread` and does nothing else. */
export function isMeasureThread(): boolean {
  return !isMainThread && workerData === MEASURE_THREAD;
}

/** Answers the pool until it is told to end. */
export function serveMeasureThread(): void {
  if (parentPort === null) throw new TypeError('this is no worker thread');
  const port = parentPort;
  createEndpoint<ThreadApi, object>(
    checkedApi<ThreadApi>(
      THREAD_REQUESTS,
      answers(() => port.close()),
    ),
    {
      post: (message) => port.postMessage(message, buffersIn(message)),
      on: (receive) => void port.on('message', receive),
    },
    (error) => {
      throw error;
    },
  );
}

function answers(close: () => void): Served<ThreadApi> {
  let measurer: Measurer | undefined;
  let last: Promise<unknown> = Promise.resolve();
  return {
    async open(setup) {
      measurer = await openMeasurer(setup);
    },
    async measure(task) {
      if (measurer === undefined) throw new TypeError('nothing is open');
      const detector = measurer;
      const loading = settle(loadImage(task));
      const measuring = last.then(async () => measureImage(detector, task, await loading));
      last = measuring;
      const outcome = await measuring;
      return 'error' in outcome ? { error: toWire(outcome.error), of: outcome.of } : outcome;
    },
    end: () => void last.then(close),
  };
}

async function openMeasurer(setup: Params<ThreadApi, 'open'>): Promise<Measurer> {
  const { checkpointPath, backend, numThreads, measure } = setup;
  const files = await openModel(checkpointPath, 'detection');
  const { engine } = await startEngine(files.format, backend, undefined, numThreads);
  return { detector: await files.open((...graph) => engine.loadGraph(...graph)), measure };
}

/** A table's memory goes over, it is not copied: all that a thread sends is its own. */
function buffersIn(message: unknown): ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (value: unknown) => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) buffers.add(value.buffer);
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(message);
  return [...buffers];
}
