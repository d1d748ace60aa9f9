/** Every kind of sidecar that is understood, in the order in which they are asked. */
import { readHuggingFace } from './hugging-face.js';
import { readPaddle } from './paddle.js';
import { readRoboflow } from './roboflow.js';
import type { Neighbours, ReadSidecar, Sidecar } from './sidecar.js';
import { readUltralytics } from './ultralytics.js';

const SIDECARS: readonly ReadSidecar[] = [readUltralytics, readHuggingFace, readPaddle, readRoboflow];

/** What the first of them says; null: none is there. Never throws. */
export async function readSidecar(neighbours: Neighbours): Promise<Sidecar | null> {
  for (const read of SIDECARS) {
    const found = await read(neighbours);
    if (found !== null) return found;
  }
  return null;
}
