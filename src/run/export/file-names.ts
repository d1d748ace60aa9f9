import { extname } from 'node:path';
import type { ImageSummary } from '../../core/facts/run-manifest.js';

/** Characters of a name: with an extension it is a name on every file system. */
const MAX_CHARACTERS = 60;

/** Names of files in one folder, made from the ids of images. */
export class FileNames {
  readonly #taken = new Set<string>();

  /** Without an extension; unlike every other, in any case. What an id ends with tells most. */
  stemOf({ id }: Pick<ImageSummary, 'id'>): string {
    const flat = id
      .slice(0, id.length - extname(id).length)
      .replace(/[^\p{L}\p{N}._ -]+/gu, '_')
      .replace(/^[. ]+|[. ]+$/g, '');
    const isDevice = /^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/i.test(flat);
    const word = [...(isDevice ? `_${flat}` : flat)].slice(-MAX_CHARACTERS).join('').trimStart() || 'image';
    let stem = word;
    for (let n = 2; this.#taken.has(stem.toLowerCase()); n++) stem = `${word}-${n}`;
    this.#taken.add(stem.toLowerCase());
    return stem;
  }
}

/** Of the file with an image's pixels, with the dot. */
export function extensionOf({ path }: Pick<ImageSummary, 'path'>): string {
  return extname(path).toLowerCase();
}
