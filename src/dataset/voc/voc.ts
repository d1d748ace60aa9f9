/**
 * Pascal VOC: Annotations/*.xml, JPEGImages, ImageSets/Main/*.txt; or XML files beside their images.
 *
 * Corners are 1-based pixel indices, both inclusive, as in the VOC devkit (Source: VOC2012 devkit documentation,
 * "bounding box": the top-left pixel is (1,1)). As continuous boxes: x1 = xmin - 1, y1 = ymin - 1, x2 = xmax, y2 =
 * ymax.
 * Many tools write 0-based corners into the same tags and nothing in the file tells; they are read by the same rule,
 * which puts their top-left corner one pixel too far out (clipped at the border).
 * A box whose corners coincide (xmax <= xmin as written) is a stray click and dropped, not read as one pixel wide.
 *
 * Classes are the names that occur, in code-unit order. VOC's own twenty are in that order in the devkit as well.
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { NONE } from '../../core/tables.js';
import type { Dataset, DatasetOptions, AnnotationFormat } from '../dataset.js';
import { GtRows, warnOfBox } from '../rows/gt-rows.js';
import { hasImages, isImageName, warnOfMissing } from '../rows/image-files.js';
import { ImageRows } from '../rows/image-rows.js';
import { PartsHash, isFolder, listFolder, mapBounded, peek, readBytes } from '../rows/text-files.js';
import { findVocLayout, readVocList, vocSplits, type VocList } from './voc-layout.js';
import { parseVocXml, type VocAnnotation } from './voc-xml.js';
import { xmlElement } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

/** An annotation is some kilobytes; a larger file is something else. */
const MAX_XML_BYTES = 64 * 2 ** 20;
const NUM_IN_FLIGHT = 16;

interface NamedAnnotation {
  /** Path below the annotations folder without `.xml`. */
  readonly stem: string;
  readonly file: string;
  readonly annotation: VocAnnotation;
}

/**
 * Reader of Pascal VOC folders. `split`: a list in ImageSets/Main; `all`: every XML; default trainval, train, else all.
 */
export const vocFormat: AnnotationFormat = {
  id: 'voc',
  title: 'Pascal VOC (Annotations/*.xml, or XML beside images)',
  task: 'detection',

  async recognise(location) {
    const layout = await findVocLayout(location);
    if (layout === null) return false;
    for (const stem of layout.stems.slice(0, 8)) {
      if (/<annotation[\s>/]/.test(await peek(path.join(layout.annotations, `${stem}.xml`), 4096))) return true;
    }
    return false;
  },

  async read(location, options): Promise<Dataset> {
    const layout = await findVocLayout(location);
    if (layout === null)
      throw new MiningError('dataset', 'Annotations', 'a folder with XML files', 'none', { file: location });
    const warnings = new Warnings();
    const list = await readVocList(layout, options.split, warnings);
    const hash = new PartsHash();
    const read = await readAnnotations(layout.annotations, list, hash, warnings);
    return tabulate(
      location,
      options,
      list,
      read,
      hash.digest(),
      warnings,
      await imageRootOf(layout.imageFolders, read, options),
    );
  },

  async find({ path: folder, folders }) {
    const isVoc = folders.includes('Annotations') && (folders.includes('JPEGImages') || folders.includes('ImageSets'));
    return isVoc ? [folder] : [];
  },
  ownsFolder: true,
  splits: vocSplits,

  place: (text, index) => xmlElement(text, 'object', index),
};

async function readAnnotations(
  folder: string,
  list: VocList,
  hash: PartsHash,
  warnings: Warnings,
): Promise<NamedAnnotation[]> {
  const read = await mapBounded(list.stems, NUM_IN_FLIGHT, async (stem) => {
    const file = path.join(folder, `${stem}.xml`);
    try {
      const bytes = await readBytes(file, MAX_XML_BYTES);
      return { stem, file, bytes, annotation: parseVocXml(bytes, file) };
    } catch (error) {
      if (error instanceof MiningError) return error;
      throw error;
    }
  });
  const kept: NamedAnnotation[] = [];
  for (const item of read) {
    if (item instanceof MiningError) warnings.addError('annotation files dropped', item);
    else kept.push(item);
    if (!(item instanceof MiningError)) hash.add(item.stem, item.bytes);
  }
  const firstError = read.find((item) => item instanceof MiningError);
  if (kept.length === 0 && firstError !== undefined) throw firstError;
  return kept;
}

