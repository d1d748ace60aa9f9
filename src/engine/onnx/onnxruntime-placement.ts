/**
 * Where ONNX Runtime computes the nodes of a graph. It puts what an execution provider lacks on the CPU without a word,
 * down to the whole graph. So a session is first asked for on the provider alone. Where that is refused (almost every
 * detector has shape arithmetic or NMS that belongs on the CPU), the first forward is repeated under the profiler, and
 * nodes that are the work of a network must not be among those on the CPU.
 *
 * Source: onnxruntime_session_options_config_keys.h (session.disable_cpu_ep_fallback); profiler.cc (events of category
 * "Node" with args.provider and args.op_name).
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { MiningError } from '../../core/mining-error.js';
import { inWords, said } from '../../core/said.js';
import type { Graph } from '../../core/graph.js';
import { reasonOf } from '../failure.js';
import type { Feeds } from '../feeds.js';
import { openOnnx, type OnnxSource } from './onnx-rewrite.js';
import { createSession, refused, sessionGraph, toOrtFeeds, type FileRuntime } from './onnxruntime-graph.js';

type SessionOptions = InferenceSession.SessionOptions;

/** The same options, but a node on the CPU is an error. */
export function onProviderOnly(options: SessionOptions): SessionOptions {
  const extra = options.extra as { session?: object } | undefined;
  return { ...options, extra: { ...extra, session: { ...extra?.session, disable_cpu_ep_fallback: '1' } } };
}

/**
 * Opens a graph on a provider.
 * @param id of the backend, named in errors.
 * @returns a graph whose first run throws MiningError 'engine' when the network's work is done on the CPU.
 * @throws MiningError 'checkpoint' when ONNX Runtime does not open the file.
 */
export async function loadPlaced(
  runtime: FileRuntime,
  path: string,
  options: SessionOptions,
  id: string,
  outputs: readonly string[] = [],
): Promise<Graph> {
  const source = await openOnnx(path, outputs);
  const alone = await createSession(runtime, source, path, onProviderOnly(options)).catch((error: unknown) => {
    if (/explicitly disabled by the user/.test(inWords(reasonOf(error)))) return null;
    throw refused(path, source, error);
  });
  if (alone !== null) return sessionGraph(alone, runtime, source, path);
  const shared = await createSession(runtime, source, path, options).catch((error: unknown) => {
    throw refused(path, source, error);
  });
  const graph = sessionGraph(shared, runtime, source, path);
  let checked: Promise<void> | null = null;
  return {
    ...graph,
    async run(feeds) {
      const outputs = await graph.run(feeds);
      checked ??= checkPlacement(runtime, source, path, options, id, feeds);
      await checked;
      return outputs;
    },
  };
}

async function checkPlacement(
  runtime: FileRuntime,
  source: OnnxSource,
  path: string,
  options: SessionOptions,
  id: string,
  feeds: Feeds,
): Promise<void> {
  const events = await profile(runtime, source, path, options, feeds);
  const { onCpu, all } = workOnCpu(events);
  if (onCpu.length === 0) return;
  const received = said`${onCpu.length} of ${all} on the CPU: ${[...new Set(onCpu)].sort().join(', ')}`;
  throw new MiningError('engine', id, 'every convolution and matrix product on its device', received, {
    file: path,
    todo: 'Pin onnxruntime-node, which computes all on the CPU',
  });
}

/** The events of one forward in a session of its own. */
async function profile(
  runtime: FileRuntime,
  source: OnnxSource,
  path: string,
  options: SessionOptions,
  feeds: Feeds,
): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), 'ohem-placement-'));
  try {
    const session = await createSession(runtime, source, path, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    await session.run(toOrtFeeds(session, runtime, feeds));
    session.endProfiling();
    await session.release();
    const [file = 'no profile'] = await readdir(folder);
    return JSON.parse(await readFile(join(folder, file), 'utf8')) as unknown;
  } catch (error) {
    throw new MiningError('engine', 'profile', 'which device computes what', reasonOf(error), { file: path });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Operators that are the work of a network; the rest (shapes, gathers, NMS) may stand on the CPU. */
const WORK = /Conv|Gemm|MatMul|LSTM|GRU|Attention/;

/**
 * @param events what the profiler wrote.
 * @returns operators of the network's work that ran on the CPU, one entry a run; `all`: of such, on any device.
 */
export function workOnCpu(events: unknown): { onCpu: string[]; all: number } {
  const nodes = (Array.isArray(events) ? events : []) as {
    cat?: string;
    args?: { provider?: string; op_name?: string };
  }[];
  const work = nodes.filter(
    ({ cat, args }) => cat === 'Node' && args?.provider !== undefined && WORK.test(args.op_name ?? ''),
  );
  return {
    onCpu: work.filter(({ args }) => args?.provider === 'CPUExecutionProvider').map(({ args }) => args?.op_name ?? ''),
    all: work.length,
  };
}
