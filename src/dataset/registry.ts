/** Every annotation format that can be read, and how a path finds its reader. */
import path from 'node:path';
import { stat } from 'node:fs/promises';
import { MiningError } from '../core/mining-error.js';
import { cocoReader } from './coco/coco.js';
import { findCocoFiles } from './coco/coco-files.js';
import { csvReader } from './labels/csv.js';
import type { Dataset, DatasetOptions, DatasetReader } from './dataset.js';
import { foldersReader } from './labels/folders.js';
import { kindOf } from './rows/image-files.js';
import { isFolder, listFolder, reasonOf } from './rows/text-files.js';
import { vocReader } from './voc/voc.js';
import { yoloReader } from './yolo/yolo.js';

/** In the order in which they are tried: the surest marks first. */
export const READERS: readonly DatasetReader[] = [cocoReader, vocReader, yoloReader, csvReader, foldersReader];

/**
 * Reads the data set at `location`, a file or a folder, with the first reader that recognises it.
 * @throws MiningError 'dataset' listing what was tried where none does; else what the reader throws.
 */
export async function openDataset(location: string, options: DatasetOptions): Promise<Dataset> {
  const absolute = path.resolve(location);
  await stat(absolute).catch((error: unknown) => {
    throw new MiningError('dataset', 'data set', 'a file or folder', reasonOf(error), { file: absolute });
  });
  for (const reader of READERS) if (await reader.recognise(absolute)) return reader.read(absolute, options);
  const tried = READERS.map((reader) => reader.title).join('; ');
  throw new MiningError('dataset', 'data set', `one of: ${tried}`, await describe(absolute), { file: absolute });
}

async function describe(location: string): Promise<string> {
  if (!(await isFolder(location))) return `a file that begins like none of them`;
  const names = (await listFolder(location)).map((entry) => entry.name);
  if (names.length === 0) return 'an empty folder';
  return `a folder with ${names.slice(0, 8).join(', ')}${names.length > 8 ? `, … (${names.length} entries)` : ''}`;
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
  for (const reader of READERS) {
    if (!(await reader.recognise(folder))) continue;
    const files = reader === cocoReader ? await findCocoFiles(folder) : [];
    const paths = files.length > 1 ? files.map((file) => file.path) : [folder];
    return paths.map((found) => ({ path: found, kind: reader.kind, title: reader.title }));
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
    for (const reader of READERS) {
      if (!(await reader.recognise(file))) continue;
      found.push({ path: file, kind: reader.kind, title: reader.title });
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
