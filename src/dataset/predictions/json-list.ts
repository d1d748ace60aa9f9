/** JSON files of predictions that may be larger than one string: read element by element. */
import path from 'node:path';
import { arrayElements } from '../coco/json-elements.js';
import { isFile, peek, readBytes, sha256 } from '../rows/text-files.js';

/** Is this a JSON file whose first 64 KiB look right? Never throws. */
export async function isJsonFile(location: string, looksLike: (head: string) => boolean): Promise<boolean> {
  if (path.extname(location).toLowerCase() !== '.json' || !(await isFile(location))) return false;
  return looksLike((await peek(location)).replace(/^\ufeff/, ''));
}

/**
 * Visits the elements of a file that is one list; `where` is `[3]`. Memory: the file and some hundred elements.
 * @returns SHA-256 of the file, hex.
 * @throws MiningError 'dataset' with line and column where the syntax is broken.
 */
export async function jsonList(file: string, visit: (element: unknown, where: string) => void): Promise<string> {
  const bytes = await readBytes(file);
  arrayElements(bytes, file, (element, index) => visit(element, `[${index}]`));
  return sha256(bytes);
}
