/**
 * Pascal VOC: Annotations/*.xml, JPEGImages, ImageSets/Main/*.txt; or XML files beside their images.
 *
 * In the VOC devkit corners are 1-based pixel indices, both inclusive (Source: VOC2012 devkit documentation, "bounding
 * box": the top-left pixel is (1,1)): as continuous boxes x1 = xmin - 1, y1 = ymin - 1, x2 = xmax, y2 = ymax. Most
 * tools write continuous corners, which count from 0, into the same tags: x1 = xmin, x2 = xmax. A corner at 0 tells
 * them; nothing else does, so a set without one is read as the devkit's unless the person says otherwise.
 * A box whose corners coincide (xmax <= xmin as written) is a stray click and dropped, not read as one pixel wide.
 *
 * Classes are the names that occur, in code-unit order. VOC's own twenty are in that order in the devkit as well.
 */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, BoxOrigin, Dataset, DatasetOptions } from '../dataset.js';
import { hasImages, isImageName } from '../rows/image-files.js';
import { tabulateNamed, type NamedObject, type SetFacts } from '../named/named-objects.js';
import { PartsHash, isFolder, listFolder, mapBounded, peek, readBytes } from '../rows/text-files.js';
import { findVocLayout, readVocList, vocSplits, type VocList } from './voc-layout.js';
import { parseVocXml, type VocAnnotation, type VocObject } from './voc-xml.js';
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
    const facts = {
      kind: vocFormat.id,
      path: location,
      imageRoot: await imageRootOf(layout.imageFolders, read, options),
      split: list.split,
      sha256: hash.digest(),
    };
    return tabulate(read, facts, options.boxOrigin, warnings);
  },

  async find({ path: folder, folders }) {
    const isVoc = folders.includes('Annotations') && (folders.includes('JPEGImages') || folders.includes('ImageSets'));
    return isVoc ? [folder] : [];
  },
  ownsFolder: true,
  splits: vocSplits,

  async untoldOrigin(location, split) {
    const layout = await findVocLayout(location);
    if (layout === null) return null;
    const list = await readVocList(layout, split, new Warnings());
    const read = await readAnnotations(layout.annotations, list, new PartsHash(), new Warnings());
    return originOf(read, undefined).boxOrigin === 0 ? null : 1;
  },

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
  throw new MiningError(
    'dataset',
    'images',
    'image files beside the annotations',
    said`none in ${folders.join(', ')}`,
    {
      todo: 'Name the folder of the images',
    },
  );
}

async function tabulate(
  read: readonly NamedAnnotation[],
  facts: SetFacts,
  named: BoxOrigin | undefined,
  warnings: Warnings,
): Promise<Dataset> {
  const nameOfStem = await imageNames(facts.imageRoot, read);
  const { boxOrigin, because } = originOf(read, named);
  const annotated = read.map(({ stem, file, annotation: { filename, width, height, objects } }) => ({
    name: nameOfStem.get(stem) ?? (filename || `${stem}.jpg`),
    width,
    height,
    annotationPath: file,
    objects: objects.map((object, index) => namedObject(object, index, boxOrigin)),
  }));
  const set = await tabulateNamed(annotated, facts, warnings);
  return { ...set, boxOrigin, notes: [`corners count from ${boxOrigin}: ${because}`, ...set.notes] };
}

/** A corner at 0 tells that corners are continuous; nothing tells the devkit's. */
function originOf(
  read: readonly NamedAnnotation[],
  named: BoxOrigin | undefined,
): { readonly boxOrigin: BoxOrigin; readonly because: string } {
  if (named !== undefined) return { boxOrigin: named, because: 'as told' };
  const atZero = read.find(({ annotation }) =>
    annotation.objects.some(({ corners: [xmin, ymin] }) => xmin === 0 || ymin === 0),
  );
  return atZero === undefined
    ? { boxOrigin: 1, because: 'as in the VOC devkit, no corner is at 0' }
    : { boxOrigin: 0, because: `a corner of ${show(atZero.stem, 40)} is at 0` };
}

function namedObject({ name, isDifficult, corners }: VocObject, index: number, origin: BoxOrigin): NamedObject {
  const [xmin, ymin, xmax, ymax] = corners;
  const hasArea = xmax > xmin && ymax > ymin;
  return {
    label: name,
    box: hasArea ? [xmin - origin, ymin - origin, xmax, ymax] : [0, 0, 0, 0],
    index,
    isDifficult,
    where: `object[${index}]`,
    written: `[${corners.join(', ')}]`,
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
