/**
 * Entry of the engine process: native code and big allocations live here, so that their death costs one process and
 * not the editor. One run a process; killing it is how a run is cancelled.
 */
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import { MiningError } from '../core/mining-error.js';
import { probeById } from '../engine/registry.js';
import { createEndpoint } from '../protocol/endpoint.js';
import type { Transport } from '../protocol/endpoint.js';
import type { HostApi, WorkerApi } from '../protocol/worker-messages.js';
import { isMeasureThread, serveMeasureThread } from '../run/mine/measure-thread.js';
import { workerAnswers } from './answer.js';
import { leaveTraining } from './train-session.js';

/** Nobody reads it any more when the host is gone. */
const overIpc: Transport = {
  post: (message) => void (process.connected && process.send?.(message, () => undefined)),
  on: (receive) => void process.on('message', receive),
};

/** A MiningError is a line for a person; anything else is a fault of ours and needs its stack. */
function lineOf(error: unknown): string {
  if (error instanceof MiningError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Says why, then ends: the host reads standard error to its end. */
function die(error: unknown): void {
  process.exitCode = 1;
  process.stderr.write(`the engine process failed: ${lineOf(error)}\n`, () => process.exit(1));
}

/** The host is gone, or wants this process gone: a training keeps the steps that it has made, and answers. */
function leave(status: number): void {
  void leaveTraining().finally(() => setImmediate(() => process.exit(status)));
}

function serveHost(): void {
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  process.stderr.on('error', () => undefined);
  process.on('disconnect', () => leave(0));
  process.on('SIGTERM', () => leave(143));
  const answers = workerAnswers((event) => host.tell('event', event), new URL(import.meta.url));
  const host = createEndpoint<WorkerApi, HostApi>(answers, overIpc, die);
}

/** `worker.mjs --probe ID`: the throw-away process of src/engine/probe/verdicts.ts. */
async function serveProbe(id: string): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const verdict: BackendVerdict = await probeById(id);
  process.send?.(verdict);
}

const [flag, id = ''] = process.argv.slice(2);
if (isMeasureThread()) serveMeasureThread();
else if (flag === '--probe') await serveProbe(id);
else serveHost();
