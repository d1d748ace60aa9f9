/**
 * LiteRT (TensorFlow Lite) by the WASM of `@litertjs/core`, in plain Node.
 *
 * The package's own JavaScript is for pages (script elements, GPU buffers) and takes float32, int32 and uint8 alone;
 * its binding to the WASM, which it declares as `LiteRt.liteRtWasm`, asks for none of that. Of its builds `compat` is
 * taken: the others need relaxed SIMD, which Node 20 lacks, and whose results may differ from one processor to another.
 *
 * The runtime reports failures as lines on stderr and goes on: a graph that was not prepared then gives what its memory
 * held. So such lines are taken for what they are.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { compileFunction } from 'node:vm';
import type { LiteRt } from '@litertjs/core';
import type { Tensor } from '../../core/graph.js';
import type { Feeds } from '../feeds.js';
import type { Port } from './tensor-values.js';

type Binding = LiteRt['liteRtWasm'];

/** The package as it was found. */
export interface Litert {
  readonly version: string;
  /** An instance of the WASM. Cost: some 150 ms. */
  instantiate(printError: (line: string) => void): Promise<Binding>;
}

/** Source: emscripten's `Module` object. */
type Loader = (options: { print(line: string): void; printErr(line: string): void }) => Promise<Binding>;

/** @throws Error when the package is not there. */
export async function findLitert(): Promise<Litert> {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(await readFile(require.resolve('@litertjs/core/package.json'), 'utf8')) as {
    version: string;
  };
  const load = await loaderAt(require.resolve('@litertjs/core/wasm/litert_wasm_compat_internal.js'));
  return { version, instantiate: (printErr) => load({ print: () => undefined, printErr }) };
}

/** The loader is a CommonJS script in a package of ES modules: `require` would take it for one of those. */
async function loaderAt(path: string): Promise<Loader> {
  const module: { exports: unknown } = { exports: {} };
  const names = ['module', 'exports', 'require', '__filename', '__dirname'];
  const script = compileFunction(await readFile(path, 'utf8'), names, { filename: path });
  script(module, module.exports, createRequire(path), path, dirname(path));
  return module.exports as Loader;
}

/** A model that is ready to run. */
export interface Session {
  /** @param feeds fit the inputs. */
  run(feeds: Feeds): Promise<Record<string, Tensor>>;
}

/**
 * Opens a model whose inputs and outputs are these, in its own order. An instance that is no longer referred to is
 * freed as a whole.
 * @throws Error with what the runtime says, also when running.
 */
export async function openSession(
  litert: Litert,
  bytes: Uint8Array,
  inputs: readonly Port[],
  outputs: readonly Port[],
): Promise<Session> {
  const failures: string[] = [];
  const wasm = await litert.instantiate((line) => {
    if (line.startsWith('ERROR')) failures.push(line.replace(/^ERROR: (\[\S+\] )?/, ''));
  });
  const checked = <T>(value: T): T => {
    if (failures.length > 0) throw new Error(failures.splice(0).join('; '));
    return value;
  };
  const environment = wasm.LiteRtEnvironment.create(null);
  const at = wasm._malloc(bytes.length);
  if (at === 0) throw new Error('out of memory');
  wasm.HEAPU8.set(bytes, at);
  const model = wasm.loadModel(environment, at, bytes.length);
  const compiled = checked(await wasm.compileModel(environment, model, { accelerator: 'wasm' }));
  const { HOST_MEMORY } = wasm.LiteRtTensorBufferType;
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const slots = inputs.map((port, i) => ({ ...port, type: model.getInputTensorType(0, i) }));
  return {
    async run(feeds) {
      const fed = slots.map(({ info, numBytes, type, encode }) => {
        const buffer = wasm.LiteRtTensorBuffer.createManaged(environment, HOST_MEMORY, type, numBytes);
        const values = encode(feeds[info.name]?.data ?? new Float32Array());
        wasm.HEAPU8.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), buffer.lock(WRITE));
        buffer.unlock();
        return buffer;
      });
      const results = checked(await compiled.run(0, fed));
      for (const buffer of fed) buffer.delete();
      const entries = outputs.map(({ info, numBytes, decode }, i) => {
        const result = results[i];
        if (result?.packedSize() !== numBytes)
          throw new Error(`output ${info.name}: ${result?.packedSize() ?? 0} bytes`);
        const from = result.lock(READ);
        const copy = wasm.HEAPU8.slice(from, from + numBytes);
        result.unlock();
        result.delete();
        return [info.name, { shape: info.shape ?? [], data: decode(copy.buffer) }] as const;
      });
      return Object.fromEntries(entries);
    },
  };
}
