import { extname } from 'node:path';
import type { ImageSummary } from '../../core/facts/run-manifest.js';

/** Characters of a name: with an extension it is a name on every file system. */
const MAX_CHARACTERS = 60;

/** Names of files in one folder, made from the ids of images or from other words. */
export class FileNames {
  readonly #taken = new Set<string>();

  /** Without the id's extension. */
  stemOf({ id }: Pick<ImageSummary, 'id'>): string {
    return this.nameOf(id.slice(0, id.length - extname(id).length));
  }

  /** Unlike every other, in any case. What a text ends with tells most. */
  nameOf(text: string): string {
    const flat = text.replace(/[^\p{L}\p{N}._ -]+/gu, '_').replace(/^[. ]+|[. ]+$/g, '');
    const isDevice = /^(con|prn|aux|nul|(com|lpt)\d)(\.|$)/i.test(flat);
    const word = [...(isDevice ? `_${flat}` : flat)].slice(-MAX_CHARACTERS).join('').trimStart() || 'image';
    let name = word;
    for (let n = 2; this.#taken.has(name.toLowerCase()); n++) name = `${word}-${n}`;
    this.#taken.add(name.toLowerCase());
    return name;
  }
}

/** Of the file with an image's pixels, with the dot. */
export function extensionOf({ path }: Pick<ImageSummary, 'path'>): string {
  return extname(path).toLowerCase();
}
