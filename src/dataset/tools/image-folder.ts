/**
 * Hugging Face's image folder with boxes: `metadata.jsonl` beside the images, a line an image, with `objects` as lists
 * of `bbox` ([x, y, width, height], px) and `categories`. Source: huggingface.co/docs/datasets/image_dataset,
 * "Object detection".
 */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { lookAt } from '../rows/folder-look.js';
import { listOf, numberOf, objectOf, pixelsOf, textOf, type JsonObject } from '../rows/json-text.js';
import { decodeText, isFolder, peek, readBytes, sha256 } from '../rows/text-files.js';
import { jsonAt, type JsonPath, type TextRange } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const FILE = 'metadata.jsonl';
const MAX_BYTES = 2 ** 28;
const SPLITS = [/^train/i, /^val/i, /^test/i];

/** Image folders, and their `metadata.jsonl`. `split`: a folder with one of its own. */
export const imageFolderFormat: AnnotationFormat = {
  id: 'image-folder',
  title: 'Hugging Face image folder (metadata.jsonl with objects)',
  task: 'detection',

  async recognise(location) {
    return (await metadataAt(location)).size > 0;
  },

  async read(location, options): Promise<Dataset> {
    const files = await metadataAt(location);
    const [chosen] = [...files].filter(([split]) => options.split === undefined || split === options.split);
    if (chosen === undefined) {
      const choices = [...files.keys()].filter((split) => split !== '').join(', ') || FILE;
      throw new MiningError('dataset', 'split', said`one of ${choices}`, show(options.split ?? 'none'), {
        file: location,
      });
    }
    const [split, file] = chosen;
    const bytes = await readBytes(file, MAX_BYTES);
    const warnings = new Warnings();
    const annotated = readLines(decodeText(bytes, file), file, warnings);
    if (annotated.length === 0)
      throw new MiningError('dataset', 'lines', 'at least one line with a file_name', 'none', { file });
    const imageRoot = path.resolve(options.images ?? path.dirname(file));
    const sha = sha256(bytes);
    const facts = { kind: imageFolderFormat.id, path: location, imageRoot, split: split || null, sha256: sha };
    return tabulateNamed(annotated, facts, warnings);
  },

  async find(folder) {
    return (await hasMetadata(folder)) ? [path.join(folder.path, FILE)] : [];
  },

  async splits(location) {
    return [...(await metadataAt(location)).keys()].filter((split) => split !== '');
  },

  place(text, index) {
    for (const { line, start, objects } of linesOf(text)) {
      const own = objects.find((object) => object.index === index);
      if (own === undefined) continue;
      const range = jsonAt(line, own.path);
      return range && shifted(range, start);
    }
    return null;
  },
};

function shifted({ start, end }: TextRange, by: number): TextRange {
  return { start: start + by, end: end + by };
}

/** Metadata files by split: the path itself, in the folder ('') or in folders of splits. Never throws. */
async function metadataAt(location: string): Promise<Map<string, string>> {
  if (!(await isFolder(location))) {
    const isOne = path.basename(location) === FILE && isMetadata(await peek(location));
    return new Map(isOne ? [['', path.resolve(location)]] : []);
  }
  const folder = await lookAt(location);
  if (await hasMetadata(folder)) return new Map([['', path.join(folder.path, FILE)]]);
  const found = new Map<string, string>();
  for (const name of SPLITS.flatMap((usual) => folder.folders.filter((each) => usual.test(each))))
    if (await hasMetadata(await folder.inside(name))) found.set(name, path.join(folder.path, name, FILE));
  return found;
}

async function hasMetadata(folder: FolderView): Promise<boolean> {
  return folder.files.includes(FILE) && isMetadata(await folder.head(FILE));
}

function isMetadata(head: string): boolean {
  return /"file_name"\s*:/.test(head) && /"(bbox|objects)"\s*:/.test(head);
}

interface Line {
  readonly line: string;
  /** Where it begins in the text. */
  readonly start: number;
  readonly number: number;
  /** null: no JSON object. */
  readonly value: JsonObject | null;
  readonly objects: readonly LineObject[];
}

interface LineObject {
  /** Counted through the file. */
  readonly index: number;
  /** Of its box within the line. */
  readonly path: JsonPath;
  readonly bbox: readonly unknown[];
  readonly category: unknown;
}

function* linesOf(text: string): Generator<Line> {
  let numObjects = 0;
  let number = 0;
  for (let start = 0; start < text.length; number++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    const value = line.trim() === '' ? null : valueOf(line);
    const objects = value === null ? [] : boxesOf(value).map((each) => ({ ...each, index: numObjects++ }));
    if (line.trim() !== '') yield { line, start, number, value, objects };
    start = end + 1;
  }
}

function valueOf(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? objectOf(value) : null;
  } catch {
    return null;
  }
}

/** As columns (`{bbox: […], categories: […]}`) or as rows (`[{bbox, category}]`). */
function boxesOf(value: JsonObject): Omit<LineObject, 'index'>[] {
  if (Array.isArray(value['objects']))
    return value['objects'].map(objectOf).map((object, i) => ({
      path: ['objects', i],
      bbox: listOf(object['bbox']),
      category: object['category'] ?? object['label'] ?? object['category_id'],
    }));
  const objects = objectOf(value['objects']);
  const labels = ['categories', 'category', 'labels', 'label', 'category_id'].find((key) =>
    Array.isArray(objects[key]),
  );
  return listOf(objects['bbox']).map((bbox, i) => ({
    path: ['objects', 'bbox', i],
    bbox: listOf(bbox),
    category: labels === undefined ? undefined : listOf(objects[labels])[i],
  }));
}

function readLines(text: string, file: string, warnings: Warnings): AnnotatedImage[] {
  const annotated: AnnotatedImage[] = [];
  for (const { line, number, value, objects } of linesOf(text)) {
    const name = value === null ? '' : textOf(value['file_name']);
    if (value === null || name === '') {
      warnings.add('lines dropped', said`line ${number + 1}`, 'an object with a file_name', show(line.trim()), file);
      continue;
    }
    annotated.push({
      name,
      width: pixelsOf(value['width']),
      height: pixelsOf(value['height']),
      annotationPath: file,
      objects: objects.map((object) => namedObject(object, `line ${number + 1}`)),
    });
  }
  return annotated;
}

function namedObject({ index, bbox, category }: LineObject, where: string): NamedObject {
  const [x = NaN, y = NaN, width = NaN, height = NaN] = bbox.map(numberOf);
  return { label: textOf(category), box: [x, y, x + width, y + height], index, where };
}
