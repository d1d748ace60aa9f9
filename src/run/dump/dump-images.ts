/** Whether the images of a dump are where they are looked for: asked before it is imported. */
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { openDump } from '../../dataset/dump/open-dump.js';
import type { DumpImages } from '../../protocol/found-inputs.js';
import { findImage } from './import-image.js';

/** Images that are looked for: a person waits, and a script names all of them alike. */
const MAX_LOOKED = 20;

/**
 * Looks for a dump's first images.
 * @param images folder that image names are relative to; null: the dump's own.
 * @throws MiningError 'dump' where the dump is wrong before its first image: the line that a training writes now may
 * be half there.
 */
export async function dumpImages(dumpPath: string, images: string | null): Promise<DumpImages> {
  const imageRoot = images === null ? path.dirname(path.resolve(dumpPath)) : path.resolve(images);
  const looked: { readonly image: string; readonly place: string }[] = [];
  try {
    for await (const { image } of (await openDump(dumpPath)).images) {
      looked.push({ image, place: findImage(image, imageRoot) });
      if (looked.length === MAX_LOOKED) break;
    }
  } catch (error) {
    if (!(error instanceof MiningError) || looked.length === 0) throw error;
  }
  const found = looked.filter(({ place }) => place !== '');
  const [first, foundAt] = [looked[0]?.image ?? '', found[0]?.place ?? ''];
  return { first, numLooked: looked.length, numFound: found.length, foundAt };
}
