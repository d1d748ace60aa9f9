/** A worker thread that measures images, with an engine and a detector of its own. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { openModel } from '../../checkpoint/open-model.js';
import type { MeasureConfig } from '../../core/losses/detector-output.js';
import { MiningError } from '../../core/mining-error.js';
import type { MiningErrorCode } from '../../core/mining-error.js';
import type { RoiTable } from '../../core/tables.js';
import { startEngine } from '../../engine/registry.js';
import { loadImage, measureImage } from './measure-image.js';
import type { ImageTask, Measurer, Outcome } from './measure-image.js';
import { settle } from './prefetch.js';

/** What a lane is started with. */
export interface LaneSetup {
  readonly lane: true;
  readonly checkpointPath: string;
  /** Backend id: a run never mixes backends. */
  readonly backend: string;
  readonly numThreads: number;
  readonly measure: MeasureConfig;
}

/** Cloning loses an error's class; these are the arguments that make it anew. */
export type SentError =
  | { readonly args: [MiningErrorCode, string, string, string, { readonly file?: string; readonly todo?: string }] }
  | { readonly fault: Error };
export type SentOutcome =
  Exclude<Outcome, { error: unknown }> | { readonly error: SentError; readonly of: 'image' | 'model' };
/** Answers come in the order of the tasks; `ready` comes first. */
export type LaneReply = 'ready' | SentOutcome;
/** The last message to a lane: it ends when the images before it are measured. */
export type LaneEnd = 'end';

/** Is this thread one that `startLanes` made? The entry then calls `serveLane` and does nothing else. */
export function isLane(): boolean {
  return !isMainThread && (workerData as Partial<LaneSetup> | null)?.lane === true;
}

/** Measures each image that comes in; the next one is decoded while the model looks at this one. */
export async function serveLane(): Promise<void> {
  if (parentPort === null) throw new TypeError('a lane is a worker thread');
  const port = parentPort;
  const measurer = await openMeasurer(workerData as LaneSetup);
  let last = Promise.resolve();
  port.on('message', (task: ImageTask | LaneEnd) => {
    if (task === 'end') {
      last = last.then(() => port.close());
      return;
    }
    const loading = settle(loadImage(task));
    last = last.then(async () => reply(port, await measureImage(measurer, task, await loading)));
  });
  port.postMessage('ready' satisfies LaneReply);
}

async function openMeasurer({ checkpointPath, backend, numThreads, measure }: LaneSetup): Promise<Measurer> {
  const files = await openModel(checkpointPath, 'detection');
  const { engine } = await startEngine(files.format, backend, undefined, numThreads);
  return { detector: await files.open((path, format) => engine.loadGraph(path, format)), measure };
}

function reply(port: MessagePort, outcome: Outcome): void {
  const sent: SentOutcome = 'error' in outcome ? { error: sendable(outcome.error), of: outcome.of } : outcome;
  port.postMessage(sent satisfies LaneReply, 'measured' in outcome ? buffersOf(outcome.measured.rois) : []);
}

/** A table's memory goes over, it is not copied. */
function buffersOf(rois: RoiTable): ArrayBuffer[] {
  const columns = Object.values(rois).filter((column) => ArrayBuffer.isView(column));
  return [...new Set(columns.map(({ buffer }) => buffer as ArrayBuffer))];
}

function sendable(error: unknown): SentError {
  if (error instanceof MiningError)
    return { args: [error.code, error.where, error.expected, error.received, error.hint] };
  return { fault: error instanceof Error ? error : new Error(String(error)) };
}
