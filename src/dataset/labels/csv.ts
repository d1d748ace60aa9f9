/** Classification data: a CSV or TSV table of image and label, RFC 4180, with a header or without. */
import path from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import { MiningError, show } from '../../core/mining-error.js';
import { tabulateExamples } from './classification.js';
import type { Dataset, AnnotationFormat } from '../dataset.js';
import { isImageName, warnOfMissing } from '../rows/image-files.js';
import { decodeText, isFolder, peek, readBytes, sha256 } from '../rows/text-files.js';
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
const MAX_CSV_BYTES = 2 ** 28;

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
    const lines = (await peek(location, 8192)).split(/\r\n|\n|\r/).slice(0, 5);
    return lines.some((line) => line.split(/[,;\t]/).some((cell) => isImageName(cell.replaceAll('"', '').trim())));
  },

  async read(location, options): Promise<Dataset> {
    const file = path.resolve(location);
    const root = options.images === undefined ? path.dirname(file) : path.resolve(options.images);
    if (!(await isFolder(root))) throw new MiningError('dataset', 'images', 'a folder', 'none', { file: root });
    const bytes = await readBytes(file, MAX_CSV_BYTES);
    const warnings = new Warnings();
    const { names, labels, lines } = readExamples(parseRows(bytes, file), file, warnings);
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

function isTableName(name: string): boolean {
  return /\.(csv|tsv)$/i.test(name);
}

/** For a menu, where many tables are of something else: a column that is called so, or no header and nothing else. */
function isTableOfLabels(head: string): boolean {
  const cellsOf = (line: string) => line.split(/[,;\t]/).map((cell) => cell.replaceAll('"', '').trim());
  const [first = [], second = []] = head.split(/\r\n|\n|\r/, 2).map(cellsOf);
  const hasLabel = indexOfFirst(first.map(plainName), LABEL_COLUMNS) !== -1 && second.some(isImageName);
  return hasLabel || (first.length === 2 && first.some(isImageName));
}

/** @throws MiningError 'dataset' with the line where a quote is broken. */
function parseRows(bytes: Buffer, file: string): Row[] {
  const text = decodeText(bytes, file);
  try {
    const options = {
      delimiter: delimiterOf(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      skip_empty_lines: true,
      info: true,
    };
    const records: unknown = parse(text, options);
    return withLines(records as { record: string[]; info: { bytes: number } }[], Buffer.from(text));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const where = typeof error['lines'] === 'number' ? `line ${error['lines']}` : 'table';
    throw new MiningError('dataset', where, 'CSV by RFC 4180', show(error.message, 120), { file });
  }
}

/** Of comma, semicolon and tab the one that stands most often in the first line. */
function delimiterOf(text: string): string {
  const end = text.search(/[\r\n]/);
  const first = text.slice(0, Math.min(end === -1 ? text.length : end, 4096));
  const counts = [',', ';', '\t'].map((delimiter) => ({ delimiter, count: first.split(delimiter).length }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** The parser counts a CRLF inside quotes as two lines, so lines are counted here from the byte where a row ends. */
function withLines(records: readonly { record: string[]; info: { bytes: number } }[], bytes: Uint8Array): Row[] {
  let at = 0;
  let line = 0;
  const stepTo = (end: number) => {
    for (; at < end; at++) if (bytes[at] === 0x0a || (bytes[at] === 0x0d && bytes[at + 1] !== 0x0a)) line++;
  };
  return records.map(({ record, info }) => {
    let start = at;
    while (bytes[start] === 0x0a || bytes[start] === 0x0d) start++;
    stepTo(start);
    const row = { fields: record, line };
    stepTo(info.bytes);
    return row;
  });
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
        `line ${line + 1}`,
        'an image and a label',
        `${fields.length} columns: ${show(fields.join(','))}`,
        file,
      );
      continue;
    }
    examples.names.push(name);
    examples.labels.push(value);
    examples.lines.push(line);
  }
  return examples;
}

/**
 * A first row with an image name is data: that column and the first other one. Else it is a header: columns by their
 * names, or of two columns the one whose next row names an image.
 */
function columnsOf(rows: readonly Row[], file: string): { image: number; label: number; numHeader: number } {
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
    { file },
  );
}

function plainName(cell: string): string {
  return cell.toLowerCase().replace(/[\s_-]/g, '');
}

function indexOfFirst(names: readonly string[], wanted: readonly string[]): number {
  return names.indexOf(wanted.find((name) => names.includes(name)) ?? '\0');
}
