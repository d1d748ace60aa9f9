/** Classification data: one folder a class, optionally below a folder a split (train/cat/1.jpg). */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { NONE } from '../../core/tables.js';
import { tabulateExamples } from './classification.js';
import type { Dataset, AnnotationFormat } from '../dataset.js';
import { hasImages, imageIdWithin, isImageName, walkImages } from '../rows/image-files.js';
import { isFolder, listFolder, sha256 } from '../rows/text-files.js';
import { Warnings } from '../rows/warnings.js';

const SPLITS = ['train', 'val', 'valid', 'test'];
/** Folders with images that are parts of another layout, or splits, and no classes. */
const PART = /^((jpeg)?images?|imgs|labels?|masks?|annotations)$/i;
const SPLIT = /^(train(val|ing)?|val(id(ation)?)?|test(ing)?|[a-z]*(train|val|test)\d+)$/i;
const MAX_PROBED = 64;

/** class folders. `split`: a folder above the class folders; default train, val, valid, test, else none. */
export const foldersFormat: AnnotationFormat = {
  id: 'folders',
  title: 'class folders (one folder of images a class)',
  task: 'classification',

  async recognise(location) {
    return (await splitFolder(path.resolve(location))) !== null;
  },

  async read(location, options): Promise<Dataset> {
    const found = await splitFolder(path.resolve(location), options.split);
    if (found === null) {
      const expected =
        options.split === undefined
          ? 'at least two folders of images'
          : said`a folder ${show(options.split)} of class folders`;
      throw new MiningError('dataset', 'class folders', expected, 'none', { file: location });
    }
    const warnings = new Warnings();
    const files = await walkImages(found.folder);
    const names = files.filter((name) => name.includes('/'));
    const loose = files.length - names.length;
    if (loose > 0)
      warnings.add(
        'images without a class',
        'images',
        'every image in a class folder',
        said`${loose} beside the folders, left out`,
        found.folder,
      );
    return tabulateExamples(
      {
        names,
        labels: names.map((name) => name.slice(0, name.indexOf('/'))),
        annotationPath: '',
        lines: names.map(() => NONE),
      },
      found.folder,
      { kind: foldersFormat.id, path: location, split: found.split, sha256: sha256(Buffer.from(names.join('\n'))) },
      warnings,
    );
  },

  async splits(location) {
    const found: string[] = [];
    for (const name of SPLITS) if (await hasClassFolders(path.join(location, name))) found.push(name);
    return found;
  },

  async find(folder) {
    let numClasses = 0;
    for (const name of folder.folders.filter(mayBeClass))
      if ((await folder.inside(name)).files.some(isImageName) && ++numClasses === 2) return [folder.path];
    return [];
  },

  /** The folder labels: there is no text. */
  place: () => null,
};

function mayBeClass(name: string): boolean {
  return !PART.test(name) && !SPLIT.test(name);
}

async function splitFolder(location: string, split?: string): Promise<{ folder: string; split: string | null } | null> {
  const named = split === undefined ? SPLITS : [split];
  for (const name of named) {
    const folder = path.join(location, name);
    if (imageIdWithin(location, name) !== null && (await hasClassFolders(folder))) return { folder, split: name };
  }
  return split === undefined && (await hasClassFolders(location)) ? { folder: location, split: null } : null;
}

async function hasClassFolders(folder: string): Promise<boolean> {
  if (!(await isFolder(folder))) return false;
  let numClasses = 0;
  for (const entry of (await listFolder(folder)).slice(0, MAX_PROBED)) {
    if (entry.isFile() || entry.name.startsWith('.') || !mayBeClass(entry.name)) continue;
    if ((await hasImages(path.join(folder, entry.name))) && ++numClasses === 2) return true;
  }
  return false;
}
