/** Scenes of a stream as a COCO data set on disk, for `ohem train`. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cocoOf } from './coco.js';
import { sceneFile } from './scene-store.js';
import type { Stream } from './scene.js';

/**
 * Writes `images/0000.jpg` … and `instances.json` into `folder`.
 * @param store folder of rendered scenes; those missing are rendered into it.
 */
export async function writeSceneDataset(
  folder: string,
  seed: number,
  stream: Stream,
  count: number,
  store: string,
): Promise<void> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const names = Array.from({ length: count }, (_, index) => `images/${String(index).padStart(4, '0')}.jpg`);
  const objects = [];
  for (const [index, name] of names.entries()) {
    const scene = await sceneFile(store, seed, stream, index);
    await copyFile(scene.file, join(folder, name));
    objects.push(scene.objects);
  }
  await writeFile(join(folder, 'instances.json'), JSON.stringify(cocoOf(names, objects)));
}
