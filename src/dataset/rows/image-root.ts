/** Where the images of an annotation file are, when it gives only their names. */
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { imageIdWithin, isImageName, kindOf } from './image-files.js';
import { isFile, listFolder } from './text-files.js';

const NUM_PROBES = 32;
const USUAL_NAMES = ['images', 'data', 'jpegimages', 'imgs'];

/**
 * The folder that `names` are relative to: the one of the usual places near `file` with most of a sample of them.
 * @param split as the file's name tells it, also a folder's name; '' none.
 * @param images the folder that the person named, which then is the only place; undefined: none.
 * @throws MiningError 'dataset' where none of the sample is anywhere: every image would fail.
 */
export async function findImageRoot(
  names: readonly string[],
  file: string,
  split: string,
  images: string | undefined,
): Promise<string> {
  const folders = images === undefined ? await usualFolders(file, split) : [path.resolve(images)];
  const sample = evenSample(names, NUM_PROBES);
  let best = { folder: '', hits: 0 };
  for (const folder of folders) {
    const found = await Promise.all(sample.map((name) => isImageWithin(folder, name)));
    const hits = found.filter(Boolean).length;
    if (hits > best.hits) best = { folder, hits };
    if (hits === sample.length) break;
  }
  if (best.hits > 0) return best.folder;
  throw new MiningError(
    'dataset',
    'images',
    said`image files such as ${JSON.stringify(sample[0] ?? '')}`,
    said`none in ${folders.join(', ')}`,
    { file, todo: 'Name the folder of the images' },
  );
}

/**
 * Of the usual places near `file` the first with an image file that is called like one is expected to be, else the
 * first with any but the folder above, whose images may be others'; and the names of all in code-unit order. For
 * annotations that name none.
 * @param images the folder that the person named, which then is the only place; undefined: none.
 * @throws MiningError 'dataset' where none has any.
 */
export async function findImageFolder(
  file: string,
  images: string | undefined,
  expected: RegExp,
): Promise<{ readonly folder: string; readonly names: readonly string[] }> {
  const folders = images === undefined ? await usualFolders(file, '') : [path.resolve(images)];
  const above = path.dirname(path.dirname(path.resolve(file)));
  const found: { readonly folder: string; readonly names: readonly string[] }[] = [];
  for (const folder of folders) {
    const names = (await listFolder(folder)).map(({ name }) => name);
    found.push({ folder, names: names.filter((name) => !name.startsWith('.') && isImageName(name)) });
  }
  const best =
    found.find(({ names }) => names.some((name) => expected.test(name))) ??
    found.find(({ folder, names }) => names.length > 0 && folder !== above);
  if (best !== undefined) return best;
  const todo = 'Name the folder of the images';
  throw new MiningError('dataset', 'images', 'image files', said`none in ${folders.join(', ')}`, { file, todo });
}

async function isImageWithin(folder: string, name: string): Promise<boolean> {
  const id = imageIdWithin(folder, name);
  return id !== null && isFile(path.join(folder, id));
}

/** Beside the file and one level up: there, in folders of the usual names in any case, and of the split's. */
async function usualFolders(file: string, split: string): Promise<string[]> {
  const here = path.dirname(path.resolve(file));
  const wanted = split === '' ? USUAL_NAMES : [...USUAL_NAMES, split.toLowerCase()];
  const found: string[] = [];
  for (const base of [here, path.dirname(here)]) {
    found.push(base);
    for (const folder of await foldersNamed(base, wanted)) {
      found.push(folder);
      found.push(...(await foldersNamed(folder, split === '' ? [] : [split.toLowerCase(), 'images'])));
    }
  }
  return [...new Set(found)];
}

/** Folders in `base` whose name is one of `wanted` in any case, in the order of `wanted`. */
async function foldersNamed(base: string, wanted: readonly string[]): Promise<string[]> {
  if (wanted.length === 0) return [];
  const entries = (await listFolder(base)).filter(({ name }) => wanted.includes(name.toLowerCase()));
  entries.sort((a, b) => wanted.indexOf(a.name.toLowerCase()) - wanted.indexOf(b.name.toLowerCase()));
  const found: string[] = [];
  for (const entry of entries) {
    const full = path.join(base, entry.name);
    if ((await kindOf(entry, full)) === 'folder') found.push(full);
  }
  return found;
}

function evenSample<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  const places = Array.from({ length: Math.min(items.length, most) }, (_, i) => Math.floor(i * step));
  return places.flatMap((at) => items.slice(at, at + 1));
}
