/**
 * Training scenes, rendered once and kept as JPEG under a folder: a picture is found by the hash of its scene's SVG.
 */
import { createHash } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RgbImage } from '../../src/core/graph.js';
import { annotateScene, type SceneObject } from './annotate.js';
import { encodeJpeg, rasteriseScene } from './rasterise.js';
import { renderScene } from './render-scene.js';
import { generateScene, sceneSeed, type Stream } from './scene.js';

export const JPEG_QUALITY = 86;

export interface SceneFile {
  /** Absolute or as `folder` was given. */
  readonly file: string;
  readonly objects: readonly SceneObject[];
}

/** Scene `index` of a stream as a JPEG; rendered where `folder` does not hold it yet. */
export async function sceneFile(folder: string, seed: number, stream: Stream, index: number): Promise<SceneFile> {
  const scene = generateScene(sceneSeed(seed, stream, index));
  const rendered = renderScene(scene);
  const key = createHash('sha256').update(rendered.svg).update(JSON.stringify(scene)).digest('hex').slice(0, 24);
  const file = join(folder, `${key}.jpg`);
  if (!(await exists(file))) {
    await mkdir(folder, { recursive: true });
    const partial = `${file}.part`;
    await writeFile(partial, await encodeJpeg(await rasteriseScene(scene, rendered.svg), JPEG_QUALITY));
    await rename(partial, file);
  }
  return { file, objects: annotateScene(scene, rendered) };
}

export interface StoredScene {
  readonly image: RgbImage;
  readonly objects: readonly SceneObject[];
}

/** Scene `index` of a stream as it looks after JPEG. */
export async function storedScene(folder: string, seed: number, stream: Stream, index: number): Promise<StoredScene> {
  const { file, objects } = await sceneFile(folder, seed, stream, index);
  const { data, info } = await sharp(file).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { image: { width: info.width, height: info.height, data }, objects };
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
