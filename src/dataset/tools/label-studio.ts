/**
 * Label Studio's JSON export, full or "JSON-MIN": a list of tasks, an image each. Boxes are percents of the image and
 * may be turned about their top-left corner; polygons and ellipses become the boxes around them as well.
 * Source: labelstud.io/guide/export, "Label Studio JSON format", "Units of image annotations".
 */
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { fileAt, filesAt, filesIn } from '../rows/annotation-file.js';
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
import { boundsOf, boundsOfTurned, OUTLINES, type Box } from '../rows/outlines.js';
import { readBytes, sha256 } from '../rows/text-files.js';
import { jsonAt, type JsonPath } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const MARKS = {
  extension: /\.json$/i,
  looksLike: (head: string) => /^\s*\[\s*\{/.test(head) && /"(annotations|completions|original_width)"\s*:/.test(head),
};
/** What an upload puts in front of a file's name. */
const UPLOAD_MARK = /^[0-9a-f]{8}-/;

/** Label Studio files and folders that hold one. */
export const labelStudioFormat: AnnotationFormat = {
  id: 'label-studio',
  title: 'Label Studio (JSON export)',
  task: 'detection',

  async recognise(location) {
    return (await filesAt(location, MARKS)).length > 0;
  },

  async read(location, options): Promise<Dataset> {
    const file = await fileAt(location, MARKS, options.split);
    const bytes = await readBytes(file, MAX_JSON_BYTES);
    const warnings = new Warnings();
    const tasks = listOf(parseJson(bytes, file));
    const results = resultsOf(tasks);
    const written = tasks.map((task, index) =>
      imageOf(objectOf(task), index, results.get(index) ?? [], file, warnings),
    );
    if (written.length === 0) throw new MiningError('dataset', 'tasks', 'at least one task', 'none', { file });
    const { imageRoot, annotated } = await findImages(written, file, options.images);
    const facts = { kind: labelStudioFormat.id, path: location, imageRoot, split: null, sha256: sha256(bytes) };
    return tabulateNamed(annotated, facts, warnings);
  },

  find: (folder) => filesIn(folder, MARKS),

  place(text, index) {
    const found = [...resultsOf(listOf(parseOrNull(text))).values()].flat().find((result) => result.index === index);
    return found === undefined ? null : jsonAt(text, found.path);
  },
};

interface Result {
  readonly index: number;
  readonly path: JsonPath;
  readonly value: JsonObject;
}

/** The results of the annotation that counts, by task; all are counted through the file. */
function resultsOf(tasks: readonly unknown[]): Map<number, Result[]> {
  const found = new Map<number, Result[]>();
  let numResults = 0;
  tasks.forEach((item, task) => {
    const { at, list } = listWithResults(objectOf(item));
    const results = list.map((value, i) => ({
      index: numResults++,
      path: [task, ...at, i],
      value: objectOf(value),
    }));
    found.set(task, results);
  });
  return found;
}

/** Of several annotations the first that was not cancelled. */
function listWithResults(task: JsonObject): { at: JsonPath; list: readonly unknown[] } {
  for (const key of ['annotations', 'completions']) {
    const annotations = listOf(task[key]).map(objectOf);
    const chosen = annotations.findIndex((annotation) => annotation['was_cancelled'] !== true);
    if (chosen >= 0) return { at: [key, chosen, 'result'], list: listOf(annotations[chosen]?.['result']) };
  }
  const key = Object.keys(task).find((name) => objectOf(listOf(task[name])[0])['original_width'] !== undefined);
  return key === undefined ? { at: [], list: [] } : { at: [key], list: listOf(task[key]) };
}

function imageOf(
  task: JsonObject,
  index: number,
  results: readonly Result[],
  file: string,
  warnings: Warnings,
): AnnotatedImage {
  const data = task['data'] === undefined ? task : objectOf(task['data']);
  const urls = [data['image'], data['img'], ...Object.values(data)].map(textOf);
  const name = urls.map(nameInUrl).find(isImageName) ?? '';
  if (name === '') warnings.add('tasks without an image', `[${index}].data`, 'an image', 'none', file);
  if (listOf(task['annotations']).length > 1) warnings.tally('tasks have several annotations: the first counts');
  const sizes = results.map(({ value }) => value).find((value) => value['original_width'] !== undefined) ?? {};
  return {
    name,
    width: pixelsOf(sizes['original_width']),
    height: pixelsOf(sizes['original_height']),
    annotationPath: file,
    objects: results.flatMap((result) => objectsOf(result, file, warnings)),
    isFraction: true,
  };
}

/** The file's name in `/data/upload/1/a.jpg`, `/data/local-files/?d=b/a.jpg`, `s3://…/a.jpg`. */
function nameInUrl(url: string): string {
  const bare = url.replace(/^[^?]*\?d=/, '').split(/[?#]/)[0] ?? '';
  const last = bare.split(/[\\/]/).at(-1) ?? '';
  if (bare === url && !url.includes('/')) return last;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function objectsOf(result: Result, file: string, warnings: Warnings): NamedObject[] {
  const { index, path: at, value: outer } = result;
  const value = outer['value'] === undefined ? outer : objectOf(outer['value']);
  const labels = Object.entries(value).find(([key, names]) => key.endsWith('labels') && Array.isArray(names));
  if (labels === undefined) return [];
  const where = at.join('.');
  const [width, height] = [pixelsOf(outer['original_width']) || 1, pixelsOf(outer['original_height']) || 1];
  const shape = shapeOf(value, width, height);
  if (shape === null) {
    warnings.add(
      'shapes without a box',
      where,
      'a rectangle, polygon or ellipse',
      said`${show(labels[0])}, left out`,
      file,
    );
    return [];
  }
  if (!shape.isBox) warnings.tally(OUTLINES);
  return [{ label: textOf(listOf(labels[1])[0]), box: shape.box, index, where }];
}

/** As fractions of the image. @param width of the image, px: only turned shapes need it. */
function shapeOf(value: JsonObject, width: number, height: number): { box: Box; isBox: boolean } | null {
  const fraction = (key: string) => numberOf(value[key]) / 100;
  const rotation = numberOf(value['rotation']) || 0;
  if (Array.isArray(value['points'])) {
    const points = value['points'].flatMap((point) => [
      numberOf(listOf(point)[0]) / 100,
      numberOf(listOf(point)[1]) / 100,
    ]);
    return { box: boundsOf(points), isBox: false };
  }
  const [x, y] = [fraction('x'), fraction('y')];
  if (value['radiusX'] !== undefined) {
    const [rx, ry] = [fraction('radiusX'), fraction('radiusY')];
    return { box: turned([x - rx, y - ry, x + rx, y + ry], rotation, [x, y], width, height), isBox: false };
  }
  if (value['width'] === undefined) return null;
  const box = [x, y, x + fraction('width'), y + fraction('height')] as const;
  return { box: turned(box, rotation, [x, y], width, height), isBox: rotation === 0 };
}

function turned(box: Box, degrees: number, [px, py]: readonly [number, number], width: number, height: number): Box {
  if (degrees === 0) return box;
  const inPx = [box[0] * width, box[1] * height, box[2] * width, box[3] * height] as const;
  const [x1, y1, x2, y2] = boundsOfTurned(inPx, degrees, [px * width, py * height]);
  return [x1 / width, y1 / height, x2 / width, y2 / height];
}

/** Images by the names that were uploaded, or without the mark that the upload put in front of them. */
async function findImages(
  annotated: readonly AnnotatedImage[],
  file: string,
  images: string | undefined,
): Promise<{ imageRoot: string; annotated: readonly AnnotatedImage[] }> {
  const named = annotated.filter(({ name }) => name !== '');
  const bare = named.map((image) => ({ ...image, name: image.name.replace(UPLOAD_MARK, '') }));
  try {
    return { imageRoot: await findImageRoot(namesOf(named), file, '', images), annotated: named };
  } catch (error) {
    if (!named.some(({ name }) => UPLOAD_MARK.test(name))) throw error;
    return { imageRoot: await findImageRoot(namesOf(bare), file, '', images), annotated: bare };
  }
}

function namesOf(annotated: readonly AnnotatedImage[]): string[] {
  return annotated.map(({ name }) => name);
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
