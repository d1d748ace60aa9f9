/**
 * COCO detection JSON. Classes are the categories in ascending id order (ids have gaps); bbox is [x, y, width, height],
 * continuous px. Source: cocodataset.org "Data format", cocoapi PythonAPI/pycocotools/coco.py.
 *
 * A flaw costs what it makes unreadable: wrong structure the file (it is not what it says), a bad value its box.
 * Elements are checked by hand, not by a schema: 860,000 annotations of train2017 leave about a microsecond each.
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { IGNORE, NONE } from '../../core/tables.js';
import { chooseCocoFile, cocoFilesOf, cocoSplits, findCocoFiles, isCocoFile, type CocoFile } from './coco-files.js';
import type { Dataset, DatasetOptions, AnnotationFormat } from '../dataset.js';
import { GtRows, warnOfBox } from '../rows/gt-rows.js';
import { warnOfMissing } from '../rows/image-files.js';
import { ImageRows } from '../rows/image-rows.js';
import { findImageRoot } from '../rows/image-root.js';
import { forEachElement, parseValue, topLevelMembers, type Extent } from './json-elements.js';
import { isFolder, readBytes, sha256 } from '../rows/text-files.js';
import { jsonAt } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

type Id = number | string;
type Members = Readonly<Record<string, unknown>>;

/** One document while it is read: its bytes, its top-level members, its flaws. */
interface Document {
  readonly bytes: Uint8Array;
  readonly members: ReadonlyMap<string, Extent>;
  readonly file: CocoFile;
  readonly warnings: Warnings;
}

/** COCO JSON files and of folders that hold them. */
export const cocoFormat: AnnotationFormat = {
  id: 'coco',
  title: 'COCO JSON (instances*.json, annotations/*.json)',
  task: 'detection',

  async recognise(location) {
    return (await isFolder(location)) ? (await findCocoFiles(location)).length > 0 : isCocoFile(location);
  },

  async read(location, options): Promise<Dataset> {
    const file = await chooseCocoFile(location, options.split);
    const bytes = await readBytes(file.path);
    const document = { bytes, members: topLevelMembers(bytes, file.path), file, warnings: new Warnings() };
    return tabulate(location, document, options);
  },

  find: cocoFilesOf,
  splits: cocoSplits,

  place: (text, index) => jsonAt(text, ['annotations', index]),
};

async function tabulate(location: string, document: Document, options: DatasetOptions): Promise<Dataset> {
  const { file, warnings } = document;
  const categories = readCategories(document);
  const listed = readImages(document);
  const root = await findImageRoot(listed.names, file.path, file.split, options.images);
  const images = new ImageRows(root, warnings);
  const rowOfImage = addImages(images, listed, document);
  const gts = readAnnotations(document, images, rowOfImage, categories.classOfId);
  await warnOfMissing(root, images.ids, warnings);
  const { gts: table, gtStart } = gts.finish();
  return {
    kind: cocoFormat.id,
    task: 'detection',
    path: path.resolve(location),
    imageRoot: root,
    split: options.split ?? (file.split === '' ? null : file.split),
    classes: categories.classes,
    ids: { imageOf: rowOfImage, classOf: categories.classOfId },
    images: images.finish(gtStart),
    gts: table,
    sha256: sha256(document.bytes),
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

function readCategories(document: Document): { classes: string[]; classOfId: Map<Id, number> } {
  const found: { id: Id; name: string }[] = [];
  eachElement(document, 'categories', (category, where) => {
    const id = idOf(category['id'], `${where}.id`, document);
    if (typeof category['name'] !== 'string') throw mismatch(`${where}.name`, 'a string', category['name'], document);
    found.push({ id, name: category['name'] });
  });
  found.sort((a, b) => compareIds(a.id, b.id));
  if (found.length === 0)
    throw new MiningError('dataset', 'categories', 'at least one category', 'an empty list', {
      file: document.file.path,
    });
  const classOfId = new Map(found.map(({ id }, index) => [id, index]));
  if (classOfId.size < found.length)
    throw new MiningError('dataset', 'categories', 'ids that differ', 'an id twice', { file: document.file.path });
  warnOfRepeatedNames(
    found.map(({ name }) => name),
    document,
  );
  return { classes: found.map(({ name }) => name), classOfId };
}

function warnOfRepeatedNames(names: readonly string[], { warnings, file }: Document): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      warnings.add('category names repeated', 'categories', 'names that differ', said`${show(name)} twice`, file.path);
    seen.add(name);
  }
}

interface ListedImages {
  readonly ids: Id[];
  readonly names: string[];
  readonly widths: number[];
  readonly heights: number[];
}

