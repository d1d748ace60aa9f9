/** What the workspace holds, asked of the engine process: walking and reading files never blocks this one. */
import type { FoundInputs } from '../../protocol/found-inputs.js';
import { workspaceFolders } from '../base/local-path.js';
import type { EngineService } from '../engine/engine-service.js';

/** @param more folders beside those of the workspace. */
export function findInputs(engine: EngineService, more: readonly string[] = []): Promise<FoundInputs> {
  return engine.call('findInputs', { roots: [...workspaceFolders(), ...more] });
}
