/**
 * ONNX Runtime's native package on the CPU, on every core that this process may use.
 *
 * Threads wait without spinning: images are decoded and measured on the same cores. Measured with YOLOX-nano at 416
 * in a pipeline with sharp on two busy cores (load 8; ms of wall time an image, best and median, and of CPU time):
 * 2 threads 32, 72, 49 · 2 spinning 40, 160, 77 · 1 thread 41, 71, 44.
 */
import { availableParallelism, cpus } from 'node:os';
import type * as ort from 'onnxruntime-node';
import { MiningError } from '../core/mining-error.js';
import type { Backend, Engine } from './engine.js';
import { reasonOf } from './failure.js';
import { readOnnxMetadata } from './onnx-metadata.js';
import { sessionGraph, smokeTest } from './onnxruntime-graph.js';

export const onnxruntimeNode: Backend = {
  id: 'onnxruntime-node',
  title: 'ONNX Runtime (native, CPU)',
  formats: ['onnx'],
  async start(numThreads = availableParallelism()) {
    const { default: runtime } = await import('onnxruntime-node');
    const options = sessionOptions(numThreads);
    await smokeTest(runtime, options);
    return engineOf(runtime, options);
  },
};

type Runtime = typeof ort;

function engineOf(runtime: Runtime, options: ort.InferenceSession.SessionOptions): Engine {
  return {
    facts: { id: onnxruntimeNode.id, version: runtime.env.versions.node ?? '', device: deviceName() },
    inThreads: true,
    async loadGraph(path) {
      const metadata = await readOnnxMetadata(path);
      // By path, not bytes: weights in external files are found beside the model.
      const session = await runtime.InferenceSession.create(path, options).catch((error: unknown) => {
        throw new MiningError('checkpoint', 'file', 'an ONNX model that ONNX Runtime opens', reasonOf(error), { file: path });
      });
      return sessionGraph(session, runtime, metadata, path);
    },
    dispose: async () => undefined,
  };
}

function sessionOptions(numThreads: number): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
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
