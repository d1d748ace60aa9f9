/**
 * YOLO text labels. A label file stands where the image stands, the last folder `images` replaced
 * by `labels`; each line is `class cx cy w h` as fractions of the upright image, or `class x1 y1 x2 y2 x3 y3 …`, a
 * polygon or an oriented box, whose extent is the box. An image without a label file has no objects.
 * Source: github.com/AlexeyAB/darknet README, "How to train (to detect your custom objects)".
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { IGNORE, NONE } from '../../core/tables.js';
import type { Dataset, AnnotationFormat } from '../dataset.js';
import { imageSize } from '../pixels/decode-image.js';
import { GtRows, warnOfBox } from '../rows/gt-rows.js';
import { lookAt } from '../rows/folder-look.js';
import { imageIdWithin, isImageName, walkImages, warnOfMissing } from '../rows/image-files.js';
import { ImageRows } from '../rows/image-rows.js';
import { boundsOf, OUTLINES, type Box } from '../rows/outlines.js';
import { PartsHash, decodeText, isFile, isFolder, mapBounded, readBytes } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';
import {
  classesOf,
  findYoloFile,
  readNames,
  readYoloConfig,
  yoloFilesOf,
  yoloSplits,
  type YoloClasses,
  type YoloConfig,
} from './yolo-config.js';
import { findYoloFolder, type YoloFolder } from './yolo-folder.js';

const NUM_IN_FLIGHT = 8;
const MAX_LABEL_BYTES = 64 * 2 ** 20;

interface LabelledImage {
  readonly name: string;
  readonly labelPath: string;
  /** null: there is no label file. */
  readonly bytes: Uint8Array | null;
  /** 0 unknown: the image could not be read. */
  readonly width: number;
  readonly height: number;
}

/** YOLO folders, `data.yaml` and `obj.data` files. `split`: default the first that there is. */
export const yoloFormat: AnnotationFormat = {
  id: 'yolo',
  title: 'YOLO (text labels; with data.yaml, obj.data or classes.txt)',
  task: 'detection',

  async recognise(location) {
    return (await findYoloFile(location)) !== null || (await folderAt(location)) !== null;
  },

  async read(location, options): Promise<Dataset> {
    const warnings = new Warnings();
    const hash = new PartsHash();
    const found = await readConfig(location, options.split, hash);
    const names = (await Promise.all(found.entries.map((entry) => listImages(entry, found, warnings)))).flat();
    if (names.length === 0)
      throw new MiningError('dataset', 'images', 'at least one image', said`none in ${found.entries.join(', ')}`, {
        file: location,
      });
    const labelled = await mapBounded(names, NUM_IN_FLIGHT, (name) => readLabels(name, found.base));
    if (labelled.every(({ bytes }) => bytes === null)) {
      const received = said`none, such as ${labelPathsOf(names[0] ?? '')[0] ?? ''}`;
      throw new MiningError('dataset', 'labels', 'a label file for some image', received, { file: location });
    }
    for (const { name, bytes } of labelled) if (bytes !== null) hash.add(name, bytes);
    const config = found.classes.length > 0 ? found : { ...found, ...numbered(labelled) };
    const set = await tabulate(location, config, labelled, hash.digest(), warnings);
    return config === found ? set : { ...set, notes: [NO_NAMES, ...set.notes] };
  },

  async find(folder) {
    const files = await yoloFilesOf(folder);
    return files.length > 0 || (await findYoloFolder(folder)) === null ? files : [folder.path];
  },
  ownsFolder: true,
  // A data.yaml beside train/ and valid/, each with images and labels, is one data set.
  async partsOf(folder) {
    const splits = (await findYoloFolder(folder))?.splits.values() ?? [];
    return [...splits].map((at) => path.relative(folder.path, at).split(path.sep)[0] ?? '');
  },

  async splits(location) {
    if ((await findYoloFile(location)) !== null) return yoloSplits(location);
    return [...((await folderAt(location))?.splits.keys() ?? [])].filter((split) => split !== '');
  },

  place: textLine,
};

const NO_NAMES = 'no class names were found (classes.txt, obj.names): classes are called by their numbers';

