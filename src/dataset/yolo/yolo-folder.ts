/**
 * A YOLO data set without a `data.yaml`: `images/` beside `labels/`, with a folder a split below each or around both;
 * or label files beside their images. Class names stand in `classes.txt`, `obj.names` or a file like these.
 */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { isImageName } from '../rows/image-files.js';

export interface YoloFolder {
  /** Folders of images by split, in the order in which they are tried; '' where there are no splits. */
  readonly splits: ReadonlyMap<string, string>;
  /** File of the class names, a line each; null: there is none. */
  readonly namesFile: string | null;
}

const SPLITS = [/^train/i, /^val/i, /^test/i];
const NAMES_FILE = /^(classes|labels|obj|predefined_classes)\.txt$|\.names$|^_darknet\.labels$/i;
/** `class cx cy w h` or `class x1 y1 x2 y2 x3 y3 …`. A number matches in one way only, else the time is exponential. */
const LABEL_LINE = /^[^\S\r\n]*\d{1,9}(\s+[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?){4,}\s*$/im;
/** Label files looked into before a folder is taken to hold none. */
const MAX_HEADS = 4;

/** The layout of such a folder; null: it is none. Never throws. */
export async function findYoloFolder(folder: FolderView): Promise<YoloFolder | null> {
  const pair = pairOf(folder);
  if (pair !== null) return besideLabels(folder, pair);
  const found = new Map<string, YoloFolder>();
  for (const split of splitsAmong(folder.folders)) {
    const inside = await folder.inside(split);
    const own = pairOf(inside);
    const below = own === null ? null : await besideLabels(inside, own);
    if (below !== null && below.splits.size === 1) found.set(split, below);
  }
  if (found.size > 0) {
    const names = [...found.values()].map(({ namesFile }) => namesFile);
    return {
      splits: new Map([...found].flatMap(([split, { splits }]) => [...splits.values()].map((at) => [split, at]))),
      namesFile: namesFileOf(folder) ?? names.find((name) => name !== null) ?? null,
    };
  }
  return (await hasLabels(folder, folder.files))
    ? { splits: new Map([['', folder.path]]), namesFile: namesFileOf(folder) }
    : null;
}

interface Pair {
  readonly images: string;
  readonly labels: string;
}

function pairOf({ folders }: FolderView): Pair | null {
  const images = folders.find((name) => /^images$/i.test(name));
  const labels = folders.find((name) => /^labels$/i.test(name));
  return images === undefined || labels === undefined ? null : { images, labels };
}

async function besideLabels(folder: FolderView, pair: Pair): Promise<YoloFolder | null> {
  const [images, labels] = [await folder.inside(pair.images), await folder.inside(pair.labels)];
  const at = path.join(folder.path, pair.images);
  const splits = splitsAmong(images.folders);
  const namesFile = namesFileOf(folder) ?? namesFileOf(labels);
  if (splits.length === 0)
    return (await hasLabelsBelow(images, labels)) ? { splits: new Map([['', at]]), namesFile } : null;
  for (const split of splits)
    if (
      labels.folders.includes(split) &&
      (await hasLabelsBelow(await images.inside(split), await labels.inside(split)))
    )
      return { splits: new Map(splits.map((name) => [name, path.join(at, name)])), namesFile };
  return null;
}

/** Also one level down: sequences and batches have folders of their own. */
async function hasLabelsBelow(images: FolderView, labels: FolderView): Promise<boolean> {
  if (await hasLabels(labels, images.files)) return true;
  for (const name of images.folders.slice(0, MAX_HEADS)) {
    if (!labels.folders.includes(name)) continue;
    if (await hasLabels(await labels.inside(name), (await images.inside(name)).files)) return true;
  }
  return false;
}

/** Do label files stand for some of the images? */
async function hasLabels(labels: FolderView, images: readonly string[]): Promise<boolean> {
  const texts = new Set(labels.files.filter((name) => /\.txt$/i.test(name)));
  const own = images.filter(isImageName).map((name) => `${name.slice(0, -path.extname(name).length)}.txt`);
  for (const name of own.filter((each) => texts.has(each)).slice(0, MAX_HEADS))
    if (LABEL_LINE.test(await labels.head(name, 4096))) return true;
  return false;
}

function splitsAmong(names: readonly string[]): string[] {
  return SPLITS.flatMap((usual) => names.filter((name) => usual.test(name)));
}

function namesFileOf({ path: at, files }: FolderView): string | null {
  const name = files.find((each) => NAMES_FILE.test(each));
  return name === undefined ? null : path.join(at, name);
}
