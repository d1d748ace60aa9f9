/** What the workspace holds, asked of the engine process: walking and reading files never blocks this one. */
import * as vscode from 'vscode';
import type { FoundInputs } from '../../protocol/found-inputs.js';
import type { EngineService } from '../engine/engine-service.js';

/** Paths of the workspace's folders. */
export function workspaceFolders(): string[] {
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

/** @param more folders beside those of the workspace. */
export function findInputs(engine: EngineService, more: readonly string[] = []): Promise<FoundInputs> {
  return engine.call('findInputs', { roots: [...workspaceFolders(), ...more] });
}
