/**
 * Ends the process when it is silent for too long. A driver that hangs blocks the thread that called it, timers and
 * all, so a thread of its own watches: it says on standard error what was waited for, then kills the process, as
 * nothing else ends a native call. The run file keeps every image that was told.
 *
 * Seconds are counted by ticks: a machine that slept, or a process that was stopped, is not silent.
 */
import { Worker } from 'node:worker_threads';
import type { Graph } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { deathLine } from '../../protocol/death-line.js';

export interface Watchdog {
  /** Something was done; `next` is waited for now, null: still the same. */
  at(next: string | null): void;
  stop(): void;
}

/**
 * Seconds without a forward or an image after which a backend is taken to hang: a compiler of GPU kernels may need
 * minutes.
 */
export const TIME_LIMIT_S = 300;

/** Runs in the thread; plain text, since a bundle has no file of its own for it. */
const SOURCE = `
const { parentPort, workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
let { line } = workerData;
let idle = 0;
parentPort.on('message', (text) => { line = text ?? line; idle = 0; });
setInterval(() => {
  // Ticks are not in step with what is done: the first may come at once.
  if (++idle <= workerData.limitS) return;
  writeSync(2, line + '\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000);
`;
const TODO = 'Resume to go on; where an image may take longer raise the time limit, else choose another backend';

/**
 * @param limitS seconds, 1 or more; 0: nobody watches.
 * @param next what is waited for first.
 */
export function startWatchdog(limitS: number, next: string): Watchdog {
  if (limitS === 0) return { at: () => undefined, stop: () => undefined };
  const worker = new Worker(SOURCE, { eval: true, workerData: { limitS, line: lastLine(limitS, next) } });
  worker.unref();
  return {
    at: (text) => worker.postMessage(text === null ? null : lastLine(limitS, text)),
    stop: () => void worker.terminate(),
  };
}

/** What is written before the process ends: for the host that has started it, else for a person at the terminal. */
function lastLine(limitS: number, where: string): string {
  const expected = said`an answer within ${limitS} s`;
  const received = 'none: the driver or the model hangs';
  return process.send === undefined
    ? new MiningError('engine', where, expected, received, { todo: TODO }).message
    : deathLine({ where, expected, received, todo: TODO });
}

/** A graph whose forwards tell the watchdog that the backend answers: opening a model may take many of them. */
export function watchedGraph(graph: Graph, watchdog: Watchdog): Graph {
  const run: Graph['run'] = async (feeds) => {
    const answer = await graph.run(feeds);
    watchdog.at(null);
    return answer;
  };
  return { ...graph, run };
}
