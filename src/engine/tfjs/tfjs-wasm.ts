/** TensorFlow.js on WASM with SIMD, one thread (its threads do not work in Node). */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '../engine.js';
import { importTfjs, TFJS_FORMATS, tfjsEngine } from './tfjs-graph.js';

const SIMD_FILE = 'tfjs-backend-wasm-simd.wasm';

export const tfjsWasm: Backend = {
  id: 'tfjs-wasm',
  title: 'TensorFlow.js (WASM, one thread)',
  summary: 'TensorFlow.js on one core, WASM.',
  needs: 'nothing: WASM, one thread',
  formats: TFJS_FORMATS,
  async start() {
    const tfjs = await importTfjs();
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    wasm.setWasmPaths(wasmFolder() + sep);
    const simd = await tfjs.core.env().getAsync('WASM_HAS_SIMD_SUPPORT');
    return tfjsEngine(tfjs, 'wasm', tfjsWasm.id, `WASM${simd ? ' SIMD' : ''}, 1 thread`);
  },
};

/** The .wasm files lie beside the bundle (esbuild.mjs copies them), or in the package when run from sources. */
function wasmFolder(): string {
  const beside = dirname(fileURLToPath(import.meta.url));
  if (existsSync(join(beside, SIMD_FILE))) return beside;
  return dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
}
