/** Classification data: a CSV or TSV table of image and label, RFC 4180, with a header or without. */
import path from 'node:path';
import { MiningError, show } from '../../core/mining-error.js';
import { said } from '../../core/said.js';
import { tabulateExamples } from './classification.js';
import type { Dataset, AnnotationFormat } from '../dataset.js';
import { isImageName, warnOfMissing } from '../rows/image-files.js';
import { isOpenImages, isTableOfBoxes } from '../rows/box-columns.js';
import { eachRow, indexOfFirst, isTableName, MAX_TABLE_BYTES, peekRows, plainName } from '../rows/table.js';
import { isFolder, peek, readBytes, sha256 } from '../rows/text-files.js';
import { textLine } from '../rows/text-places.js';
import { Warnings } from '../rows/warnings.js';

/** Column names, without case, spaces and underscores. */
const IMAGE_COLUMNS = [
  'image',
  'path',
  'file',
  'filename',
  'filepath',
  'imagepath',
  'imagename',
  'imagefile',
  'img',
  'imageid',
  'id',
];
const LABEL_COLUMNS = ['label', 'class', 'classname', 'category', 'target', 'labelname', 'y'];

interface Row {
  readonly fields: readonly string[];
  /** 0-based text line on which the row begins. */
  readonly line: number;
}

/** tables of image and label. Paths are relative to the table's folder, or to `images`. */
export const csvFormat: AnnotationFormat = {
  id: 'csv',
  title: 'CSV of image and label',
  task: 'classification',

  async recognise(location) {
    if (!isTableName(location)) return false;
    const head = await peek(location, 8192);
    return peekRows(head, 5).some((cells) => cells.some(isImageName)) && !isTableOfBoxes(head) && !isOpenImages(head);
  },

  async read(location, options): Promise<Dataset> {
    const file = path.resolve(location);
    const root = options.images === undefined ? path.dirname(file) : path.resolve(options.images);
    if (!(await isFolder(root))) throw new MiningError('dataset', 'images', 'a folder', 'none', { file: root });
    const bytes = await readBytes(file, MAX_TABLE_BYTES);
    const warnings = new Warnings();
    const { names, labels, lines } = readExamples(rowsOf(bytes, file), file, warnings);
    const facts = { kind: csvFormat.id, path: file, split: null, sha256: sha256(bytes) };
    const missing = new Warnings();
    const set = tabulateExamples({ names, labels, lines, annotationPath: file }, root, facts, warnings);
    await warnOfMissing(root, set.images.id, missing);
    return { ...set, warnings: [...set.warnings, ...missing.lines()] };
  },

  async find(folder) {
    const found: string[] = [];
    for (const name of folder.files.filter(isTableName))
      if (isTableOfLabels(await folder.head(name))) found.push(path.join(folder.path, name));
    return found;
  },

  place: textLine,
};

/** For a menu, where many tables are of something else: a column that is called so, or no header and nothing else. */
function isTableOfLabels(head: string): boolean {
  if (isTableOfBoxes(head) || isOpenImages(head)) return false;
  const [first = [], second = []] = peekRows(head, 2);
  const hasLabel = indexOfFirst(first.map(plainName), LABEL_COLUMNS) !== -1 && second.some(isImageName);
  return hasLabel || (first.length === 2 && first.some(isImageName));
}

function rowsOf(bytes: Uint8Array, file: string): Row[] {
  const rows: Row[] = [];
  eachRow(bytes, file, (fields, line) => rows.push({ fields, line }));
  return rows;
}

function readExamples(
  rows: readonly Row[],
  file: string,
  warnings: Warnings,
): { names: string[]; labels: string[]; lines: number[] } {
  const { image, label, numHeader } = columnsOf(rows, file);
  const examples = { names: [] as string[], labels: [] as string[], lines: [] as number[] };
  for (const { fields, line } of rows.slice(numHeader)) {
    const name = fields[image]?.trim() ?? '';
    const value = fields[label]?.trim() ?? '';
    if (name === '' || value === '') {
      warnings.add(
        'rows dropped',
        said`line ${line + 1}`,
        'an image and a label',
        said`${fields.length} columns: ${show(fields.join(','))}`,
        file,
      );
      continue;
    }
    examples.names.push(name);
    examples.labels.push(value);
    examples.lines.push(line);
  }
  tellNumbers(rows, { image, label, numHeader }, examples.names, file, warnings);
  return examples;
}

/** A box is four numbers. */
const BOX_NUMBERS = 4;
/** Rows that tell which columns hold numbers. */
const NUM_TOLD = 100;

/**
 * A table of boxes may call its columns by words that nobody knows. Four columns of numbers beside the label are
 * likely boxes where images come again, since a label table has a row an image; else they are only told.
 * @throws MiningError 'dataset' with the columns to name.
 */
function tellNumbers(
  rows: readonly Row[],
  { image, label, numHeader }: Columns,
  names: readonly string[],
  file: string,
  warnings: Warnings,
): void {
  const header = rows[0]?.fields ?? [];
  const told = rows.slice(numHeader, numHeader + NUM_TOLD);
  const isNumber = (cell: string | undefined) =>
    cell !== undefined && cell.trim() !== '' && Number.isFinite(Number(cell));
  const isOfNumbers = (column: number) => told.every(({ fields }) => isNumber(fields[column]));
  const numbers = header.filter((_, column) => column !== image && column !== label && isOfNumbers(column));
  if (numbers.length < BOX_NUMBERS) return;
  const todo = 'Columns of boxes can be named with --columns';
  if (new Set(names).size === names.length) {
    const unread = said`numbers that are not read: ${show(numbers.join(', '))}. ${todo}`;
    return warnings.add('columns of numbers', 'header', 'an image and its label', unread, file);
  }
  throw new MiningError(
    'dataset',
    'header',
    'an image and its label a row, or columns of boxes',
    show(header.join(',')),
    {
      file,
      todo,
      columns: header,
    },
  );
}

/** Indices of columns; rows before the first example. */
interface Columns {
  readonly image: number;
  readonly label: number;
  readonly numHeader: number;
}

/**
 * A first row with an image name is data: that column and the first other one. Else it is a header: columns by their
 * names, or of two columns the one whose next row names an image.
 */
function columnsOf(rows: readonly Row[], file: string): Columns {
  const first = rows[0]?.fields ?? [];
  const withImage = first.findIndex((cell) => isImageName(cell.trim()));
  if (withImage !== -1 && first.length >= 2) return { image: withImage, label: withImage === 0 ? 1 : 0, numHeader: 0 };
  const names = first.map(plainName);
  const image = indexOfFirst(names, IMAGE_COLUMNS);
  const label = indexOfFirst(names, LABEL_COLUMNS);
  if (image !== -1 && label !== -1) return { image, label, numHeader: 1 };
  const below = (rows[1]?.fields ?? []).findIndex((cell) => isImageName(cell.trim()));
  if (first.length === 2 && below !== -1) return { image: below, label: 1 - below, numHeader: 1 };
  throw new MiningError(
    'dataset',
    'header',
    'a column for the image (path, image, …) and one for the label (label, class, …)',
    show(first.join(',')),
    { file, todo: 'Columns of boxes can be named with --columns', columns: first },
  );
}
