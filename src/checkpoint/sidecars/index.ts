/** Every kind of sidecar that is understood, in the order in which they are asked. */
import { readHuggingFace } from './hugging-face.js';
import { readPaddle } from './paddle.js';
import { readRoboflow } from './roboflow.js';
import { neighboursOf, type Neighbours, type ReadSidecar, type Sidecar } from './sidecar.js';
import { readTaskLabels } from './task-labels.js';
import { readUltralytics } from './ultralytics.js';

const SIDECARS: readonly ReadSidecar[] = [readUltralytics, readHuggingFace, readPaddle, readRoboflow, readTaskLabels];

/** What the first of them says; null: none is there. Never throws. */
export async function readSidecar(neighbours: Neighbours): Promise<Sidecar | null> {
  for (const read of SIDECARS) {
    const found = await read(neighbours);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The files beside a graph that say what it means: they belong to its identity. What its metadata says is inside it.
 * @param modelPath a file, or the folder of a SavedModel.
 */
export async function sidecarFiles(modelPath: string, isFolder: boolean): Promise<string[]> {
  for (const read of SIDECARS) {
    const files = new Set<string>();
    if ((await read(neighboursOf(modelPath, isFolder, {}, (path) => files.add(path)))) !== null) return [...files];
  }
  return [];
}
