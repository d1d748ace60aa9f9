/** Which backends there are, in order of preference, and why the better ones were refused. */
import type { BackendVerdict } from '../core/facts/backend-verdict.js';
import { MiningError } from '../core/mining-error.js';
import { asSaid, inWords, joined, said, type Said } from '../core/said.js';
import type { Backend, Engine } from './engine.js';
import { NoDevice, reasonOf, Refusal } from './failure.js';
import { onnxruntimeNode } from './onnx/onnxruntime-node.js';
import { onnxruntimeProviders } from './onnx/onnxruntime-providers.js';
import { onnxruntimeWeb } from './onnx/onnxruntime-web.js';
import { probeBackend } from './probe/probe.js';
import { litertWasm } from './tflite/litert-wasm.js';
import { tfjsCpu } from './tfjs/tfjs-cpu.js';
import { tfjsNode, tfjsNodeGpu } from './tfjs/tfjs-node.js';
import { tfjsWasm } from './tfjs/tfjs-wasm.js';
import { tfjsWebgpu } from './tfjs/tfjs-webgpu.js';
import { verdictOn, type VerdictOptions } from './probe/verdicts.js';

/** Best first; for a format, the backends that open it in this order. A new backend is one file and one entry here. */
export const BACKENDS: readonly Backend[] = [
  ...onnxruntimeProviders,
  onnxruntimeNode,
  onnxruntimeWeb,
  tfjsNodeGpu,
  tfjsWebgpu,
  tfjsNode,
  tfjsWasm,
  tfjsCpu,
  litertWasm,
];

export interface StartedEngine {
  readonly engine: Engine;
  /**
   * Why each better backend was refused: `onnxruntime-node: Cannot find package`. Those for devices that are not there
   * are left out.
   */
  readonly refused: readonly string[];
}

/**
 * Starts the best backend that opens `format`, or the pinned one and no other.
 * @param format a GraphFormat of the checkpoint room.
 * @param pinned a backend's id; null: the best that runs here.
 * @param numThreads cores that a forward may use; absent: all.
 * @throws MiningError 'options' for an unknown id; 'engine' when the pinned backend does not open the format or does
 * not run, and when none does.
 */
export async function startEngine(
  format: string,
  pinned: string | null,
  backends: readonly Backend[] = BACKENDS,
  numThreads?: number,
): Promise<StartedEngine> {
  const candidates = backends.filter((backend) => backend.formats.includes(format));
  if (pinned !== null)
    return { engine: await startPinned(pinned, format, candidates, backends, numThreads), refused: [] };
  if (candidates.length === 0)
    throw new MiningError('engine', 'format', formatsOf(backends), format, { todo: adviceFor(format) });
  const refused: { readonly text: Said; readonly noDevice: boolean }[] = [];
  for (const backend of candidates.filter(fitsHere)) {
    try {
      const engine = await startSafely(backend, numThreads);
      return { engine, refused: refused.filter(({ noDevice }) => !noDevice).map(({ text }) => inWords(text)) };
    } catch (error) {
      refused.push({ text: said`${backend.id}: ${asSaid(reasonOf(error))}`, noDevice: error instanceof NoDevice });
    }
  }
  const todo = format === 'saved-model' ? { todo: adviceFor(format) } : {};
  const received = joined(refused.map(({ text }) => text));
  throw new MiningError('engine', format, 'a backend that runs here', received, todo);
}

async function startPinned(
  id: string,
  format: string,
  candidates: readonly Backend[],
  backends: readonly Backend[],
  numThreads: number | undefined,
): Promise<Engine> {
  const backend = byId(id, backends);
  if (!candidates.includes(backend)) {
    const ids = candidates.map((each) => each.id).join(', ');
    const todo = ids === '' ? said`${format} is opened by no backend yet` : said`${format} is opened by ${ids}`;
    throw new MiningError('engine', id, backend.formats.join(' or '), format, { todo });
  }
  return startSafely(backend, numThreads).catch((error: unknown) => {
    throw new MiningError('engine', id, 'the pinned backend to run here', reasonOf(error));
  });
}

function formatsOf(backends: readonly Backend[]): string {
  return [...new Set(backends.flatMap((backend) => backend.formats))].join(', ');
}

function adviceFor(format: string): string {
  return format === 'saved-model'
    ? 'Convert it: tensorflowjs_converter --input_format=tf_saved_model FOLDER OUT, or tf2onnx'
    : 'Convert the checkpoint to ONNX';
}

/**
 * The verdicts on all backends for this platform, one after the other so that they do not slow each other down. Never
 * throws.
 */
export async function probeBackends(
  options: VerdictOptions = {},
  backends: readonly Backend[] = BACKENDS,
): Promise<BackendVerdict[]> {
  const probes: BackendVerdict[] = [];
  for (const backend of backends.filter(fitsHere)) probes.push(await verdictOn(backend, options));
  return probes;
}

/**
 * What the throw-away process does: probes one backend in this process. @throws MiningError 'options' for an unknown
 * id.
 */
export async function probeById(id: string): Promise<BackendVerdict> {
  return probeBackend(byId(id, BACKENDS));
}

/** Starts a backend here; one that may end the process only after it came through in another. */
async function startSafely(backend: Backend, numThreads?: number): Promise<Engine> {
  if (backend.stamp !== undefined) {
    const { runs, reason, noDevice } = await verdictOn(backend);
    if (!runs) throw noDevice === true ? new NoDevice(reason) : new Refusal(reason);
  }
  return backend.start(numThreads);
}

function fitsHere({ platforms }: Backend): boolean {
  return platforms === undefined || platforms.test(`${process.platform}-${process.arch}`);
}

function byId(id: string, backends: readonly Backend[]): Backend {
  const backend = backends.find((each) => each.id === id);
  if (backend !== undefined) return backend;
  throw new MiningError('options', 'backend', said`one of ${backends.map((each) => each.id).join(', ')}`, id);
}