async function folderAt(location: string): Promise<YoloFolder | null> {
  return (await isFolder(location)) ? findYoloFolder(await lookAt(location)) : null;
}

/** @throws MiningError 'dataset' where there is neither such a file nor such a folder, or no such split. */
async function readConfig(location: string, split: string | undefined, hash: PartsHash): Promise<YoloConfig> {
  const file = await findYoloFile(location);
  if (file !== null) {
    const bytes = await readBytes(file, MAX_LABEL_BYTES);
    hash.add(path.basename(file), bytes);
    return readYoloConfig(bytes, file, split);
  }
  const folder = await folderAt(location);
  if (folder === null)
    throw new MiningError('dataset', 'YOLO', 'a data.yaml, or images/ beside labels/', 'neither', { file: location });
  const [chosen] = [...folder.splits].filter(([name]) => split === undefined || name === split);
  if (chosen === undefined) {
    const choices = [...folder.splits.keys()].filter((name) => name !== '').join(', ');
    const expected = choices === '' ? 'no split' : said`one of ${choices}`;
    throw new MiningError('dataset', 'split', expected, show(split), { file: location });
  }
  const names = folder.namesFile === null ? [] : await readNames(folder.namesFile);
  hash.add('names', Buffer.from(names.join('\n')));
  const [name, images] = chosen;
  return {
    ...classesOf(names),
    split: name === '' ? null : name,
    base: path.resolve(location),
    entries: [images],
    numKeyPointValues: 0,
  };
}

/** The ids that occur, as names. */
function numbered(labelled: readonly LabelledImage[]): YoloClasses {
  const ids = new Set<string>();
  for (const { bytes } of labelled) {
    const text = Buffer.from(bytes ?? []).toString('latin1');
    // Blanks of the line itself: over line ends, a megabyte of them would take hours.
    for (const [, id] of text.matchAll(/^[^\S\r\n]*(\d{1,9})\s/gm)) ids.add(String(Number(id)));
  }
  return classesOf(Object.fromEntries([...ids].map((id) => [id, id])));
}

/**
 * Absolute paths of the images in a folder or a list. A list's lines start from its own folder or the base, wherever
 * the first is.
 */
async function listImages(entry: string, { base }: YoloConfig, warnings: Warnings): Promise<string[]> {
  if (await isFolder(entry)) return (await walkImages(entry)).map((name) => path.join(entry, name));
  const lines = decodeText(await readBytes(entry, MAX_LABEL_BYTES), entry).split(/\r\n|\n|\r/);
  const names = lines.map((line) => line.trim()).filter((line) => line !== '');
  const images = names.filter(isImageName);
  if (images.length < names.length) {
    warnings.add(
      'list lines dropped',
      'list',
      'names of images',
      said`${names.length - images.length} lines that are none`,
      entry,
    );
  }
  const [first = ''] = images;
  const here = path.dirname(entry);
  // Darknet's exporters put `data/` in front, although the list is in that folder.
  for (const [folder, prefix] of [
    [here, ''],
    [base, ''],
    [here, 'data/'],
  ] as const) {
    const pathOf = (name: string) => {
      const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name;
      return path.resolve(folder, bare.replaceAll('\\', '/'));
    };
    if (first.startsWith(prefix) && !first.includes('\0') && (await isFile(pathOf(first)))) return images.map(pathOf);
  }
  return images.map((name) => path.resolve(base, name.replaceAll('\\', '/')));
}

/** A name that leaves the base is not followed; `ImageRows` refuses it. */
async function readLabels(name: string, base: string): Promise<LabelledImage> {
  if (imageIdWithin(base, name) === null) return { name, labelPath: '', bytes: null, ...UNKNOWN };
  const candidates = labelPathsOf(path.resolve(base, name));
  let labelPath = '';
  for (const candidate of candidates) if (labelPath === '' && (await isFile(candidate))) labelPath = candidate;
  if (labelPath === '') return { name, labelPath, bytes: null, ...UNKNOWN };
  const bytes = await readBytes(labelPath, MAX_LABEL_BYTES);
  return { name, labelPath, bytes, ...(await imageSize(name).catch(() => UNKNOWN)) };
}

