/** Every annotation format that can be read, and how a path finds its format. */
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { MiningError } from '../core/mining-error.js';
import { cocoFormat } from './coco/coco.js';
import { findCocoFiles } from './coco/coco-files.js';
import { csvFormat } from './labels/csv.js';
import type { Dataset, DatasetOptions, AnnotationFormat } from './dataset.js';
import { foldersFormat } from './labels/folders.js';
import { kindOf } from './rows/image-files.js';
import { isFolder, listFolder, readBytes, reasonOf } from './rows/text-files.js';
import type { TextRange } from './rows/text-places.js';
import { vocFormat } from './voc/voc.js';
import { yoloFormat } from './yolo/yolo.js';

/** In the order in which they are tried: the surest marks first. */
export const FORMATS: readonly AnnotationFormat[] = [cocoFormat, vocFormat, yoloFormat, csvFormat, foldersFormat];

/**
 * Reads the data set at `location`, a file or a folder, with the first format that recognises it.
 * @throws MiningError 'dataset' listing what was tried where none does; else what the format throws.
 */
export async function openDataset(location: string, options: DatasetOptions): Promise<Dataset> {
  const absolute = path.resolve(location);
  await stat(absolute).catch((error: unknown) => {
    throw new MiningError('dataset', 'data set', 'a file or folder', reasonOf(error), { file: absolute });
  });
  for (const format of FORMATS) if (await format.recognise(absolute)) return format.read(absolute, options);
  const tried = FORMATS.map((format) => format.title).join('; ');
  throw new MiningError('dataset', 'data set', `one of: ${tried}`, await describe(absolute), { file: absolute });
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => null))?.size ?? 0;
}

async function describe(location: string): Promise<string> {
  if (!(await isFolder(location))) return `a file that begins like none of them`;
  const names = (await listFolder(location)).map((entry) => entry.name);
  if (names.length === 0) return 'an empty folder';
  return `a folder with ${names.slice(0, 8).join(', ')}${names.length > 8 ? `, … (${names.length} entries)` : ''}`;
}

/** VS Code itself shows no more, and a search in the text is not worth the memory, bytes. */
const MAX_REVEALED_BYTES = 2 ** 28;

/**
 * Where an object stands in its annotation file, in UTF-16 units of the text without a byte order mark.
 * @param format id of the data set's format.
 * @param index as in `GtTable.annotation`.
 * @returns null where there is no such object, the file is too large to be shown, or the format is not known here.
 * @throws MiningError 'dataset' when the file cannot be read.
 */
export async function annotationPlace(format: string, file: string, index: number): Promise<TextRange | null> {
  const known = FORMATS.find(({ id }) => id === format);
  if (known === undefined || (await sizeOf(file)) > MAX_REVEALED_BYTES) return null;
  const bytes = await readBytes(file);
  return known.place(new TextDecoder().decode(bytes), index);
}

/** A data set that a person may pick. */
export interface FoundDataset {
  /** Absolute. */
  readonly path: string;
  /** Reader id. */
  readonly kind: string;
  readonly title: string;
}

const MAX_FOLDERS = 2000;
const MAX_FILES_EACH = 20;
const MAX_FOUND = 200;
const ANNOTATION_FILE = /\.(json|csv|tsv|ya?ml)$/i;

/**
 * Data sets in `folder` and at most `maxDepth` levels below it, nearest first; 0: the folder itself only. A recognised
 * folder is
 * not entered. Skips `node_modules`, dot folders and linked folders; stops after 2000 folders or 200 finds. Never
 * throws.
 */
export async function findDatasets(folder: string, maxDepth: number): Promise<FoundDataset[]> {
  const found: FoundDataset[] = [];
  let level = [path.resolve(folder)];
  let numFolders = 0;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const current of level) {
      if (++numFolders > MAX_FOLDERS || found.length >= MAX_FOUND) return found;
      const here = await datasetsAt(current);
      found.push(...here);
      if (here.length === 0) next.push(...(await subfolders(current)));
    }
    level = next;
  }
  return found;
}

async function datasetsAt(folder: string): Promise<FoundDataset[]> {
  for (const format of FORMATS) {
    if (!(await format.recognise(folder))) continue;
    const files = format === cocoFormat ? await findCocoFiles(folder) : [];
    const paths = files.length > 1 ? files.map((file) => file.path) : [folder];
    return paths.map((found) => ({ path: found, kind: format.id, title: format.title }));
  }
  return annotationFiles(folder);
}

async function annotationFiles(folder: string): Promise<FoundDataset[]> {
  const found: FoundDataset[] = [];
  const names = (await listFolder(folder))
    .map((entry) => entry.name)
    .filter((name) => ANNOTATION_FILE.test(name) && !name.startsWith('.'));
  for (const name of names.slice(0, MAX_FILES_EACH)) {
    const file = path.join(folder, name);
    for (const format of FORMATS) {
      if (!(await format.recognise(file))) continue;
      found.push({ path: file, kind: format.id, title: format.title });
      break;
    }
  }
  return found;
}

async function subfolders(folder: string): Promise<string[]> {
  const inside: string[] = [];
  for (const entry of await listFolder(folder)) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.') || entry.isSymbolicLink()) continue;
    const full = path.join(folder, entry.name);
    if ((await kindOf(entry, full)) === 'folder') inside.push(full);
  }
  return inside;
}
