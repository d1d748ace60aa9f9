/**
 * TensorFlow's native binding, found by whoever trains. The WASM backend has no gradient of a convolution, and the
 * JavaScript one is some hundred times too slow.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { MiningError } from '../core/mining-error.js';

const PACKAGES = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'];

/**
 * Starts the `tensorflow` backend.
 * @param path folder of a built tfjs-node package (TFJS_NODE_PATH); undefined: the installed packages are tried.
 * @throws MiningError 'engine' with each package's own reason.
 */
export async function startTensorFlow(path: string | undefined): Promise<void> {
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
  throw new MiningError('engine', 'training', "TensorFlow's native binding", reasons.join('; '), {
    todo: 'Name a built tfjs-node package by TFJS_NODE_PATH',
  });
}