function readImages(document: Document): ListedImages {
  const listed: ListedImages = { ids: [], names: [], widths: [], heights: [] };
  eachElement(document, 'images', (image, where) => {
    listed.ids.push(idOf(image['id'], `${where}.id`, document));
    if (typeof image['file_name'] !== 'string')
      throw mismatch(`${where}.file_name`, 'a string', image['file_name'], document);
    listed.names.push(image['file_name']);
    listed.widths.push(sizeOf(image['width'], `${where}.width`, document));
    listed.heights.push(sizeOf(image['height'], `${where}.height`, document));
  });
  if (listed.ids.length === 0)
    throw new MiningError('dataset', 'images', 'at least one image', 'an empty list', { file: document.file.path });
  return listed;
}

/** Rows by image id; a refused image's id stands with NONE. */
function addImages(
  images: ImageRows,
  { ids, names, widths, heights }: ListedImages,
  { file }: Document,
): Map<Id, number> {
  const rowOfImage = new Map<Id, number>();
  ids.forEach((id, i) => {
    if (rowOfImage.has(id)) {
      throw new MiningError('dataset', `images[${i}].id`, 'an id of its own', said`${show(id)} again`, {
        file: file.path,
      });
    }
    rowOfImage.set(
      id,
      images.add(names[i] ?? '', widths[i] ?? 0, heights[i] ?? 0, file.path, `images[${i}].file_name`, file.path),
    );
  });
  if (images.numImages === 0)
    throw new MiningError('dataset', 'images', said`file names within ${images.root}`, 'none', { file: file.path });
  return rowOfImage;
}

function readAnnotations(
  document: Document,
  images: ImageRows,
  rowOfImage: Map<Id, number>,
  classOfId: Map<Id, number>,
): GtRows {
  const { warnings, file } = document;
  const gts = new GtRows(images);
  eachElement(document, 'annotations', (annotation, where, position) => {
    const imageId = idOf(annotation['image_id'], `${where}.image_id`, document);
    const categoryId = idOf(annotation['category_id'], `${where}.category_id`, document);
    const bbox = boxOf(annotation['bbox'], `${where}.bbox`, document);
    const isCrowd = flagOf(annotation['iscrowd'], `${where}.iscrowd`, document);
    const row = rowOfImage.get(imageId);
    if (row === undefined)
      warnings.add(
        'annotations of unknown images',
        `${where}.image_id`,
        'the id of an image',
        said`${show(imageId)}, dropped`,
        file.path,
      );
    if (row === undefined || row === NONE) return;
    const gtClass = classOfId.get(categoryId) ?? IGNORE;
    if (gtClass === IGNORE)
      warnings.add(
        'unknown categories',
        `${where}.category_id`,
        'the id of a category',
        said`${show(categoryId)}, ignored`,
        file.path,
      );
    const [x, y, width, height] = bbox;
    const verdict = gts.add(row, [x, y, x + width, y + height], gtClass, position, isCrowd);
    if (verdict !== 'kept') warnOfBox(verdict, `${where}.bbox`, `[${bbox.join(', ')}]`, file.path, warnings);
  });
  return gts;
}

/**
 * Visits the objects of a top-level array. @throws MiningError 'dataset' where it is absent, no array or holds
 * something else.
 */
function eachElement(
  document: Document,
  name: string,
  visit: (element: Members, where: string, index: number) => void,
): void {
  const { bytes, members, file } = document;
  const extent = members.get(name);
  if (extent === undefined) throw new MiningError('dataset', name, 'an array', 'nothing', { file: file.path });
  if (bytes[extent.start] !== 0x5b) throw mismatch(name, 'an array', parseValue(bytes, extent, file.path), document);
  forEachElement(bytes, extent, file.path, (element, index) => {
    const where = `${name}[${index}]`;
    if (!isObject(element)) throw mismatch(where, 'an object', element, document);
    visit(element, where, index);
  });
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(where: string, expected: string, received: unknown, { file }: Document): MiningError {
  return new MiningError('dataset', where, expected, received === undefined ? 'nothing' : show(received), {
    file: file.path,
  });
}

/** Ids are integers in COCO; some writers use strings. */
function idOf(value: unknown, where: string, document: Document): Id {
  if (Number.isSafeInteger(value) || typeof value === 'string') return value as Id;
  throw mismatch(where, 'an integer', value, document);
}

function compareIds(a: Id, b: Id): number {
  if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function sizeOf(value: unknown, where: string, document: Document): number {
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) return Math.round(value);
  throw mismatch(where, 'a number of pixels', value, document);
}

function boxOf(value: unknown, where: string, document: Document): [number, number, number, number] {
  if (!Array.isArray(value)) throw mismatch(where, '4 numbers', value, document);
  if (value.length !== 4)
    throw new MiningError('dataset', where, '4 numbers', String(value.length), { file: document.file.path });
  const [x, y, width, height]: unknown[] = value;
  if (typeof x === 'number' && typeof y === 'number' && typeof width === 'number' && typeof height === 'number')
    return [x, y, width, height];
  throw mismatch(where, '4 numbers', value, document);
}

function flagOf(value: unknown, where: string, document: Document): boolean {
  if (value === undefined || value === null || value === 0 || value === false) return false;
  if (value === 1 || value === true) return true;
  throw mismatch(where, '0 or 1', value, document);
}
