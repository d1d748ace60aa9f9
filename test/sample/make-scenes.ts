/** Scenes of a stream with pixels and truth; and the bundled sample's images, annotations and README on disk. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RgbImage } from '../../src/core/graph.js';
import { annotateScene, type SceneObject } from './annotate.js';
import { cocoOf } from './coco.js';
import { plantMistakes, type PlantedMistake } from './planted-mistakes.js';
import { encodeJpeg, rasteriseScene } from './rasterise.js';
import { renderScene } from './render-scene.js';
import { JPEG_QUALITY } from './scene-store.js';
import { generateScene, sceneSeed, type Scene, type Stream } from './scene.js';

export const NUM_SAMPLE_IMAGES = 42;
export const NUM_MISTAKES = 8;

export interface MadeScene {
  readonly scene: Scene;
  readonly image: RgbImage;
  readonly objects: readonly SceneObject[];
}

/** Scene `index` of a stream, rendered and annotated. */
export async function makeScene(seed: number, stream: Stream, index: number): Promise<MadeScene> {
  const scene = generateScene(sceneSeed(seed, stream, index));
  const rendered = renderScene(scene);
  return { scene, image: await rasteriseScene(scene, rendered.svg), objects: annotateScene(scene, rendered) };
}

/** `images/bench-07.jpg`. */
export function sampleFileName(index: number): string {
  return `images/bench-${String(index + 1).padStart(2, '0')}.jpg`;
}

/**
 * Writes the sample's images and `instances.json` into `folder`.
 * @returns the mistakes planted in the annotations.
 */
export async function writeSampleImages(folder: string, seed: number): Promise<readonly PlantedMistake[]> {
  await mkdir(join(folder, 'images'), { recursive: true });
  const truth: (readonly SceneObject[])[] = [];
  for (let i = 0; i < NUM_SAMPLE_IMAGES; i++) {
    const { image, objects } = await makeScene(seed, 'sample', i);
    await writeFile(join(folder, sampleFileName(i)), await encodeJpeg(image, JPEG_QUALITY));
    truth.push(objects);
  }
  const { objects, mistakes } = plantMistakes(truth, NUM_MISTAKES, seed);
  await writeFile(
    join(folder, 'instances.json'),
    linesOf(
      cocoOf(
        truth.map((_, i) => sampleFileName(i)),
        objects,
      ),
    ),
  );
  return mistakes;
}

/** JSON with one line an entry of each list, so that an annotation can be revealed in an editor. */
function linesOf(document: object): string {
  const members = Object.entries(document).map(([key, value]) => {
    const text = Array.isArray(value)
      ? `[\n${value.map((entry) => `  ${JSON.stringify(entry)}`).join(',\n')}\n ]`
      : JSON.stringify(value);
    return ` ${JSON.stringify(key)}: ${text}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
