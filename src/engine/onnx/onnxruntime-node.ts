/**
 * ONNX Runtime's native package on the CPU, on every core that this process may use.
 *
 * Threads wait without spinning: images are decoded and measured on the same cores. Measured with YOLOX-nano at 416
 * in a pipeline with sharp on two busy cores (load 8; ms of wall time an image, best and median, and of CPU time):
 * 2 threads 32, 72, 49 · 2 spinning 40, 160, 77 · 1 thread 41, 71, 44.
 */
import { availableParallelism, cpus } from 'node:os';
import type * as ort from 'onnxruntime-node';
import type { Graph } from '../../core/graph.js';
import { MiningError } from '../../core/mining-error.js';
import type { Backend, Engine, PackedFiles } from '../engine.js';
import { reasonOf } from '../failure.js';
import { readOnnxMetadata } from './onnx-metadata.js';
import { sessionGraph, smokeTest } from './onnxruntime-graph.js';

export const onnxruntimeNode: Backend = {
  id: 'onnxruntime-node',
  title: 'ONNX Runtime (native, CPU)',
  summary: 'ONNX on the CPU, native.',
  needs: 'its native package (in the platform vsix)',
  formats: ['onnx'],
  packages(target): PackedFiles {
    if (target === null) return {};
    const native = `bin/napi-v\\d+/${target.replace('-', '/')}/.*`;
    const files = `package\\.json|LICENSE|ThirdPartyNotices\\.txt|dist/.*\\.js|${native}`;
    return { 'onnxruntime-node': new RegExp(`^(${files})$`) };
  },
  async start(numThreads) {
    const { default: runtime } = await import('onnxruntime-node');
    const options = { ...nativeOptions(numThreads), executionProviders: ['cpu'] };
    await smokeTest(runtime, options);
    const engine = nativeEngine({ id: onnxruntimeNode.id, device: deviceName() }, runtime, async (path) => {
      const metadata = await readOnnxMetadata(path);
      // By path, not bytes: weights in external files are found beside the model.
      const session = await runtime.InferenceSession.create(path, options).catch((error: unknown) => {
        throw new MiningError('checkpoint', 'file', 'an ONNX model that ONNX Runtime opens', reasonOf(error), {
          file: path,
        });
      });
      return sessionGraph(session, runtime, metadata, path);
    });
    return { ...engine, inThreads: true };
  },
};

/** An engine of the native package. */
export function nativeEngine(
  facts: Omit<Engine['facts'], 'version'>,
  runtime: typeof ort,
  loadGraph: (path: string) => Promise<Graph>,
): Engine {
  return { facts: { ...facts, version: runtime.env.versions.node ?? '' }, loadGraph, dispose: async () => undefined };
}

/**
 * What every session of the native package is opened with. @param numThreads cores of what runs on the CPU; absent:
 * all.
 */
export function nativeOptions(numThreads = availableParallelism()): ort.InferenceSession.SessionOptions {
  return {
    intraOpNumThreads: numThreads,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Failures arrive as exceptions; the runtime's own copy of them on stderr is noise.
    logSeverityLevel: 4,
    // Electron's allocator kills the process on one huge allocation, and the arena asks for such.
    enableCpuMemArena: process.versions['electron'] === undefined,
  };
}

function deviceName(): string {
  return `CPU, ${availableParallelism()} threads (${cpus()[0]?.model.trim() ?? process.arch})`;
}
