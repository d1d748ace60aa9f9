/**
 * ONNX Runtime's WASM build in plain Node: one thread, no native code, so it runs where the native package does not.
 * The package finds its WASM, and the package onnxruntime-common, beside its own module.
 */
import type * as ort from 'onnxruntime-web';
import { MiningError } from '../../core/mining-error.js';
import type { Backend, Engine } from '../engine.js';
import { reasonOf, unreadable } from '../failure.js';
import { readOnnxMetadata } from './onnx-metadata.js';
import { sessionGraph, smokeTest } from './onnxruntime-graph.js';
import { readRegular } from '../../files/reading.js';

const OPTIONS: ort.InferenceSession.SessionOptions = { executionProviders: ['wasm'], logSeverityLevel: 4 };

export const onnxruntimeWeb: Backend = {
  id: 'onnxruntime-web',
  title: 'ONNX Runtime (WASM, one thread)',
  summary: 'ONNX on one core, WASM.',
  needs: 'nothing: WASM, one thread',
  formats: ['onnx'],
  packages: () => ({
    'onnxruntime-web':
      /^(package\.json|LICENSE|dist\/ort\.node\.min\.(mjs|js)|dist\/ort-wasm-simd-threaded\.(mjs|wasm))$/,
    'onnxruntime-common': /^(package\.json|LICENSE|dist\/(cjs|esm)\/.*\.(js|json))$/,
  }),
  async start() {
    const runtime = await import('onnxruntime-web');
    runtime.env.wasm.numThreads = 1;
    await smokeTest(runtime, OPTIONS);
    return engineOf(runtime);
  },
};

type Runtime = typeof ort;

function engineOf(runtime: Runtime): Engine {
  return {
    facts: { id: onnxruntimeWeb.id, version: runtime.env.versions.web ?? '', device: 'WASM, 1 thread' },
    inThreads: true,
    async loadGraph(path) {
      const metadata = await readOnnxMetadata(path);
      const bytes = await readRegular(path).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      const session = await runtime.InferenceSession.create(bytes, OPTIONS).catch((error: unknown) => {
        throw new MiningError('checkpoint', 'file', 'an ONNX model that ONNX Runtime opens', reasonOf(error), {
          file: path,
        });
      });
      return sessionGraph(session, runtime, metadata, path);
    },
    dispose: async () => undefined,
  };
}
