/**
 * Entry of the engine process: native code and big allocations live here, so that their death costs one process and
 * not the editor. One run a process; killing it is how a run is cancelled.
 */
import { MiningError } from '../core/mining-error.js';
import type { WorkerReply, WorkerRequest } from '../protocol/worker-messages.js';
import { probeById } from '../engine/registry.js';
import { isLane, serveLane } from '../run/mine/lane.js';
import { answer } from './answer.js';
import { leaveTraining } from './train-session.js';

function send(message: WorkerReply): void {
  if (process.connected) process.send?.(message);
}

function reply(request: WorkerRequest): void {
  answer(request, send, new URL(import.meta.url)).then(
    (result) => send({ ok: request.id, result }),
    (error: unknown) =>
      send({ error: request.id, code: error instanceof MiningError ? error.code : 'internal', message: lineOf(error) }),
  );
}

/** A MiningError is a line for a person; anything else is a fault of ours and needs its stack. */
function lineOf(error: unknown): string {
  if (error instanceof MiningError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Says why, then ends: the exit waits until the reason is on its way. */
function die(error: unknown): void {
  const text = `the engine process failed: ${lineOf(error)}`;
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
  if (process.connected)
    process.send?.({ event: 'log', level: 'error', text } satisfies WorkerReply, () => process.exit(1));
  else process.exit(1);
}

/** The host is gone, or wants this process gone: a training keeps the steps that it has made. */
function leave(status: number): void {
  void leaveTraining().finally(() => process.exit(status));
}

function serveHost(): void {
  process.on('uncaughtException', die);
  process.on('unhandledRejection', die);
  // Nobody reads it any more when the host is gone.
  process.stderr.on('error', () => undefined);
  process.on('disconnect', () => leave(0));
  process.on('SIGTERM', () => leave(143));
  process.on('message', (request) => reply(request as WorkerRequest));
}

/** `worker.mjs --probe ID`: the throw-away process of src/engine/probe/verdicts.ts. */
async function serveProbe(id: string): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const probe = await probeById(id);
  process.send?.(probe);
}

const [flag, id] = process.argv.slice(2);
if (isLane()) await serveLane();
else if (flag === '--probe') await serveProbe(id);
else serveHost();