const UNKNOWN = { width: 0, height: 0 };
const LABELS_OF = new Map([
  ['images', 'labels'],
  ['Images', 'Labels'],
  ['IMAGES', 'LABELS'],
]);

/** Where the labels of an image may be, likeliest first: below the last folder `images` as `labels`, or beside it. */
function labelPathsOf(image: string): string[] {
  const beside = `${image.slice(0, -path.extname(image).length)}.txt`;
  const parts = beside.split(path.sep);
  const at = parts.slice(0, -1).findLastIndex((part) => part.toLowerCase() === 'images');
  if (at === -1) return [beside];
  const names = new Set([LABELS_OF.get(parts[at] ?? '') ?? 'labels', 'labels']);
  return [...[...names].map((name) => parts.with(at, name).join(path.sep)), beside];
}

async function tabulate(
  location: string,
  config: YoloConfig,
  labelled: readonly LabelledImage[],
  sha256: string,
  warnings: Warnings,
): Promise<Dataset> {
  const images = new ImageRows(config.base, warnings);
  const gts = new GtRows(images);
  for (const image of labelled) {
    const numBefore = images.numImages;
    const row = images.add(image.name, image.width, image.height, image.labelPath, 'image', config.base);
    if (row !== NONE && images.numImages > numBefore && image.bytes !== null)
      addLabels(gts, row, image, image.bytes, config, warnings);
  }
  if (images.numImages === 0)
    throw new MiningError('dataset', 'images', said`image files within ${config.base}`, 'none', {
      file: path.resolve(location),
    });
  await warnOfMissing(config.base, images.ids, warnings);
  const { gts: table, gtStart } = gts.finish();
  return {
    kind: yoloFormat.id,
    task: 'detection',
    path: path.resolve(location),
    imageRoot: config.base,
    split: config.split,
    classes: config.classes,
    images: images.finish(gtStart),
    gts: table,
    sha256,
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

function addLabels(
  gts: GtRows,
  row: number,
  image: LabelledImage,
  bytes: Uint8Array,
  config: YoloConfig,
  warnings: Warnings,
): void {
  const { labelPath, width, height } = image;
  if (width === 0 || height === 0) {
    warnings.add(
      'labels without an image size',
      'labels',
      'an image whose size can be read',
      'none: its labels are fractions and were dropped',
      labelPath,
    );
    return;
  }
  textOf(bytes, labelPath, warnings)
    .split(/\r\n|\n|\r/)
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const where = said`line ${index + 1}`;
      const [id = NaN, ...numbers] = line.trim().split(/\s+/).map(Number);
      const box = boxOf(numbers, config.numKeyPointValues);
      if (!Number.isInteger(id) || box === null) {
        warnings.add('label lines dropped', where, '5 numbers, or a class and a polygon', show(line.trim()), labelPath);
        return;
      }
      if (numbers.length >= 6 && config.numKeyPointValues === 0) warnings.tally(OUTLINES);
      const gtClass = config.classOfId.get(id) ?? IGNORE;
      if (gtClass === IGNORE)
        warnings.add('unknown categories', where, 'the id of a class', said`${id}, ignored`, labelPath);
      const [x1, y1, x2, y2] = box;
      const verdict = gts.add(row, [x1 * width, y1 * height, x2 * width, y2 * height], gtClass, index);
      if (verdict !== 'kept') warnOfBox(verdict, where, show(line.trim()), labelPath, warnings);
    });
}

function textOf(bytes: Uint8Array, file: string, warnings: Warnings): string {
  try {
    return decodeText(bytes, file);
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    warnings.addError('label files dropped', error);
    return '';
  }
}

/**
 * Corners as fractions: of centre and size, of a polygon's extent, or of centre and size before key points; null where
 * the count is none of these.
 */
function boxOf(numbers: readonly number[], numKeyPointValues: number): Box | null {
  const [cx = 0, cy = 0, w = 0, h = 0] = numbers;
  if (numbers.length === 4 || (numKeyPointValues > 0 && numbers.length === 4 + numKeyPointValues))
    return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
  return numbers.length < 6 || numbers.length % 2 === 1 ? null : boundsOf(numbers);
}
