/** Whether the images of a dump are where they are looked for: asked before it is imported. */
import path from 'node:path';
import { openDump } from '../../dataset/dump/open-dump.js';
import type { DumpImages } from '../../protocol/found-inputs.js';
import { findImage } from './import-image.js';

/** Images that are looked for: a person waits, and a script names all of them alike. */
const MAX_LOOKED = 20;

/**
 * Looks for a dump's first images.
 * @param images folder that image names are relative to; null: the dump's own.
 * @throws MiningError 'dump' where the dump is wrong.
 */
export async function dumpImages(dumpPath: string, images: string | null): Promise<DumpImages> {
  const imageRoot = images === null ? path.dirname(path.resolve(dumpPath)) : path.resolve(images);
  let [first, numLooked, numFound] = ['', 0, 0];
  for await (const { image } of (await openDump(dumpPath)).images) {
    if (numLooked === 0) first = image;
    if (findImage(image, imageRoot) !== '') numFound++;
    if (++numLooked === MAX_LOOKED) break;
  }
  return { first, numLooked, numFound };
}
