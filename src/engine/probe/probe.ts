/** Starts one backend and says what became of it, and how fast it is: what a throw-away process does (verdicts.ts). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendVerdict } from '../../core/facts/backend-verdict.js';
import { said } from '../../core/said.js';
import type { Tensor } from '../../core/graph.js';
import { BENCH_ANSWER, BENCH_INPUT, middleOf, writeBenchModel } from './bench-models.js';
import type { Backend, Engine } from '../engine.js';
import { NoDevice, reasonOf, Refusal } from '../failure.js';
import { sizeOf } from '../feeds.js';

/** A verdict of refusal, for what was thrown. */
export function refusal({ id, title, formats }: Backend, error: unknown): BackendVerdict {
  const noDevice = error instanceof NoDevice ? { noDevice: true } : {};
  return { id, title, formats, runs: false, version: '', device: '', reason: reasonOf(error), ...noDevice, speed: 0 };
}

/**
 * Starts a backend in this process and measures it for about a second. Never throws; a native crash ends the process.
 */
export async function probeBackend(backend: Backend): Promise<BackendVerdict> {
  const { id, title, formats } = backend;
  try {
    const engine = await backend.start();
    const { version, device } = engine.facts;
    const speed = await measureSpeed(engine, formats);
    await engine.dispose();
    return { id, title, formats, runs: true, version, device, reason: '', speed };
  } catch (error) {
    return refusal(backend, error);
  }
}

const BENCH_MS = 1000;

/** @returns 0 where the network cannot be written in any of the formats. @throws what the backend throws. */
async function measureSpeed(engine: Engine, formats: readonly string[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-probe-'));
  try {
    const model = await writeBenchModel(folder, formats);
    if (model === null) return 0;
    const graph = await engine.loadGraph(model.path, model.format);
    const feed = Object.fromEntries(
      graph.inputs.map(({ name, shape }) => {
        const data = new Float32Array(sizeOf(shape ?? [])).fill(BENCH_INPUT);
        return [name, { shape: shape ?? [], data }];
      }),
    );
    const forward = () => graph.run(feed);
    const first = performance.now();
    requireAnswer(await forward());
    // Where one takes so long, it is measure enough.
    const warmMs = performance.now() - first;
    const speed = warmMs > 2 * BENCH_MS ? 1000 / warmMs : await countForwards(forward);
    graph.dispose();
    return speed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A driver that computes wrongly is worse than none. @throws Error when the answer is more than 1 % off. */
function requireAnswer(outputs: Readonly<Record<string, Tensor>>): void {
  const [output] = Object.values(outputs);
  const received = output === undefined ? NaN : middleOf(output);
  if (!(Math.abs(received / BENCH_ANSWER - 1) < 0.01))
    throw new Refusal(
      said`a network of known answer gave ${received.toPrecision(4)}, not ${BENCH_ANSWER.toPrecision(4)}`,
    );
}

async function countForwards(forward: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < BENCH_MS) {
    await forward();
    count++;
  }
  return (count * 1000) / (performance.now() - start);
}