/** The first of the usual folders that has an image; the named one where the person named it. */
async function imageRootOf(
  folders: readonly string[],
  read: readonly NamedAnnotation[],
  options: DatasetOptions,
): Promise<string> {
  if (options.images !== undefined) {
    const named = path.resolve(options.images);
    if (await isFolder(named)) return named;
    throw new MiningError('dataset', 'images', 'a folder', 'none', { file: named });
  }
  const subfolders = new Set(read.map(({ stem }) => path.posix.dirname(stem)));
  for (const folder of folders) {
    for (const subfolder of subfolders) if (await hasImages(path.join(folder, subfolder))) return folder;
  }
  throw new MiningError('dataset', 'images', 'image files beside the annotations', `none in ${folders.join(', ')}`, {
    todo: 'Name the folder of the images',
  });
}

async function tabulate(
  location: string,
  options: DatasetOptions,
  list: VocList,
  read: readonly NamedAnnotation[],
  sha256: string,
  warnings: Warnings,
  root: string,
): Promise<Dataset> {
  const classes = [...new Set(read.flatMap(({ annotation }) => annotation.objects.map(({ name }) => name)))]
    .filter((name) => name !== '')
    .sort();
  if (classes.length === 0)
    throw new MiningError('dataset', 'objects', 'at least one <object> with a name', 'none', {
      file: path.resolve(location),
    });
  const images = new ImageRows(root, warnings);
  const gts = new GtRows(images);
  const nameOfStem = await imageNames(root, read);
  const classIndex = new Map(classes.map((name, index) => [name, index]));
  for (const item of read) {
    const { width, height, filename } = item.annotation;
    const name = nameOfStem.get(item.stem) ?? (filename || `${item.stem}.jpg`);
    const row = images.add(name, width, height, item.file, 'filename', item.file);
    if (row !== NONE) addObjects(gts, row, item, classIndex, warnings);
  }
  await warnOfMissing(root, images.ids, warnings);
  const { gts: table, gtStart } = gts.finish();
  return {
    kind: vocFormat.id,
    task: 'detection',
    path: path.resolve(location),
    imageRoot: root,
    split: list.split,
    classes,
    images: images.finish(gtStart),
    gts: table,
    sha256,
    warnings: warnings.lines(),
    notes: warnings.notes(),
  };
}

/** Image file by stem. The devkit pairs by stem; `<filename>` is often stale, so it only counts where no stem fits. */
async function imageNames(root: string, read: readonly NamedAnnotation[]): Promise<Map<string, string>> {
  const folders = new Set(read.map(({ stem }) => path.posix.dirname(stem)));
  const names = new Map<string, string>();
  for (const folder of folders) {
    for (const entry of await listFolder(path.join(root, folder))) {
      if (!isImageName(entry.name)) continue;
      const id = folder === '.' ? entry.name : `${folder}/${entry.name}`;
      const stem = id.slice(0, -path.extname(id).length);
      if (!names.has(stem)) names.set(stem, id);
    }
  }
  return names;
}

function addObjects(
  gts: GtRows,
  row: number,
  { annotation, file }: NamedAnnotation,
  classIndex: ReadonlyMap<string, number>,
  warnings: Warnings,
): void {
  annotation.objects.forEach(({ name, isDifficult, corners }, index) => {
    const where = `object[${index}]`;
    const gtClass = classIndex.get(name);
    if (gtClass === undefined) {
      warnings.add('objects without a name', `${where}.name`, 'a class name', `${show(name)}, dropped`, file);
      return;
    }
    const [xmin, ymin, xmax, ymax] = corners;
    const area = xmax > xmin && ymax > ymin;
    const verdict = area
      ? gts.add(row, [xmin - 1, ymin - 1, xmax, ymax], gtClass, index, false, isDifficult)
      : 'degenerate';
    if (verdict !== 'kept') warnOfBox(verdict, `${where}.bndbox`, `[${corners.join(', ')}]`, file, warnings);
  });
}
