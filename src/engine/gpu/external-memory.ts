/**
 * Electron's V8 keeps all memory of ArrayBuffers in one cage, so `napi_create_external_arraybuffer` fails there: a
 * native module that hands out its own memory breaks unless it copies instead. Such a module is refused here before it
 * is loaded; test/contract/engine-electron.test.ts finds out which they are.
 * Source: Electron's "V8 Memory Cage"; Node-API's napi_no_external_buffers_allowed.
 */
import { said } from '../../core/said.js';
import { Refusal } from '../failure.js';

/**
 * Does this process refuse ArrayBuffers over memory that V8 did not allocate? Electron, also as plain Node
 * (ELECTRON_RUN_AS_NODE).
 */
export function refusesExternalMemory(
  versions: Readonly<Record<string, string | undefined>> = process.versions,
): boolean {
  return versions['electron'] !== undefined;
}

const TODO = said`install Node.js 20 or later, or set ohemLens.nodePath`;

/** @throws Error with what to do where `module`, which hands out its own memory, must not be loaded. */
export function refuseExternalMemory(module: string): void {
  if (refusesExternalMemory())
    throw new Refusal(said`${module} cannot run inside Electron ${process.versions['electron'] ?? ''}: ${TODO}`);
}
