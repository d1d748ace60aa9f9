/**
 * Open Images' boxes: a CSV with corners as fractions, images called by their id, labels by a code that
 * `class-descriptions*.csv` beside it names. Groups are crowds.
 * Source: storage.googleapis.com/openimages/web, "Data Formats".
 */
import path from 'node:path';
import { MiningError } from '../../core/mining-error.js';
import type { AnnotationFormat, Dataset } from '../dataset.js';
import { tabulateNamed, type AnnotatedImage, type NamedObject } from '../named/named-objects.js';
import { fileAt, filesAt, filesIn, splitOf } from '../rows/annotation-file.js';
import { isOpenImages } from '../rows/box-columns.js';
import { findImageRoot } from '../rows/image-root.js';
import { eachRow, MAX_TABLE_BYTES } from '../rows/table.js';
import { listFolder, readBytes, sha256 } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

const MARKS = { extension: /\.csv$/i, looksLike: isOpenImages };
const NAMES_FILE = /^(oidv\d+-)?class-descriptions.*\.csv$/i;

/** Open Images CSV files and folders that hold one. `split`: of several files, one's name without `.csv`. */
export const openImagesFormat: AnnotationFormat = {
  id: 'open-images',
  title: 'Open Images (CSV of boxes)',
  task: 'detection',

  async recognise(location) {
    return (await filesAt(location, MARKS)).length > 0;
  },

  async read(location, options): Promise<Dataset> {
    const file = await fileAt(location, MARKS, options.split);
    const bytes = await readBytes(file, MAX_TABLE_BYTES);
    const names = await labelNames(path.dirname(file));
    const warnings = new Warnings();
    const annotated = readImages(bytes, file, names);
    if (annotated.length === 0) throw new MiningError('dataset', 'rows', 'at least one box', 'none', { file });
    const split = /train|val|test/i.exec(splitOf(file))?.[0]?.toLowerCase() ?? '';
    const imageRoot = await findImageRoot(
      annotated.map(({ name }) => name),
      file,
      split === 'val' ? 'validation' : split,
      options.images,
    );
    const facts = {
      kind: openImagesFormat.id,
      path: location,
      imageRoot,
      split: options.split ?? null,
      sha256: sha256(bytes),
    };
    return tabulateNamed(annotated, facts, warnings);
  },

  find: (folder) => filesIn(folder, MARKS),

  place: textLine,
};

function readImages(bytes: Uint8Array, file: string, names: ReadonlyMap<string, string>): AnnotatedImage[] {
  const objects = new Map<string, NamedObject[]>();
  let columns: ReadonlyMap<string, number> | null = null;
  eachRow(bytes, file, (fields, line) => {
    if (columns === null) {
      columns = new Map(fields.map((name, index) => [name.trim(), index]));
      return;
    }
    const at = columns;
    const cell = (name: string) => fields[at.get(name) ?? -1]?.trim() ?? '';
    const numberOf = (name: string) => (cell(name) === '' ? NaN : Number(cell(name)));
    const image = cell('ImageID');
    if (image === '') return;
    const own = objects.get(image) ?? [];
    objects.set(image, own);
    own.push({
      label: names.get(cell('LabelName')) ?? cell('LabelName'),
      box: [numberOf('XMin'), numberOf('YMin'), numberOf('XMax'), numberOf('YMax')],
      index: line,
      where: `line ${line + 1}`,
      isCrowd: cell('IsGroupOf') === '1',
    });
  });
  return [...objects].map(([image, own]) => ({
    name: /\.\w{3,4}$/.test(image) ? image : `${image}.jpg`,
    width: 0,
    height: 0,
    annotationPath: file,
    objects: own,
    isFraction: true,
  }));
}

/** Names of label codes; empty where no such file stands beside. @throws MiningError 'dataset' where it is broken. */
async function labelNames(folder: string): Promise<ReadonlyMap<string, string>> {
  const name = (await listFolder(folder)).map((entry) => entry.name).find((each) => NAMES_FILE.test(each));
  const names = new Map<string, string>();
  if (name === undefined) return names;
  const file = path.join(folder, name);
  eachRow(await readBytes(file, MAX_TABLE_BYTES), file, ([code = '', text = '']) =>
    names.set(code.trim(), text.trim()),
  );
  return names;
}
