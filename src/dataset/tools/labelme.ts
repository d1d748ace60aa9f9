/**
 * LabelMe: a JSON file an image, beside it. Rectangles are two corners in any order; polygons, circles and masks become
 * the boxes around them; points and lines have no area and are left out.
 * Source: github.com/wkentaro/labelme, labelme/label_file.py and labelme/shape.py.
 */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { lookAt } from '../rows/folder-look.js';
import { splitOf } from '../rows/annotation-file.js';
import { isImageName } from '../rows/image-files.js';
import { findImageRoot } from '../rows/image-root.js';
import {
  listOf,
  MAX_JSON_BYTES,
  numberOf,
  objectOf,
  parseJson,
  pixelsOf,
  textOf,
  type JsonObject,
} from '../rows/json-text.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { boundsOf, OUTLINES, type Box } from '../rows/outlines.js';
import { isFolder, listFolder, mapBounded, PartsHash, readBytes, sha256 } from '../rows/text-files.js';
import { jsonAt } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const NUM_IN_FLIGHT = 4;
const MAX_HEADS = 8;
const HAVE_AREA = new Set(['rectangle', 'polygon', 'circle', 'mask', 'rotation']);

/** LabelMe folders: the JSON files in the folder itself. */
export const labelmeFormat: AnnotationFormat = {
  id: 'labelme',
  title: 'LabelMe (a JSON beside each image)',
  task: 'detection',

  async recognise(location) {
    return (await isFolder(location)) && hasLabelme(await lookAt(location));
  },

  async read(location, options): Promise<Dataset> {
    const folder = path.resolve(location);
    const names = (await listFolder(folder)).map(({ name }) => name).filter(isJsonName);
    const warnings = new Warnings();
    const hash = new PartsHash();
    const read = await mapBounded(names, NUM_IN_FLIGHT, (name) => readImage(path.join(folder, name), warnings));
    const annotated = read.filter((found) => found !== null);
    const [first] = annotated;
    if (first === undefined)
      throw new MiningError('dataset', 'LabelMe', 'a JSON file with shapes', 'none', { file: folder });
    for (const { image, digest } of annotated) hash.add(path.basename(image.annotationPath), Buffer.from(digest));
    const images = annotated.map(({ image }) => image);
    const imageNames = images.map(({ name }) => name);
    const imageRoot = await findImageRoot(imageNames, first.image.annotationPath, '', options.images);
    const facts = { kind: labelmeFormat.id, path: location, imageRoot, split: null, sha256: hash.digest() };
    return tabulateNamed(images, facts, warnings);
  },

  async find(folder) {
    return (await hasLabelme(folder)) ? [folder.path] : [];
  },

  place: (text, index) => jsonAt(text, ['shapes', index]),
};

function isJsonName(name: string): boolean {
  return /\.json$/i.test(name) && !name.startsWith('.');
}

async function hasLabelme(folder: FolderView): Promise<boolean> {
  for (const name of folder.files.filter(isJsonName).slice(0, MAX_HEADS))
    if (/"shapes"\s*:\s*\[/.test(await folder.head(name))) return true;
  return false;
}

/** null: the file is broken or something else, which costs it alone. */
async function readImage(
  file: string,
  warnings: Warnings,
): Promise<{ readonly image: AnnotatedImage; readonly digest: string } | null> {
  try {
    const bytes = await readBytes(file, MAX_JSON_BYTES);
    const root = objectOf(parseJson(bytes, file));
    if (!Array.isArray(root['shapes'])) throw new MiningError('dataset', 'shapes', 'a list', 'none', { file });
    return { image: imageOf(root, file, warnings), digest: sha256(bytes) };
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    warnings.addError('annotation files dropped', error);
    return null;
  }
}

/** The image's path starts from its JSON; a leading `../` is found again by the folder of the images. */
function imageOf(root: JsonObject, file: string, warnings: Warnings): AnnotatedImage {
  const written = textOf(root['imagePath']).replaceAll('\\', '/');
  const name = isImageName(written) ? written.replace(/^(\.\.\/)+/, '') : `${splitOf(file)}.jpg`;
  const objects = listOf(root['shapes']).flatMap((shape, index) => objectsOf(objectOf(shape), index, file, warnings));
  const [width, height] = [pixelsOf(root['imageWidth']), pixelsOf(root['imageHeight'])];
  return { name, width, height, annotationPath: file, objects };
}

function objectsOf(shape: JsonObject, index: number, file: string, warnings: Warnings): NamedObject[] {
  const points = listOf(shape['points']).flatMap((point) => [numberOf(listOf(point)[0]), numberOf(listOf(point)[1])]);
  const where = `shapes[${index}]`;
  const type = textOf(shape['shape_type']) || 'polygon';
  if (!HAVE_AREA.has(type)) {
    warnings.add(
      'shapes without area',
      where,
      'a rectangle, polygon, circle or mask',
      said`${show(type, 40)}, left out`,
      file,
    );
    return [];
  }
  const isBox = type === 'rectangle' && points.length === 4;
  if (!isBox) warnings.tally(OUTLINES);
  const box = type === 'circle' ? aroundCircle(points) : boundsOf(points);
  return [{ label: textOf(shape['label']), box, index, where }];
}

/** @param points centre, and a point on the circle. */
function aroundCircle([x = NaN, y = NaN, onX = NaN, onY = NaN]: readonly number[]): Box {
  const radius = Math.hypot(onX - x, onY - y);
  return [x - radius, y - radius, x + radius, y + radius];
}
