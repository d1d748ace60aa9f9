/**
 * ONNX Runtime's native package on the CPU, on every core that this process may use.
 *
 * Threads wait without spinning: images are decoded and measured on the same cores. Measured with YOLOX-nano at 416
 * in a pipeline with sharp on two busy cores (load 8; ms of wall time an image, best and median, and of CPU time):
 * 2 threads 32, 72, 49 · 2 spinning 40, 160, 77 · 1 thread 41, 71, 44.
 */
import { availableParallelism, cpus } from 'node:os';
import type * as ort from 'onnxruntime-node';
import type { Backend, Engine, PackedFiles } from '../engine.js';
import { openOnnx } from './onnx-rewrite.js';
import { createSession, refused, sessionGraph, smokeTest } from './onnxruntime-graph.js';

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
    const engine = nativeEngine(
      { id: onnxruntimeNode.id, device: deviceName() },
      runtime,
      async (path, _format, outputs = []) => {
        const source = await openOnnx(path, outputs);
        const session = await createSession(runtime, source, path, options).catch((error: unknown) => {
          throw refused(path, source, error);
        });
        return sessionGraph(session, runtime, source, path);
      },
    );
    return { ...engine, imagesPerThread: 8 };
  },
};

/** An engine of the native package. */
export function nativeEngine(
  facts: Omit<Engine['facts'], 'version'>,
  runtime: typeof ort,
  loadGraph: Engine['loadGraph'],
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
