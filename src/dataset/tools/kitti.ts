/**
 * KITTI's object sets: `label_2/*.txt` beside `image_2/`, a line an object, boxes in continuous image px. `DontCare` is
 * a region to ignore. Source: KITTI object development kit, readme.txt, "Data Format Description".
 */
import path from 'node:path';
import type { FolderView } from '../../core/facts/folder-look.js';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { lookAt } from '../rows/folder-look.js';
import { imageIdWithin, isImageName } from '../rows/image-files.js';
import { decodeText, isFolder, listFolder, mapBounded, PartsHash, readBytes } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const NUM_IN_FLIGHT = 8;
const MAX_LABEL_BYTES = 2 ** 26;
/** Fields of a line; a 16th is the score of a detection. */
const NUM_FIELDS = 15;
const IGNORED = 'DontCare';

/** KITTI folders. `split`: a list in `ImageSets/`, above or beside `training/`; default every label file. */
export const kittiFormat: AnnotationFormat = {
  id: 'kitti',
  title: 'KITTI (label_2 beside image_2)',
  task: 'detection',

  async recognise(location) {
    return (await kittiFolder(location)) !== null;
  },

  async read(location, options): Promise<Dataset> {
    const folder = await kittiFolder(location);
    if (folder === null)
      throw new MiningError('dataset', 'KITTI', 'label_2 beside image_2', 'none', { file: location });
    const imageRoot = path.resolve(options.images ?? path.join(folder, 'image_2'));
    const labels = path.join(folder, 'label_2');
    const stems = await stemsOf(location, labels, options.split);
    const images = new Map((await listFolder(imageRoot)).filter(({ name }) => isImageName(name)).map(byStem));
    const warnings = new Warnings();
    const hash = new PartsHash();
    const read = await mapBounded(stems, NUM_IN_FLIGHT, async (stem) => {
      const file = path.join(labels, `${stem}.txt`);
      const text = await readText(file, warnings);
      return text === null
        ? null
        : { stem, text, image: imageOf(images.get(stem) ?? `${stem}.png`, text, file, warnings) };
    });
    const kept = read.filter((item) => item !== null);
    for (const { stem, text } of kept) hash.add(stem, Buffer.from(text));
    const split = options.split ?? null;
    const facts = { kind: kittiFormat.id, path: location, imageRoot, split, sha256: hash.digest() };
    return tabulateNamed(
      kept.map(({ image }) => image),
      facts,
      warnings,
    );
  },

  find: (folder) => Promise.resolve(hasParts(folder) ? [folder.path] : []),
  ownsFolder: true,

  async splits(location) {
    const lists = await listsOf(location);
    return lists.length === 0 ? [] : ['all', ...lists.map((file) => path.basename(file, '.txt'))];
  },

  place: textLine,
};

function hasParts({ folders }: FolderView): boolean {
  return folders.includes('label_2') && folders.includes('image_2');
}

/** The folder with both parts: the path itself or its `training`; null: neither. Never throws. */
async function kittiFolder(location: string): Promise<string | null> {
  if (!(await isFolder(location))) return null;
  const folder = await lookAt(location);
  if (hasParts(folder)) return folder.path;
  const isAbove = folder.folders.includes('training') && hasParts(await folder.inside('training'));
  return isAbove ? path.join(folder.path, 'training') : null;
}

async function listsOf(location: string): Promise<string[]> {
  for (const folder of [location, path.dirname(path.resolve(location))]) {
    const lists = path.join(folder, 'ImageSets');
    const names = (await listFolder(lists)).map(({ name }) => name).filter((name) => name.endsWith('.txt'));
    if (names.length > 0) return names.map((name) => path.join(lists, name));
  }
  return [];
}

async function stemsOf(location: string, labels: string, split: string | undefined): Promise<string[]> {
  const names = (await listFolder(labels)).map(({ name }) => name).filter((name) => /\.txt$/i.test(name));
  if (split === undefined || split === 'all') return names.map((name) => name.slice(0, -4));
  const lists = await listsOf(location);
  const list = lists.find((file) => path.basename(file, '.txt') === split);
  if (list === undefined) {
    const choices = ['all', ...lists.map((file) => path.basename(file, '.txt'))].join(', ');
    throw new MiningError('dataset', 'split', said`one of ${choices}`, show(split), { file: location });
  }
  const lines = decodeText(await readBytes(list, MAX_LABEL_BYTES), list).split(/\s+/);
  return [...new Set(lines)].filter((stem) => stem !== '' && imageIdWithin(labels, stem) !== null);
}

function byStem({ name }: { readonly name: string }): [string, string] {
  return [name.slice(0, -path.extname(name).length), name];
}

/** null: the file cannot be read, which costs its image. */
async function readText(file: string, warnings: Warnings): Promise<string | null> {
  try {
    return decodeText(await readBytes(file, MAX_LABEL_BYTES), file);
  } catch (error) {
    if (!(error instanceof MiningError)) throw error;
    warnings.addError('label files dropped', error);
    return null;
  }
}

function imageOf(name: string, text: string, file: string, warnings: Warnings): AnnotatedImage {
  const objects: NamedObject[] = [];
  text.split(/\r\n|\n|\r/).forEach((line, index) => {
    if (line.trim() === '') return;
    const where = said`line ${index + 1}`;
    const [label = '', ...fields] = line.trim().split(/\s+/);
    const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = fields.slice(3, 7).map(Number);
    if (fields.length < NUM_FIELDS - 1 || Number.isNaN(x1 + y1 + x2 + y2)) {
      warnings.add('label lines dropped', where, said`${NUM_FIELDS} fields`, show(line.trim()), file);
      return;
    }
    objects.push({ label: label === IGNORED ? null : label, box: [x1, y1, x2, y2], index, where });
  });
  return { name, width: 0, height: 0, annotationPath: file, objects };
}
