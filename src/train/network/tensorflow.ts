/**
 * The backend that trains. TensorFlow's native binding, found by whoever trains: the WASM backend has no gradient of a
 * convolution, and the JavaScript one is some hundred times slower.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { prepareForTensorFlow } from '../../files/before-tensorflow.js';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Starts the `tensorflow` backend.
 * @param path folder of a built tfjs-node package (TFJS_NODE_PATH); undefined: the installed packages are tried.
 * @throws MiningError 'engine' with each package's own reason.
 */
export async function startTensorFlow(path: string | undefined): Promise<void> {
  prepareForTensorFlow();
  const require = createRequire(import.meta.url);
  const reasons: string[] = [];
  for (const name of path === undefined ? PACKAGES : [resolve(path)]) {
    try {
      require(name);
      if (await tf.setBackend('tensorflow')) return;
      reasons.push(`${name} registered no backend`);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`);
    }
  }
  throw new MiningError(
    'engine',
    'training',
    "TensorFlow's native binding (WASM cannot train convolutions)",
    reasons.join('; '),
    {
      todo: 'Name a built tfjs-node package by TFJS_NODE_PATH',
      reason: 'no-tensorflow',
    },
  );
}

/** Starts the JavaScript backend. */
export async function startCpu(): Promise<void> {
  await import('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend('cpu');
  mendResizeGradient();
}

/**
 * The values are right, but backend-cpu 4.22.0 says that they are [batch, width, height, depth].
 * Source: tfjs-backend-cpu `kernels/ResizeBilinearGrad.ts`.
 */
function mendResizeGradient(): void {
  const kernel = tf.getKernel('ResizeBilinearGrad', 'cpu');
  tf.unregisterKernel(kernel.kernelName, kernel.backendName);
  tf.registerKernel({
    ...kernel,
    kernelFunc: (args) => ({
      ...(kernel.kernelFunc(args) as tf.TensorInfo),
      shape: args.inputs['images']?.shape ?? [],
    }),
  });
}

/** Tensors that are alive, and their bytes as TensorFlow.js counts them. */
export function tensorMemory(): { readonly numTensors: number; readonly numBytes: number } {
  const { numTensors, numBytes } = tf.memory();
  return { numTensors, numBytes };
}
