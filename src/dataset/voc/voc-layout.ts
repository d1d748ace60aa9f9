/** Where a Pascal VOC data set keeps its parts, and its split lists. */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { imageIdWithin } from '../rows/image-files.js';
import { decodeText, isFile, isFolder, listFolder, readBytes } from '../rows/text-files.js';
import type { Warnings } from '../rows/warnings.js';

/** A VOC folder as it stands on disk. */
export interface VocLayout {
  /** Folder of the XML files. */
  readonly annotations: string;
  /** XML files directly in it, without `.xml`, in code-unit order. */
  readonly stems: readonly string[];
  /** ImageSets/Main; '' none. */
  readonly lists: string;
  /** Where images may be, likeliest first. */
  readonly imageFolders: readonly string[];
}

/** Images to read: stems below the annotations folder. */
export interface VocList {
  readonly stems: readonly string[];
  /** null: every XML. */
  readonly split: string | null;
}

/**
 * The layout of a VOC folder, of its Annotations folder, or of a flat folder of XML files; null: none of them. Never
 * throws.
 */
export async function findVocLayout(location: string): Promise<VocLayout | null> {
  const folder = path.resolve(location);
  if (!(await isFolder(folder))) return null;
  const annotations = path.join(folder, 'Annotations');
  const nested = await xmlStems(annotations);
  if (nested.length > 0) return layoutOf(folder, annotations, nested);
  const flat = await xmlStems(folder);
  if (flat.length === 0) return null;
  return path.basename(folder) === 'Annotations'
    ? layoutOf(path.dirname(folder), folder, flat)
    : layoutOf(folder, folder, flat);
}

async function xmlStems(folder: string): Promise<string[]> {
  const names = (await listFolder(folder)).map((entry) => entry.name);
  return names.filter((name) => name.endsWith('.xml') && !name.startsWith('.')).map((name) => name.slice(0, -4));
}

async function layoutOf(folder: string, annotations: string, stems: string[]): Promise<VocLayout> {
  const lists = path.join(folder, 'ImageSets', 'Main');
  const beside = ['JPEGImages', 'images', 'Images', 'imgs', ''].map((name) => path.join(folder, name));
  const siblings = ['JPEGImages', 'images', 'Images'].map((name) => path.join(path.dirname(folder), name));
  return {
    annotations,
    stems,
    lists: (await isFolder(lists)) ? lists : '',
    imageFolders: annotations === folder ? [folder, ...beside.slice(0, -1), ...siblings] : [...beside, annotations],
  };
}

/**
 * The images of `split`: a list in ImageSets/Main; `all` or no list at all: every XML. undefined: trainval, else train,
 * else all. In a list of one class (`dog_train.txt`: a stem and -1, 0 or 1), -1 says that the class is not in the
 * image: those are left out. Repeated stems count once; stems that leave the folder are refused with a warning.
 * @throws MiningError 'dataset' where the list is not there or holds no image.
 */
export async function readVocList(layout: VocLayout, split: string | undefined, warnings: Warnings): Promise<VocList> {
  const name = split ?? (await defaultList(layout));
  const everything = { stems: layout.stems, split: null };
  if (name === undefined) return everything;
  const file = path.join(layout.lists, `${name}.txt`);
  const exists = layout.lists !== '' && imageIdWithin(layout.lists, `${name}.txt`) !== null && (await isFile(file));
  if (!exists && name === 'all') return everything;
  if (!exists) throw await noSuchList(layout, name);
  const stems = stemsOf(decodeText(await readBytes(file), file), layout.annotations, file, warnings);
  if (stems.length === 0)
    throw new MiningError('dataset', said`split ${show(name)}`, 'at least one image', 'an empty list', { file });
  return { stems, split: name };
}

/** The usual lists, the default first. */
const DEFAULT_SPLITS = ['trainval', 'train'];
const USUAL_SPLITS = [...DEFAULT_SPLITS, 'val', 'test'];

/**
 * The lists in ImageSets/Main, the reader's own choice first, without those of single classes (`cat_train`). Never
 * throws.
 */
export async function vocSplits(location: string): Promise<string[]> {
  const lists = (await findVocLayout(location))?.lists ?? '';
  const names = lists === '' ? [] : (await listFolder(lists)).map((entry) => entry.name);
  const splits = names.filter((name) => /^[^_]+\.txt$/.test(name)).map((name) => name.slice(0, -4));
  const place = (split: string) => (USUAL_SPLITS.includes(split) ? USUAL_SPLITS.indexOf(split) : USUAL_SPLITS.length);
  splits.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  const hasDefault = splits.some((split) => DEFAULT_SPLITS.includes(split));
  return splits.length === 0 || hasDefault ? splits : ['all', ...splits];
}

async function defaultList(layout: VocLayout): Promise<string | undefined> {
  if (layout.lists === '') return undefined;
  for (const name of DEFAULT_SPLITS) if (await isFile(path.join(layout.lists, `${name}.txt`))) return name;
  return undefined;
}

async function noSuchList(layout: VocLayout, name: string): Promise<MiningError> {
  const names =
    layout.lists === ''
      ? []
      : (await listFolder(layout.lists)).map((entry) => entry.name).filter((file) => file.endsWith('.txt'));
  const choices = [...names.slice(0, 20).map((file) => file.slice(0, -4)), 'all'];
  return new MiningError('dataset', 'split', said`one of ${choices.join(', ')}`, show(name), {
    file: layout.lists || layout.annotations,
  });
}

function stemsOf(text: string, annotations: string, file: string, warnings: Warnings): string[] {
  const stems = new Set<string>();
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    const { name, isAbsent } = entryOf(line.trim());
    if (name === '' || isAbsent) return;
    const stem = imageIdWithin(annotations, name);
    if (stem === null)
      warnings.add(
        'list lines refused',
        said`line ${index + 1}`,
        'a name within the annotations folder',
        show(name),
        file,
      );
    else stems.add(stem);
  });
  return [...stems];
}

/** A stem, and whether the line's second column says that the class is absent. */
function entryOf(line: string): { name: string; isAbsent: boolean } {
  const flag = /\s(-1|0|1)$/.exec(line);
  return flag === null
    ? { name: line, isAbsent: false }
    : { name: line.slice(0, flag.index).trimEnd(), isAbsent: flag[1] === '-1' };
}
