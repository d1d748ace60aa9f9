/** Where COCO data sets keep their JSON and their images. */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { isFile, isFolder, listFolder, peek } from '../rows/text-files.js';

/** A COCO file in a folder, and the split its name tells. */
export interface CocoFile {
  readonly path: string;
  /** `val2017` of instances_val2017.json, `valid` of valid/_annotations.coco.json; '' where the name tells none. */
  readonly split: string;
}

const MAX_CANDIDATES = 50;
const LOOKS_LIKE_COCO = /"(images|annotations|categories)"\s*:\s*\[/;

/** Does the file begin like COCO: a JSON object with one of its three arrays in the first 64 KiB? Never throws. */
export async function isCocoFile(file: string): Promise<boolean> {
  if (path.extname(file).toLowerCase() !== '.json') return false;
  return isCocoText((await peek(file)).replace(/^\uFEFF/, ''));
}

function isCocoText(head: string): boolean {
  return head.trimStart().startsWith('{') && LOOKS_LIKE_COCO.test(head);
}

/** The COCO files in a folder itself. */
export async function cocoFilesOf(folder: FolderView): Promise<string[]> {
  const found: string[] = [];
  for (const name of folder.files.filter((file) => /\.json$/i.test(file)).slice(0, MAX_CANDIDATES))
    if (isCocoText(await folder.head(name))) found.push(path.join(folder.path, name));
  return instancesOf(found, (file) => file);
}

/** Captions and keypoints stand beside the boxes of the same images: where there are `instances*.json`, only those. */
function instancesOf<T>(found: readonly T[], pathOf: (item: T) => string): T[] {
  const instances = found.filter((item) => path.basename(pathOf(item)).startsWith('instances'));
  return instances.length > 0 ? instances : [...found];
}

/**
 * COCO files of a data-set folder: in it, in `annotations`, or `_annotations.coco.json` in its sub-folders. Where there
 * are `instances*.json`, only those: captions and keypoints of the same images stand beside them. Never throws.
 */
export async function findCocoFiles(folder: string): Promise<CocoFile[]> {
  const files = [
    ...(await jsonFiles(folder)),
    ...(await jsonFiles(path.join(folder, await annotationsOf(folder)))),
    ...(await roboflowFiles(folder)),
  ];
  const found: CocoFile[] = [];
  for (const file of files.slice(0, MAX_CANDIDATES)) {
    if (await isCocoFile(file)) found.push({ path: file, split: splitOfFile(file) });
  }
  return instancesOf(found, (file) => file.path);
}

async function annotationsOf(folder: string): Promise<string> {
  const names = (await listFolder(folder)).map(({ name }) => name);
  return names.find((name) => /^annotations$/i.test(name)) ?? 'annotations';
}

async function jsonFiles(folder: string): Promise<string[]> {
  return (await listFolder(folder))
    .map((entry) => entry.name)
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .map((name) => path.join(folder, name));
}

async function roboflowFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await listFolder(folder)) {
    const file = path.join(folder, entry.name, '_annotations.coco.json');
    if (!entry.isFile() && !entry.name.startsWith('.') && (await isFile(file))) found.push(file);
  }
  return found;
}

/** The split that a file's name (or, for `_annotations.coco.json`, its folder's) tells; '' none. */
export function splitOfFile(file: string): string {
  const base = path.basename(file, path.extname(file));
  if (base === '_annotations.coco') return path.basename(path.dirname(file));
  return base === 'instances' ? '' : base.replace(/^(instances|annotations|person_keypoints|image_info)_/, '');
}

/**
 * The file to read: the path itself, or in a folder the one of `split` (exact, else by its beginning: `val` finds
 * val2017); of several without a split the first, where their names tell which split each is.
 * @throws MiningError 'dataset' listing the choices where none or several fit.
 */
export async function chooseCocoFile(location: string, split: string | undefined): Promise<CocoFile> {
  if (!(await isFolder(location))) return { path: location, split: splitOfFile(location) };
  const files = await findCocoFiles(location);
  const fitting = split === undefined ? bySplit(files) : filesOfSplit(files, split);
  const [first, second] = fitting;
  const isSure = second === undefined || (split === undefined && placeOf(second) < USUAL_SPLITS.length);
  if (first !== undefined && isSure) return first;
  const choices = files.map((file) => path.relative(location, file.path)).join(', ');
  throw new MiningError(
    'dataset',
    'annotation file',
    split === undefined ? 'one COCO JSON' : said`one COCO JSON for split "${split}"`,
    fitting.length === 0 ? (choices === '' ? 'none' : said`none of ${choices}`) : `${fitting.length}: ${choices}`,
    { file: location, todo: 'Name a split, or open the JSON itself' },
  );
}

/** The splits of a folder with several files, the usual ones first; none for a file. Never throws. */
export async function cocoSplits(location: string): Promise<string[]> {
  const files = bySplit(await findCocoFiles(location));
  return [...new Set(files.map(({ split }) => split))].filter((split) => split !== '');
}

const USUAL_SPLITS = ['train', 'val', 'test', 'dev'];

function placeOf({ split }: CocoFile): number {
  const place = USUAL_SPLITS.findIndex((usual) => split.toLowerCase().startsWith(usual));
  return place < 0 ? USUAL_SPLITS.length : place;
}

function bySplit(files: readonly CocoFile[]): CocoFile[] {
  return [...files].sort((a, b) => placeOf(a) - placeOf(b));
}

function filesOfSplit(files: readonly CocoFile[], split: string): CocoFile[] {
  const exact = files.filter((file) => file.split === split);
  return exact.length > 0 ? exact : files.filter((file) => file.split.startsWith(split));
}
