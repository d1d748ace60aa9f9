/**
 * ONNX Runtime's WASM build in plain Node: one thread, no native code, so it runs where the native package does not.
 * The package finds its WASM, and the package onnxruntime-common, beside its own module.
 */
import { dirname, isAbsolute, join, normalize } from 'node:path';
import type * as ort from 'onnxruntime-web';
import { MiningError, show } from '../../core/mining-error.js';
import type { Backend, Engine } from '../engine.js';
import { unreadable } from '../failure.js';
import { openOnnx } from './onnx-rewrite.js';
import { refused, sessionGraph, smokeTest } from './onnxruntime-graph.js';
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
    imagesPerThread: 8,
    async loadGraph(path, _format, outputs = []) {
      const source = await openOnnx(path, outputs);
      const bytes = source.bytes ?? (await readModelFile(path));
      const externalData = await Promise.all(
        source.model.weightFiles.map(async (name) => ({ path: name, data: await readModelFile(besides(path, name)) })),
      );
      const session = await runtime.InferenceSession.create(bytes, { ...OPTIONS, externalData }).catch(
        (error: unknown) => {
          throw refused(path, source, error);
        },
      );
      return sessionGraph(session, runtime, source, path);
    },
    dispose: async () => undefined,
  };
}

async function readModelFile(path: string): Promise<Buffer> {
  return readRegular(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** A file of weights: in the model's folder, as ONNX asks. @throws MiningError 'checkpoint' for a way out of it. */
function besides(path: string, name: string): string {
  if (!isAbsolute(name) && !normalize(name).startsWith('..')) return join(dirname(path), name);
  throw new MiningError('checkpoint', 'external data', 'a file in the folder of the model', show(name), { file: path });
}
